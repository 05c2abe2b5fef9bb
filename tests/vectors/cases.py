"""The searches that the vectors ask, by what they are about."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from services.index.columns import FACTS
from services.listing import ListedService
from services.vocabulary import Kind
from tests.vectors.world import NOW, TOWNS, Town

Case = tuple[str, dict[str, Any]]
KINDS = [kind.value for kind in Kind]
MODES = ("walk", "transit", "drive")
PLAIN: dict[str, Any] = {
    "kinds": [],
    "mode": "transit",
    "open_now": False,
    "available_only": False,
    "max_km": None,
    "access": {},
    "strict": False,
    "limit": 6,
    "offset": 0,
}
AROUND = (-3600, -60, -1, 0, 1, 60, 3600)  # seconds
CHANGES = (dt.date(2026, 11, 1), dt.date(2027, 3, 14))  # of the clocks
HOLIDAYS = (
    *(dt.date(2026, 11, 11), dt.date(2026, 11, 26), dt.date(2026, 12, 25)),
    *(dt.date(2026, 12, 26), dt.date(2027, 1, 1), dt.date(2027, 2, 15), dt.date(2027, 5, 24)),
)


def cases_of(services: Sequence[ListedService]) -> list[Case]:
    """All cases, each with a name of its own."""
    dice = random.Random(7)
    about = {
        "anywhere": _anywhere(dice),
        "midnight": _midnights(dice),
        "clocks change": _changes_of_clocks(dice),
        "holiday": _holidays(dice),
        "office hours": _office_hours(dice),
        "expiry": _ends(services, "expires_at"),
        "closing": _ends(services, "closed_until"),
        "evidence of the future": _early(services),
        "arrival": _arrivals(services),
        "ties": _ties(services),
        "without a point": _elsewhere(dice),
        "fact": _facts(dice),
        "filters": _filters(dice),
        "relaxing": _relaxing(dice),
        "pages": _pages(dice),
        "later": _later(dice),
    }
    return [
        (f"{name} {number}", PLAIN | search)
        for name, searches in about.items()
        for number, search in enumerate(searches, 1)
    ]


def _place(dice: random.Random, town: Town | None = None) -> dict[str, float]:
    town, spread = town or dice.choice(TOWNS), dice.choice([0.01, 0.2])
    lat, lon = town.lat + dice.gauss(0, spread), town.lon + dice.gauss(0, spread)
    return {"lat": round(lat, 5), "lon": round(lon, 5)}


def _local(town: Town, day: dt.date, hour: int = 0, minute: int = 0) -> float:
    at = dt.time(hour, minute, tzinfo=ZoneInfo(town.zone))
    return dt.datetime.combine(day, at).timestamp()


def _anywhere(dice: random.Random) -> Iterator[dict[str, Any]]:
    for _ in range(60):
        at = NOW.timestamp() + dice.randint(-5 * 86_400, 5 * 86_400) + dice.choice([0, 0.25])
        kinds = dice.sample(KINDS, dice.choice([0, 1, 1, 3]))
        yield {**_place(dice), "at": at, "kinds": kinds, "mode": dice.choice(MODES)}


def _midnights(dice: random.Random) -> Iterator[dict[str, Any]]:
    for town, after in itertools.product(TOWNS, AROUND):
        at = _local(town, dt.date(2026, 11, 21)) + after
        yield {**_place(dice, town), "at": at, "open_now": dice.random() < 0.5, "mode": "drive"}


def _changes_of_clocks(dice: random.Random) -> Iterator[dict[str, Any]]:
    hours = (-30, -2, 0, 1, 1.5, 2, 2.5, 3, 4.2, 23, 24.5)
    for town, day, hour in itertools.product(TOWNS[::2], CHANGES, hours):
        at = _local(town, day) + hour * 3600
        yield {**_place(dice, town), "at": at, "open_now": dice.random() < 0.3, "mode": "drive"}


def _holidays(dice: random.Random) -> Iterator[dict[str, Any]]:
    for town, day in itertools.product(TOWNS[::2], HOLIDAYS):
        yield {**_place(dice, town), "at": _local(town, day, 11, 30), "mode": dice.choice(MODES)}


def _office_hours(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Friday and Saturday, as doors of unknown hours may open and close."""
    for town, hour, after in itertools.product((TOWNS[0], TOWNS[3]), (9, 17, 33), (-1, 0)):
        at = _local(town, dt.date(2026, 11, 20)) + hour * 3600 + after
        yield {**_place(dice, town), "at": at}


def _ends(services: Sequence[ListedService], what: str) -> Iterator[dict[str, Any]]:
    """To the second when a word expires, or a closing ends, beside the service it is about."""
    about = [one for one in services if one.point and getattr(one.word, what)]
    for service, after in itertools.product(about[:8], (-1, -0.5, 0, 1)):
        at = getattr(service.word, what).timestamp() + after
        yield {**_at(service), "at": at, "kinds": [service.kind.value], "available_only": True}


def _early(services: Sequence[ListedService]) -> Iterator[dict[str, Any]]:
    about = [one for one in services if one.point and one.word.evidence_at]
    for service in about[:8]:
        at = service.word.evidence_at.timestamp() - 100  # type: ignore[union-attr]
        yield {**_at(service), "at": at, "kinds": [service.kind.value]}


def _arrivals(services: Sequence[ListedService]) -> Iterator[dict[str, Any]]:
    """About when a door closes or opens: at the door, and some minutes away."""
    about = [one for one in services if one.point and one.care_schedule()]
    for service, away in itertools.product(about[:40:3], (0.0, 0.004)):
        schedule = service.care_schedule()
        openings = schedule.openings(NOW, NOW + dt.timedelta(days=6)) if schedule else []
        for minutes in (-20, -15, -14.99, 0) if openings else ():
            at = openings[0][1].timestamp() + minutes * 60
            place = {**_at(service), "lat": round(_at(service)["lat"] + away, 6)}
            yield {**place, "at": at, "kinds": [service.kind.value], "limit": 3}


def _at(service: ListedService) -> dict[str, float]:
    lat, lon = service.point or (0.0, 0.0)
    return {"lat": lat, "lon": lon}


def _ties(services: Sequence[ListedService]) -> Iterator[dict[str, Any]]:
    """At sites with services that nothing but their ids tells apart."""
    twins: dict[tuple[str, Kind], list[ListedService]] = {}
    for one in services:
        twins.setdefault((one.properties["site"]["id"], one.kind), []).append(one)
    alike = [some[0] for some in twins.values() if len(some) > 1 and some[0].point]
    for service in alike[:15]:
        yield {**_at(service), "at": NOW.timestamp(), "kinds": [service.kind.value], "limit": 4}


def _elsewhere(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Where areas meet, far from any town, and on the other side of the date line."""
    spots = ((39.94, -75.14), (40.3, -75.4), (60.0, -100.0), (34.9, -109.9), (52.0, 179.5))
    for (lat, lon), kind in itertools.product(spots, KINDS[::2]):
        wish = {"strict": dice.random() < 0.3, "max_km": dice.choice([None, 300])}
        yield {"lat": lat, "lon": lon, "at": NOW.timestamp(), "kinds": [kind], **wish}


def _facts(dice: random.Random) -> Iterator[dict[str, Any]]:
    for fact, wanted in itertools.product(FACTS, (True, False)):
        wish = {"access": {fact: wanted}, "strict": dice.random() < 0.5, "limit": 4}
        yield {**_place(dice), "at": NOW.timestamp(), **wish}


def _filters(dice: random.Random) -> Iterator[dict[str, Any]]:
    for open_now, available_only, strict, max_km in itertools.product(
        (False, True), (False, True), (False, True), (None, 2.5, 40)
    ):
        wish = {"open_now": open_now, "available_only": available_only, "strict": strict}
        access = {fact: dice.random() < 0.5 for fact in dice.sample(FACTS, 2)}
        at = NOW.timestamp() + dice.randint(-86_400, 86_400)
        yield {**_place(dice), "at": at, "max_km": max_km, "access": access, **wish, "limit": 4}


def _relaxing(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Wishes that nothing meets together."""
    for number in range(40):
        access = {fact: dice.random() < 0.5 for fact in dice.sample(FACTS, number % 5)}
        wish = {"strict": True, "open_now": number % 3 == 0, "available_only": number % 2 == 0}
        place = {"lat": dice.choice([-40.0, 10.5, 70.0]), "lon": dice.choice([-120.0, 0.0, 179.9])}
        at = NOW.timestamp() + dice.randint(0, 86_400)
        kinds = ([], ["drug_checking"], ["safer_supply"], dice.sample(KINDS, 1))[number // 10]
        some = {"kinds": kinds, "max_km": 0.5, "access": access}
        yield {**(place if number % 4 else _place(dice)), "at": at, **wish, **some, "limit": 4}


def _pages(dice: random.Random) -> Iterator[dict[str, Any]]:
    place = _place(dice, TOWNS[0])
    for offset in (0, 1, 5, 30, 400):
        yield {**place, "at": NOW.timestamp(), "offset": offset, "limit": 5}


def _later(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Half a year around, when all that was reported has faded."""
    for days in range(-20, 190, 14):
        yield {**_place(dice), "at": NOW.timestamp() + days * 86_400, "mode": dice.choice(MODES)}
