"""A small world without a database: services of three regions, the same in every run."""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.hours import Days, Schedule, schedule_of
from services.listing import ListedService
from services.told import Word
from services.vocabulary import (
    ACCESS_FACTS,
    Availability,
    Delivery,
    Kind,
    LocationAccuracy,
    Reporter,
    Visibility,
    low_barrier,
)

# Hours of pack files are told from two days before their day to 120 days after it: both changes of
# the clocks of this winter lie between, and every holiday of it.
DAY = dt.date(2026, 10, 25)
SPANS = (DAY, DAY + dt.timedelta(days=120))  # one pack after the other
NOW = dt.datetime(2026, 11, 23, 16, 59, tzinfo=dt.UTC)

Area = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Town:
    """Where people live, and search."""

    name: str
    lat: float
    lon: float
    country: str
    region: str
    zone: str

    @property
    def area(self) -> Area:
        """Country and region."""
        return self.country, self.region


TOWNS = (
    Town("Philadelphia", 39.9526, -75.1652, "US", "PA", "America/New_York"),
    Town("Pittsburgh", 40.4406, -79.9959, "US", "PA", "America/New_York"),
    Town("Camden", 39.9259, -75.1196, "US", "NJ", "America/New_York"),
    Town("St. John's", 47.5615, -52.7126, "CA", "NL", "America/St_Johns"),
    Town("Corner Brook", 48.9490, -57.9503, "CA", "NL", "America/St_Johns"),
    Town("Phoenix", 33.4484, -112.0740, "US", "AZ", "America/Phoenix"),
    Town("Window Rock", 35.6806, -109.0526, "US", "AZ", "America/Denver"),
    Town("Adak", 51.8800, -176.6581, "US", "AK", "America/Adak"),
)
REGIONS: dict[str, tuple[Area, ...]] = {
    "US-NJ.US-PA": (("US", "NJ"), ("US", "PA"), ("US", "")),
    "CA-NL": (("CA", "NL"), ("CA", "")),
    "US-AK.US-AZ": (("US", "AK"), ("US", "AZ")),
}

RULES = (
    "24/7",
    "Mo-Fr 09:00-17:00",
    "Mo-Fr 09:00-17:00; PH off",
    "Mo-Fr 08:00-12:00,13:00-16:30; Sa 10:00-14:00; PH off",
    "Mo-Su 22:00-02:00",
    "Fr,Sa 20:00-24:00; Sa,Su 00:00-04:00",
    "Su 00:30-03:30",
    "Mo-Su 01:15-02:45,05:00-05:10",
    "Th 10:00-10:10",
    "We[1] 10:00-14:00",
    "Mo 12:00-12:14; Mo 12:30-12:50",
    "PH 11:00-13:00; Mo,We 06:00-07:30",
    "Nov 20-Dec 05 Mo-Su 10:00-12:00",
    "Mo-Su 00:00-24:00; PH 10:00-12:00",
)
# There is no safer supply: a search for it gives up the kind. And there is no drug checking on the
# map: a search for it elsewhere gives up the area.
EVERYWHERE = tuple(kind for kind in Kind if kind != Kind.SAFER_SUPPLY)
ON_THE_MAP = tuple(kind for kind in EVERYWHERE if kind != Kind.DRUG_CHECKING)

BY_APPOINTMENT = '"by appointment"'  # published, and no hours to count on
EXCEPTIONS: tuple[tuple[Days, ...], ...] = (
    (),
    (),
    (),
    (Days(dt.date(2026, 11, 23), dt.date(2026, 11, 24), ""),),
    (Days(dt.date(2026, 12, 24), dt.date(2027, 1, 2), "10:00-12:00, 13:00-15:00"),),
    (Days(dt.date(2026, 11, 1), dt.date(2026, 11, 1), "00:00-24:00"),),
)


def the_services(count: int, seed: int = 42) -> list[ListedService]:
    """So many services at fewer sites, drawn with a seed."""
    dice = random.Random(seed)
    found: list[ListedService] = []
    while len(found) < count:
        found += list(_at_a_site(dice))[: count - len(found)]
    return found


def _at_a_site(dice: random.Random) -> Iterator[ListedService]:
    town = dice.choice(TOWNS)
    site = _site(dice, town)
    area = (town.country, dice.choice([town.region, town.region, ""]))
    visibility, remote = site["visibility"], site["delivery"] == Delivery.REMOTE
    point = None
    if not remote and visibility != Visibility.PHONE_ONLY:
        point = _near(dice, town)
    else:
        site["region"] = area[1]
    twins = dice.random() < 0.15  # nothing but their ids tells them apart
    for _ in range(dice.choice([1, 1, 2, 3])):
        one = _service(dice, site, point, None if point else area)
        yield one
        if twins:
            yield one._replace(id=_an_id(dice))


def _near(dice: random.Random, town: Town) -> tuple[float, float]:
    spread = dice.choice([0.01, 0.1, 0.6])
    lon = town.lon + dice.gauss(0, spread)
    lon = (lon + 180) % 360 - 180  # across the date line from Adak
    return round(town.lat + dice.gauss(0, spread), 6), round(lon, 6)


def _an_id(dice: random.Random) -> uuid.UUID:
    return uuid.UUID(int=dice.getrandbits(128), version=4)


def _site(dice: random.Random, town: Town) -> dict[str, Any]:
    number = dice.randrange(1000)
    visibility = dice.choices(list(Visibility), [8, 2, 1])[0]
    public = visibility == Visibility.PUBLIC
    accuracy = LocationAccuracy.ROOFTOP if public else LocationAccuracy.APPROXIMATE
    return {
        "id": str(_an_id(dice)),
        "name": f"Site {number}",
        "address": f"{number} Main St" if public else None,
        "city": None if visibility == Visibility.PHONE_ONLY else town.name,
        "region": town.region,
        "postal_code": "00000" if public else None,
        "country": town.country,
        "phones": [{"number": "+12155550100", "extension": None, "label": ""}],
        "website": None,
        "time_zone": town.zone,
        "visibility": visibility.value,
        "location_accuracy": accuracy.value,
        "delivery": dice.choices(list(Delivery), [8, 1, 1])[0].value,
        "naltrexone": False,
        "confirmed_at": None,
    }


def _service(
    dice: random.Random,
    site: dict[str, Any],
    point: tuple[float, float] | None,
    area: Area | None,
) -> ListedService:
    kind = dice.choice(list(ON_THE_MAP if point else EVERYWHERE))
    facts = dice.sample(list(ACCESS_FACTS), dice.randint(0, 12))
    if dice.random() < 0.3:
        facts = ["walk_in", "same_day_start", "id_required", "abstinence_required"]
    access = {fact: dice.random() < 0.5 for fact in facts}
    schedules = _schedules(dice, site)
    return ListedService(
        id=_an_id(dice),
        kind=kind,
        point=point,
        area=area,
        remote=site["delivery"] == Delivery.REMOTE,
        time_zone=site["time_zone"],
        access=access,
        properties=_properties(kind, site, access),
        windows={type_: one.rule for type_, one in schedules.items() if one},
        schedules=schedules,
        word=a_word(dice),
    )


def _schedules(dice: random.Random, site: dict[str, Any]) -> dict[str, Schedule | None]:
    """None, or the hours of one type or several; unknown where they would be a guess."""
    types = dice.choice([[], ["open"], ["open"], ["open", "intake"], ["intake"], ["dosing"]])
    place = {"time_zone": site["time_zone"], "country": site["country"]}
    return {
        type_: schedule_of(dice.choice([*RULES, BY_APPOINTMENT]), dice.choice(EXCEPTIONS), **place)
        for type_ in types
    }


def _properties(kind: Kind, site: dict[str, Any], access: dict[str, bool]) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "name": site["name"],
        "organization": "An organization",
        "organization_id": "00000000-0000-4000-8000-000000000001",
        "description": "",
        "site": site,
        "hours_as_published": {},
        "access": access | {"low_barrier": low_barrier(access)},
        "languages": [],
        "min_age": None,
        "max_age": None,
        "asam": {"levels": [], "edition": ""},
        "moud_policy": {"methadone": "unknown", "buprenorphine": "unknown"},
        "unit": "bed",
        "confirmed_at": None,
        "sources": [],
    }


def a_word(dice: random.Random) -> Word:
    """What was reported of a service, if anything was."""
    state = dice.choice(list(Availability))
    at = NOW - dt.timedelta(seconds=dice.randint(0, 60 * 3600))
    if state == Availability.UNKNOWN:
        return Word(state.value, None, None, "", None, None, "", False, 0.0, 0.0, None)
    closed = dice.random() < 0.1
    return Word(
        state=state.value,
        remaining=dice.choice([None, 2, 4]) if state == Availability.AVAILABLE else None,
        wait_days=3 if state == Availability.WAITLIST else None,
        note="",
        as_of=at,
        expires_at=at + dt.timedelta(hours=dice.choice([2, 24, 72])),
        reported_by=dice.choice([Reporter.CLINIC_STAFF, Reporter.OUTREACH]).value,
        disputed=dice.random() < 0.1,
        evidence_for=round(dice.choice([0.0, 0.5, dice.uniform(0, 9)]), 3),
        evidence_against=round(dice.choice([0.0, dice.uniform(0, 9)]), 3),
        evidence_at=at,
        closed_at=at if closed else None,
        closed_until=NOW + dt.timedelta(minutes=dice.randint(-5, 90)) if closed else None,
        closed_by=Reporter.CLINIC_STAFF.value if closed else "",
        long_run_chance=dice.choice([None, None, round(dice.uniform(0.02, 0.98), 6)]),
    )
