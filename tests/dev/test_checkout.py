from pathlib import Path

import pytest
from checkout import LONGEST_SOCKET_PATH, POSTGRES_SOCKET, Checkout, checkout_here
from refusal import Refusal


def socket_length(checkout: Checkout) -> int:
    return len(bytes(checkout.sockets / POSTGRES_SOCKET))


def test_data_lies_in_the_checkout() -> None:
    checkout = checkout_here({}, root=Path("/somewhere"))
    assert checkout.data == Path("/somewhere/.local")


def test_data_lies_where_locator_home_says() -> None:
    checkout = checkout_here({"LOCATOR_HOME": "/elsewhere"}, root=Path("/somewhere"))
    assert checkout.data == Path("/elsewhere")


def test_a_relative_home_is_refused() -> None:
    with pytest.raises(Refusal, match="absolute"):
        checkout_here({"LOCATOR_HOME": "data"})


def test_sockets_lie_beside_the_data_when_the_path_is_short() -> None:
    checkout = Checkout(root=Path("/c"), data=Path("/c/.local"))
    checkout.__dict__["servers"] = Path("/c/.local/servers")
    assert checkout.sockets == Path("/c/.local/servers/run")


@pytest.mark.parametrize("depth", range(40, 120, 7))
def test_a_socket_path_is_never_too_long(depth: int) -> None:
    deep = Path("/" + "é" * (depth // 2))
    checkout = Checkout(root=deep, data=deep)
    checkout.__dict__["servers"] = deep / "servers"
    assert socket_length(checkout) <= LONGEST_SOCKET_PATH


def test_two_checkouts_never_share_sockets() -> None:
    long = "x" * 120
    one, other = (Checkout(root=Path("/"), data=Path(f"/{long}/{n}")) for n in "ab")
    for checkout in (one, other):
        checkout.__dict__["servers"] = checkout.data
    assert one.sockets != other.sockets
