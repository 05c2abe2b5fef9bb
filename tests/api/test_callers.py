"""Who calls: what proxies of ours say, and nothing that a caller says."""

from typing import Any

import pytest
from django.test import RequestFactory

from api.callers import caller_of

PROXY = "172.31.250.2"


@pytest.fixture(autouse=True)
def _one_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["172.31.250.0/28", "2001:db8:ffff::/64"]


def caller(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return caller_of(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("remote", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_caller_is_a_network(remote: str, network: str) -> None:
    assert caller(remote) == network


@pytest.mark.parametrize("spoofed", ["198.51.100.1", "172.31.250.2", "a, b", "", "," * 9_000])
def test_a_caller_without_a_proxy_gains_nothing_by_a_header(spoofed: str) -> None:
    assert caller("203.0.113.7", spoofed) == "203.0.113.7/32"


@pytest.mark.parametrize(
    "before",
    ["", "198.51.100.1, ", "198.51.100.1, 172.31.250.3, ", "nonsense, ", "::1, ", "1," * 9_000],
)
def test_behind_our_proxy_the_last_hop_it_saw_counts(before: str) -> None:
    assert caller(PROXY, before + "203.0.113.7") == "203.0.113.7/32"
    assert caller("::ffff:" + PROXY, before + "203.0.113.7") == "203.0.113.7/32"
    assert caller(PROXY, before + "203.0.113.7, 172.31.250.4") == "203.0.113.7/32"
    assert caller("2001:db8:ffff::1", before + "2001:db8:1:2::3") == "2001:db8:1:2::/64"


def test_a_proxy_that_says_nothing_usable_is_the_caller_itself() -> None:
    assert caller(PROXY) == caller(PROXY, "unknown") == PROXY + "/32"


def test_a_proxy_on_a_socket_is_believed_only_if_settings_say_so(settings: Any) -> None:
    assert caller("", "203.0.113.7") == ""
    settings.TRUSTED_PROXIES = ["unix"]
    assert caller("", "198.51.100.1, 203.0.113.7") == "203.0.113.7/32"
    assert caller("203.0.113.9", "203.0.113.7") == "203.0.113.9/32"
