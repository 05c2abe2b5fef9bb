"""Hours told to a phone are those of the schedule, whatever the clocks do."""

import datetime as dt

import pytest

from services.hours import Schedule
from services.packs.hours import TOLD_AFTER, TOLD_BEFORE, Plan, midnight, offsets_of, plan_of

DAYS = (dt.date(2026, 2, 20), dt.date(2026, 9, 1), dt.date(2026, 12, 20))
ZONES = ("America/New_York", "America/St_Johns", "America/Phoenix", "America/Puerto_Rico")
RULES = (
    "24/7",
    "Mo-Fr 09:00-17:00",
    "Mo-Fr 09:00-12:00,13:00-17:00; PH off",
    "Mo-Su 22:00-06:00",
    "Sa,Su 00:30-03:30",
    "Mo[1] 10:00-12:00",
    "Mo-Fr 08:00-24:00; 2026 Nov 26-2026 Nov 27 10:00-11:00; 2026 Dec 24 off",
    "Mo-Fr 05:30-11:45; Sa 06:00-09:00; PH 07:00-09:00",
)


def openings_of(plan: Plan, zone: str, first: dt.date, last: dt.date) -> list[tuple[float, float]]:
    """As a phone reads them."""
    found: list[tuple[float, float]] = []
    for n in range((last - first).days):
        date = first + dt.timedelta(days=n)
        start = midnight(date, zone)
        for begins, ends in plan.days.get(date.isoformat(), plan.week[date.weekday()]):
            opens, closes = start + begins * 60, start + ends * 60
            if found and found[-1][1] >= opens:
                opens = found.pop()[0]
            found.append((opens, closes))
    return found


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", RULES)
def test_a_plan_opens_when_the_schedule_does(rule: str, zone: str, day: dt.date) -> None:
    schedule = Schedule(rule, zone, "US")
    first = day - dt.timedelta(days=TOLD_BEFORE)
    last = day + dt.timedelta(days=TOLD_AFTER)
    bounds = [dt.datetime.fromtimestamp(midnight(date, zone), dt.UTC) for date in (first, last)]
    told = [(opens.timestamp(), closes.timestamp()) for opens, closes in schedule.openings(*bounds)]
    assert openings_of(plan_of(schedule, day), zone, first, last) == told


def test_a_usual_week_needs_few_days_of_its_own() -> None:
    plan = plan_of(Schedule("Mo-Fr 09:00-17:00; PH off", "America/New_York", "US"), DAYS[1])
    assert plan.week == (((540, 1020),),) * 5 + ((), ())
    assert set(plan.days) == {
        "2026-09-07",  # Labor Day
        "2026-11-01",  # clocks go back
        "2026-11-11",  # Veterans Day
        "2026-11-26",  # Thanksgiving
        "2026-12-25",  # Christmas
    }


def test_never_open_is_empty() -> None:
    plan = plan_of(Schedule("off", "America/New_York", "US"), DAYS[0])
    assert plan == Plan(((),) * 7, {})


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_tell_the_local_time(zone: str) -> None:
    from zoneinfo import ZoneInfo

    day = dt.date(2026, 9, 1)
    offsets = offsets_of(zone, day)
    start = int(midnight(day - dt.timedelta(days=TOLD_BEFORE), zone))
    for second in range(start, start + TOLD_AFTER * 86_400, 1_800):
        ahead = next(minutes for since, minutes in reversed(offsets) if since <= second)
        local = dt.datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset()
        assert local == dt.timedelta(minutes=ahead)
