"""The mix of questions: 36 cells, each with its own searchers."""

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from services.search import Search
from services.vocabulary import Kind
from tests.bench.towns import ZONE, LatLon, searchers

DENSITIES = ("dense", "suburban", "rural")
FILTERS: dict[str, dict[str, Any]] = {
    "all kinds": {},
    "one kind": {"kinds": (Kind.METHADONE,)},
    "selective": {"access": {"asl": True, "pets": True}, "strict": True},  # 0.6 % of the services
}
HOURS = {"day": dt.time(11, 0), "night": dt.time(23, 30)}  # where the searchers are
LIMITS = (20, 100)
SEARCHERS = 200


def nearest(hour: str, now: dt.datetime) -> dt.datetime:
    """The moment nearest to ``now`` at which it is that hour."""
    local = now.astimezone(ZoneInfo(ZONE))
    days = (local.date() + dt.timedelta(days=days) for days in (-1, 0, 1))
    moments = (dt.datetime.combine(d, HOURS[hour], local.tzinfo) for d in days)
    return min(moments, key=lambda moment: abs(moment - local)).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Cell:
    """One sort of question."""

    density: str
    filters: str
    hour: str
    limit: int

    def __str__(self) -> str:
        return f"{self.density}, {self.filters}, {self.hour}, {self.limit}"

    def at(self, now: dt.datetime) -> dt.datetime:
        """The moment nearest to ``now`` at which it is that hour."""
        return nearest(self.hour, now)

    def searches(self, count: int = SEARCHERS) -> list[Search]:
        """As many searches as there are searchers; the same in every run."""
        wishes = FILTERS[self.filters]
        return [
            Search(lat=lat, lon=lon, limit=self.limit, **wishes)
            for lat, lon in searchers(self.density, count)
        ]

    def bodies(self, count: int = SEARCHERS) -> list[dict[str, Any]]:
        """The same as bodies of requests, about the time they arrive."""
        wishes = FILTERS[self.filters]
        return [body_of(place, self.limit, wishes) for place in searchers(self.density, count)]


def body_of(place: LatLon, limit: int, wishes: dict[str, Any]) -> dict[str, Any]:
    """A search as it is sent to the API."""
    kinds = {"kinds": [kind.value for kind in wishes["kinds"]]} if "kinds" in wishes else {}
    return {"lat": place[0], "lon": place[1], "limit": limit, **wishes, **kinds}


# Questions about one hour stand together: what is worked out once a minute for all of them is
# worked out once, as in production, where everybody asks about now.
CELLS = [
    Cell(density, filters, hour, limit)
    for hour, density, filters, limit in itertools.product(HOURS, DENSITIES, FILTERS, LIMITS)
]
