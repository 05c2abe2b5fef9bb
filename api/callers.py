"""Who calls, for limits alone: an address is looked at in memory and never kept, logged or told."""

import functools
import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SOCKET = "unix"  # in TRUSTED_PROXIES: whoever reaches the server through its own socket
HOME = 64  # bits of an IPv6 address that a home or a phone has to itself
MOST_HOPS = 20


def caller_of(request: HttpRequest) -> str:
    """The network that calls: an IPv4 address, or the first half of an IPv6 address.

    ``X-Forwarded-For`` counts only as far as proxies of ours wrote it: its last entry is what the
    nearest one saw, and whatever a caller put before that is not believed. Callers without an
    address are all the same caller.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-MOST_HOPS:]
    hop = request.META.get("REMOTE_ADDR", "")
    caller = _address(hop)
    trusted = SOCKET in settings.TRUSTED_PROXIES if hop == "" else _is_ours(caller)
    while trusted and hops and (before := _address(hops.pop())) is not None:
        caller, trusted = before, _is_ours(before)
    return "" if caller is None else _network(caller)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: Address) -> str:
    bits = 32 if address.version == 4 else HOME  # noqa: PLR2004
    return str(ipaddress.ip_network((address, bits), strict=False))


def _is_ours(address: Address | None) -> bool:
    if address is None:
        return False
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@functools.cache
def _networks(texts: tuple[str, ...]) -> list[Network]:
    return [ipaddress.ip_network(text) for text in texts if text != SOCKET]
