"""The Colorado rule on reporting every day, as pure functions of days on a site's own clock.

Colorado has facilities update their capacity every day. Its statute on the behavioral health
capacity tracking system, C.R.S. 27-60-104.5 (2)(a), speaks of consistent noncompliance when the
daily update was not made on two or more consecutive days, or on five or more days in a month.

What is counted here, service by service:

- A day is a date on the clock of the site. It counts once it is over: today never does.
- The last 30 such days stand for the month, so that nothing is forgiven on the first of one.
- A day is reported if a report that stands was observed on it, by staff, outreach or a feed.
- Nothing is expected before the day of a service's first report. A service that never had one is
  never reported, which is another thing than days missed.
- A day that a closing touches is excused. It parts the days around it: they are not consecutive.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

WINDOW_DAYS = 30
CONSECUTIVE_DAYS = 2
DAYS_IN_A_MONTH = 5

ONE_DAY = dt.timedelta(days=1)
INSTANT = dt.timedelta(microseconds=1)


def days_of(moments: Iterable[dt.datetime], time_zone: str) -> set[dt.date]:
    """The dates of moments on the clock of a place."""
    zone = ZoneInfo(time_zone)
    return {moment.astimezone(zone).date() for moment in moments}


def days_closed(since: dt.datetime, until: dt.datetime, time_zone: str) -> set[dt.date]:
    """The dates that a closing touches; one that ends at midnight does not touch the next day."""
    zone = ZoneInfo(time_zone)
    first = since.astimezone(zone).date()
    last = (until - INSTANT).astimezone(zone).date()
    return {first + n * ONE_DAY for n in range((last - first).days + 1)}


def days_missed(
    reported: Collection[dt.date], *, excused: Collection[dt.date] = (), today: dt.date
) -> list[dt.date]:
    """The days on which a report was due and none came, in order.

    Args:
        reported: days with a report, from the very first on.
        excused: days that a closing touches.
        today: on the site's clock; it is not over and so not counted.
    """
    if not reported:
        return []
    first = max(min(reported), today - WINDOW_DAYS * ONE_DAY)
    due = (first + n * ONE_DAY for n in range((today - first).days))
    return [day for day in due if day not in reported and day not in excused]


def complies(missed: Collection[dt.date]) -> bool:
    """Whether a service with these missed days keeps the rule."""
    days = set(missed)
    in_a_row = any(all(day + n * ONE_DAY in days for n in range(CONSECUTIVE_DAYS)) for day in days)
    return not in_a_row and len(days) < DAYS_IN_A_MONTH
