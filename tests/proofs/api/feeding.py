"""Puts what exists in the place of some of what was made up, so that requests get somewhere.

What is made up fits the document (or, on purpose, does not), but names nothing there is: all would
end as 404, or at the first unknown kind of service.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from schemathesis.core.parameters import ParameterLocation

from services.vocabulary import Kind
from tests.proofs.api.made import AnyCase
from tests.proofs.api.world import PASSWORD, Known

MOSTLY, OFTEN, SELDOM = 0.9, 0.6, 0.2  # chances
BROKEN = (
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer hrl_" + "0" * 64,
    "Bearer " + "x" * 500,
    "bearer hrl_\xff\xfe",
    "Basic cm9vdDpyb290",
    "Digest username=root",
    "hrl_" + "0" * 64,
)

Value = Callable[[Random], Any]


def _from_now(least: float, most: float) -> Value:
    """A moment so many days from now."""

    def moment(chance: Random) -> str:
        days = dt.timedelta(days=chance.uniform(least, most))
        return (dt.datetime.now(dt.UTC) + days).isoformat()

    return moment


def _one_of(*values: Any) -> Value:
    return lambda chance: chance.choice(values)


# Of fields whose value must be more than of the right form.
FIELDS: dict[str, Value] = {
    "at": _from_now(-5, 5),
    "until": _from_now(0.01, 30),
    "observed_at": _from_now(-40, 0.1),
    "since": _from_now(-1, 0),
    "lat": lambda chance: 39.95 + chance.uniform(-0.5, 0.5),
    "lon": lambda chance: -75.16 + chance.uniform(-0.5, 0.5),
    "place": _one_of("19103", "Philadelphia, PA", "Philadelphia", "Nowhere, ZZ"),
    "kinds": lambda chance: chance.sample([kind.value for kind in Kind], 3),
    "language": _one_of("en", "es", "fr-CA"),
    "email": _one_of("someone@example.org"),
    "contact_email": _one_of("desk@clinic.example"),
    "phones": _one_of([{"number": "+1 215 555 0142"}], [{"number": "988", "label": "crisis"}], []),
    "hours": _one_of({"open": "Mo-Fr 09:00-17:00"}, {"intake": None}, {"dosing": "24/7"}),
    "hours_exceptions": _one_of(
        [], [{"first_day": "2026-12-24", "last_day": "2026-12-26", "times": None}]
    ),
    "languages": _one_of(["en", "es"], []),
    "time_zone": _one_of("America/New_York", "", "America/Toronto"),
    "country": _one_of("US", "CA"),
    "region": _one_of("PA", "NJ", ""),
    "website": _one_of("https://clinic.example/", None),
    "location": _one_of({"lat": 39.9527, "lon": -75.1653}, {"lat": 40.4, "lon": -80.0}),
    "min_age": _one_of(None, 18),
    "max_age": _one_of(None, 99),
    "asam": _one_of({"levels": ["3.7-WM"], "edition": 4}, {"levels": []}),
}
QUERY: dict[str, Value] = {
    "kind": _one_of("detox", "methadone"),
    "kinds": _one_of("methadone,suboxone", "detox"),
    "region": _one_of("PA", "NJ"),
    "country": _one_of("US"),
}
OTHER_PATHS: dict[str, Value] = {
    "geohash": _one_of("dr4e", "dr4", "dr4e3", "9q8yy"),
    "z": _one_of("0", "7", "12"),
    "x": _one_of("0", "37", "1192"),
    "y": _one_of("0", "48", "1550"),
}


def _parts(case: AnyCase) -> list[tuple[ParameterLocation, Any]]:
    return list(case.meta.components.items()) if case.meta else []


@dataclass(frozen=True)
class Feeder:
    """Feeds the cases of one operation."""

    known: Known
    chance: Random

    def feed(self, case: AnyCase, role: str) -> set[ParameterLocation]:
        """Change a case in place, and seldom those parts of it that shall be refused.

        Returns:
            The parts that were changed.
        """
        parts: dict[ParameterLocation, Callable[[], None]] = {
            ParameterLocation.PATH: lambda: self._path(case, role),
            ParameterLocation.QUERY: lambda: self._query(case),
            ParameterLocation.BODY: lambda: self._body(case),
        }
        wrong = {place for place, part in _parts(case) if part.mode.is_negative}
        fed = {
            place
            for place in parts
            if self.chance.random() < (SELDOM if place in wrong else MOSTLY)
        }
        for place, part in parts.items():
            if place in fed:
                part()
        self._headers(case, role)
        return fed

    def _path(self, case: AnyCase, role: str) -> None:
        path, named = case.operation.path, case.path_parameters
        for name in named:
            if name in OTHER_PATHS:
                named[name] = OTHER_PATHS[name](self.chance)
        if "/packs/{region}/" in path:
            named["region"] = self.chance.choice(self.known.packs)[0]
        if "/tokens/{id}/" in path:
            own = self.known.devices.get(role, "")
            named["id"] = own or self.chance.choice(list(self.known.devices.values()))
        elif "id" in named:
            rows = self.known.paths[path.split("/")[3]]
            ids = rows[0] if self.chance.random() < OFTEN else self.chance.choice(rows)
            named.update({name: ids[name] for name in named})

    def _query(self, case: AnyCase) -> None:
        if case.operation.path == "/api/v1/changes/":
            region, cursor = self.chance.choice(self.known.packs)
            case.query.update(region=region, cursor=cursor)
            return
        for name in list(case.query):
            if name in ("organization", "site"):
                case.query[name] = self.known.paths[f"{name}s"][0]["id"]
            elif name == "cursor":  # ours lead on from a page, and are no more than a text
                del case.query[name]
            elif name in QUERY and self.chance.random() < MOSTLY:
                case.query[name] = QUERY[name](self.chance)

    def _body(self, case: AnyCase) -> None:
        if not isinstance(case.body, dict):
            return
        items = case.body.get("reports")
        for part in (case.body, *(items if isinstance(items, list) else [])):
            if isinstance(part, dict):
                self._fields(part)
        if case.operation.path == "/api/v1/tokens/" and self.chance.random() < OFTEN:
            case.body |= {"username": self.known.username, "password": PASSWORD}

    def _fields(self, part: dict[str, Any]) -> None:
        if {"lat", "lon"} & part.keys() and self.chance.random() < OFTEN:
            part.pop("place", None)
        for name in list(part):
            if name in FIELDS and self.chance.random() < MOSTLY:
                part[name] = FIELDS[name](self.chance)
        if "service" in part:
            part["service"] = self.chance.choice(self.known.paths["services"])["id"]
        if "username" in part and "password" not in part:  # there, tries are counted by name
            part["username"] = self.known.username
        if isinstance(part.get("id"), str):
            part["id"] = str(UUID(int=self.chance.getrandbits(128), version=4))

    def _headers(self, case: AnyCase, role: str) -> None:
        case.headers.pop("Authorization", None)
        if role == "broken":
            case.headers["Authorization"] = self.chance.choice(BROKEN)
        elif header := self.known.authorization[role]:
            case.headers["Authorization"] = header
        if "If-Match" in case.headers and self.chance.random() < MOSTLY:
            case.headers["If-Match"] = "*"
