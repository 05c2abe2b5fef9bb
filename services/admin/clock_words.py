"""Moments as people say them: “in 2 h”, “yesterday at 09:30”, on the clock of a place."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

MINUTE, HOUR = 60, 3600  # seconds
IN_MINUTES, IN_HOURS = 90 * MINUTE, 6 * HOUR  # up to which distance a moment is told so
NEAR_DAYS = 7  # a weekday names a day without doubt


def in_words(moment: dt.datetime, now: dt.datetime, time_zone: str) -> str:
    """A moment by its distance while it is near, then by day and hour on the clock of a place."""
    seconds = abs((moment - now).total_seconds())
    there = moment.astimezone(ZoneInfo(time_zone))
    days = (there.date() - now.astimezone(ZoneInfo(time_zone)).date()).days
    if seconds < MINUTE:
        return "in less than a minute" if moment > now else "just now"
    if seconds < IN_MINUTES:
        return _away(round(seconds / MINUTE), "min", past=moment <= now)
    if is_near(moment, now, time_zone):
        return _away(round(seconds / HOUR), "h", past=moment <= now)
    hour = f"at {date_format(there, 'H:i')}"
    if abs(days) == 1:
        return f"{'tomorrow' if days > 0 else 'yesterday'} {hour}"
    if abs(days) < NEAR_DAYS:
        return f"on {date_format(there, 'l')} {hour}"
    return f"on {date_format(there, 'j F Y')}"


def is_near(moment: dt.datetime, now: dt.datetime, time_zone: str) -> bool:
    """Whether words tell only how far away a moment is: it is on the same day, or hours away."""
    zone = ZoneInfo(time_zone)
    same_day = moment.astimezone(zone).date() == now.astimezone(zone).date()
    return same_day or abs((moment - now).total_seconds()) < IN_HOURS


def _away(number: int, unit: str, *, past: bool) -> str:
    return f"{number} {unit} ago" if past else f"in {number} {unit}"


def tomorrow_morning(now: dt.datetime, time_zone: str) -> str:
    """Tomorrow at eight on a place's clock, as an input of a date with a time takes it."""
    there = now.astimezone(ZoneInfo(time_zone)) + dt.timedelta(days=1)
    return f"{there:%Y-%m-%dT08:00}"
