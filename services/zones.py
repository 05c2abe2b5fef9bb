"""Time zones: which names exist, and which one a point lies in."""

import functools
import zoneinfo

import tzfpy


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def is_time_zone(name: str) -> bool:
    """Whether the IANA database has this name."""
    return name in _names()


def time_zone_at(lat: float, lon: float) -> str:
    """The IANA time zone of a point given in degrees; "Etc/GMT…" on the open sea."""
    return str(tzfpy.get_tz(lon, lat))
