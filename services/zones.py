"""Time zones: which names exist, and which one a point lies in."""

import functools
import zoneinfo

import tzfpy

OF_NO_PLACE = {"Factory", "localtime"}  # a host's own settings; the reader of hours knows neither


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - OF_NO_PLACE)


def is_time_zone(name: str) -> bool:
    """Whether the IANA database has this name for the clock of some place."""
    return name in _names()


def time_zone_at(lat: float, lon: float) -> str:
    """The IANA time zone of a point given in degrees; "Etc/GMT…" on the open sea."""
    return str(tzfpy.get_tz(lon, lat))
