"""Hours of a service: the rules, the dated exceptions, and what they mean now."""

import datetime as dt
from typing import Any

from django.contrib import admin

from services.admin.forms import HoursForm
from services.admin.shown import local_time
from services.hours import Schedule, door_state, schedule_of
from services.models import Hours, HoursException, Service

PREVIEWED = 7  # openings shown
AHEAD = dt.timedelta(days=14)


class HoursInline(admin.TabularInline[Hours, Service]):
    """Hours by type. What a feed said is kept and never interpreted."""

    model = Hours
    form = HoursForm
    extra = 0
    fields = ("type", "rule", "verbatim")
    readonly_fields = ("verbatim",)


class HoursExceptionInline(admin.TabularInline[HoursException, Service]):
    """Days on which the hours differ."""

    model = HoursException
    extra = 0
    fields = ("first_day", "last_day", "times", "reason")


def hours_document(service: Service, now: dt.datetime) -> list[dict[str, Any]]:
    """What each type of a service's hours means now, and its next openings."""
    site, exceptions = service.site, list(service.hours_exceptions.all())
    place = {"time_zone": site.time_zone, "country": site.country}
    return [
        {"type": row.get_type_display(), "rule": row.rule}
        | _meaning(schedule_of(row.rule, exceptions, **place), site.time_zone, now)
        for row in service.hours.all()
    ]


def _meaning(schedule: Schedule | None, zone: str, now: dt.datetime) -> dict[str, Any]:
    if schedule is None:
        return {"now": "Not sure: nobody is told when it is open.", "openings": []}
    door = door_state(schedule, now)
    if door.state == "open":
        until = f"until {local_time(door.closes_at, zone)}" if door.closes_at else "all the time"
        said = f"Open now, {until}"
    elif door.opens_at:
        said = f"Closed now, opens {local_time(door.opens_at, zone)}"
    else:
        said = "Closed for the next two weeks"
    openings = schedule.openings(now, now + AHEAD)[:PREVIEWED]
    return {
        "now": said,
        "openings": [f"{local_time(one, zone)} – {local_time(two, zone)}" for one, two in openings],
    }
