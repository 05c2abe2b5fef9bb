"""Listed services made in memory: no database, any number, the same for the same dice."""

import datetime as dt
import random
import uuid
from typing import Any

from services.hours import Schedule
from services.listing import ListedService
from services.told import Word
from services.vocabulary import ACCESS_FACTS, Availability, HoursType, Kind, low_barrier

NOW = dt.datetime(2026, 11, 23, 16, 59, tzinfo=dt.UTC)  # a minute before noon in Philadelphia
ZONES = ("America/New_York", "America/Denver")
AREAS = (("US", "PA"), ("US", "NJ"), ("US", ""))
RULES = ("24/7", "Mo-Fr 09:00-17:00", "Mo 12:00-12:10", "Sa,Su 22:00-23:00")


def a_word(dice: random.Random) -> Word:
    state = dice.choice(list(Availability))
    at = NOW - dt.timedelta(hours=dice.uniform(0, 60))
    closed = dice.random() < 0.1
    return Word(
        state=state,
        remaining=dice.choice([None, 0, 4]),
        wait_days=None,
        note="",
        as_of=at,
        expires_at=at + dt.timedelta(hours=dice.choice([1, 24, 72])),
        reported_by="clinic_staff",
        disputed=False,
        evidence_for=dice.choice([0.0, 0.5, 8.0]),
        evidence_against=dice.choice([0.0, 3.0, 9.0]),
        evidence_at=at,
        closed_at=at if closed else None,
        closed_until=NOW + dt.timedelta(minutes=dice.uniform(-5, 60)) if closed else None,
        closed_by="clinic_staff" if closed else "",
        long_run_chance=dice.choice([None, 0.1, 0.9]),
    )


def a_listed_service(dice: random.Random) -> ListedService:
    remote, on_map = dice.random() < 0.02, dice.random() < 0.95
    zone, rule = dice.choice(ZONES), dice.choice([None, *RULES])
    spread = dice.choice([0.05, 1.0, 5.0])
    point = (39.95 + dice.gauss(0, spread), -75.17 + dice.gauss(0, spread))
    access = {fact: dice.random() < 0.5 for fact in dice.sample(list(ACCESS_FACTS), 3)}
    area = None if on_map and not remote else dice.choice(AREAS)
    kind = dice.choice(list(Kind))
    return ListedService(
        id=uuid.UUID(int=dice.getrandbits(128)),
        kind=kind,
        point=point if area is None else None,
        area=area,
        remote=remote,
        time_zone=zone,
        access=access,
        properties=_properties(dice, kind, access, area or AREAS[0], zone),
        windows={},
        schedules={} if rule is None else {HoursType.OPEN: Schedule(rule, zone, "US")},
        word=a_word(dice),
    )


def _properties(
    dice: random.Random, kind: Kind, access: dict[str, bool], area: tuple[str, str], zone: str
) -> dict[str, Any]:
    site = {
        "id": str(uuid.UUID(int=dice.getrandbits(128))),
        "name": f"Site {dice.randrange(1000)}",
        "address": f"{dice.randrange(9999)} Market Street",
        "city": "Philadelphia",
        "region": area[1],
        "postal_code": "19106",
        "country": area[0],
        "phones": [{"number": "+12155550123", "extension": None, "label": ""}],
        "website": None,
        "time_zone": zone,
        "visibility": "public",
        "location_accuracy": "rooftop",
        "delivery": "in_person",
        "naltrexone": "unknown",
        "confirmed_at": None,
    }
    return {
        "kind": kind.value,
        "name": site["name"],
        "organization": "An organization",
        "organization_id": str(uuid.UUID(int=1)),
        "description": "",
        "site": site,
        "hours_as_published": {},
        "access": access | {"low_barrier": low_barrier(access)},
        "languages": ["en"],
        "min_age": None,
        "max_age": None,
        "asam": {"levels": [], "edition": None},
        "moud_policy": {"methadone": "unknown", "buprenorphine": "unknown"},
        "unit": "beds",
        "confirmed_at": None,
        "sources": [],
    }
