import datetime as dt

import pytest

from services.admin.clock_words import in_words

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)  # a Tuesday
SECOND, MINUTE, HOUR, DAY = (
    dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (30 * SECOND, "in less than a minute"),
        (-30 * SECOND, "just now"),
        (5 * MINUTE, "in 5 min"),
        (-89 * MINUTE, "89 min ago"),
        (2 * HOUR - SECOND, "in 2 h"),
        (-9 * HOUR, "9 h ago"),
        (13 * HOUR, "tomorrow at 01:00"),
        (-DAY, "yesterday at 12:00"),
        (3 * DAY, "on Friday at 12:00"),
        (-6 * DAY, "on Wednesday at 12:00"),
        (7 * DAY, "on 1 December 2026"),
    ],
)
def test_a_moment_is_told_as_people_say_it(away: dt.timedelta, words: str) -> None:
    assert in_words(NOON + away, NOON, "UTC") == words


def test_a_day_is_that_of_the_place() -> None:
    late = dt.datetime(2026, 11, 24, 23, tzinfo=dt.UTC)
    assert in_words(late, NOON, "Asia/Tokyo") == "tomorrow at 08:00"
    assert in_words(late, NOON, "America/New_York") == "in 11 h"


def test_hours_across_midnight_are_hours() -> None:
    night = dt.datetime(2026, 11, 24, 23, tzinfo=dt.UTC)
    assert in_words(night + 2 * HOUR, night, "UTC") == "in 2 h"
