"""Verify near me: which services an outreach worker should ask first how things are.

Ordered by the product of three numbers in [0, 1], each of them told: how stale the word is, how
much harm a wrong listing of its kind does, how close it is. All in memory: where the worker is
reaches neither the database nor any log.
"""

import datetime as dt
import math
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.claims import claims_now
from services.compiled import compiled
from services.index import live_index
from services.index.asking import Query
from services.index.columns import (
    FOUND_BY_AREA,
    HALF_LIFE_MINUTES,
    KIND_CODE,
    KINDS,
    ON_THE_MAP,
)
from services.index.hits import Around
from services.index.rendering import collection, completed
from services.models import User
from services.ranking import AREA_TRAVEL_MINUTES, SPEED_KMH, fade, travel_minutes
from services.search import Found, Search
from services.vocabulary import KIND_FACTS

NEAR_MINUTES = (
    30.0  # a way that makes a check half as worthwhile; about what a worker walks or rides
)
STEPS = 1e9  # scores are told and compared to nine decimals, so that any machine orders alike

CHECK_WEIGHT = np.array([KIND_FACTS[kind].check_weight for kind in KINDS])

# The columns of a worth.
SCORE, STALENESS, WEIGHT, CLOSENESS, TRAVEL, CHECKED_AT = range(6)


class MayNotVerifyError(Exception):
    """Only approved outreach workers and moderators check what others run."""


def check_may_verify(account: User) -> None:
    """Let outreach workers that a moderator approved, and moderators, pass.

    Raises:
        MayNotVerifyError: the account is another.
    """
    if not (account.does_outreach or account.moderates):
        raise MayNotVerifyError


@compiled
def staleness(age_minutes: float, half_life_minutes: float) -> float:
    """How much of the latest word has faded, in [0, 1]: 0 when just said, 1 when nobody ever did.

    Args:
        age_minutes: since somebody said how it is or confirmed the listing; infinite for never.
        half_life_minutes: of the kind of service; after it, half has faded.
    """
    return 1.0 - fade(age_minutes, half_life_minutes)


@compiled
def closeness(travel_minutes: float) -> float:
    """How close, in (0, 1]: 1 at the door, one half NEAR_MINUTES away."""
    return 1.0 / (1.0 + travel_minutes / NEAR_MINUTES)


@compiled
def worth_checking(staleness: float, weight: float, closeness: float) -> float:
    """The product, to nine decimals; greater is to be checked sooner."""
    return math.floor(staleness * weight * closeness * STEPS + 0.5) / STEPS


@compiled
def _checked_at(row: Any) -> float:
    """The POSIX time when somebody last said how a service is; 0 if never, or if disputed."""
    return 0.0 if row.disputed else max(row.as_of, row.confirmed_at)


@compiled
def _worths(rows: NDArray[Any], metres: NDArray[Any], at: float, speed_kmh: float) -> NDArray[Any]:
    """The columns of a worth for each row, at a POSIX time."""
    worths = np.empty((len(rows), 6))
    for n in range(len(rows)):
        row = rows[n]
        travel = 0.0
        if row.reach == ON_THE_MAP:
            travel = travel_minutes(metres[n], speed_kmh)
        elif row.reach == FOUND_BY_AREA:
            travel = AREA_TRAVEL_MINUTES
        checked_at = _checked_at(row)
        age = (at - checked_at) / 60 if checked_at > 0 else math.inf
        stale = staleness(age, HALF_LIFE_MINUTES[row.kind])
        weight, close = CHECK_WEIGHT[row.kind], closeness(travel)
        worths[n] = (worth_checking(stale, weight, close), stale, weight, close, travel, checked_at)
    return worths


@dataclass(frozen=True, slots=True, repr=False)
class ToCheck:
    """A service to check, with the parts of its place in the order.

    Attributes:
        metres: infinite without a point.
    """

    id: uuid.UUID
    worth: list[float]
    metres: float


def in_order(around: Around, *, at: dt.datetime, mode: str, first: int) -> list[ToCheck]:
    """The first so many services by what checking them is worth; ties by distance, then id."""
    rows = around.rows
    worths = _worths(rows, around.metres, at.timestamp(), SPEED_KMH[mode])
    order = np.lexsort((rows["id_low"], rows["id_high"], around.metres, -worths[:, SCORE]))
    order = order[:first]
    columns = (
        rows["id_high"][order].tolist(),
        rows["id_low"][order].tolist(),
        worths[order].tolist(),
        around.metres[order].tolist(),
    )
    return [
        ToCheck(uuid.UUID(int=high << 64 | low), worth, metres)
        for high, low, worth, metres in zip(*columns, strict=True)
    ]


def find_to_check(search: Search, *, account: User, now: dt.datetime) -> Found:
    """The services to check, first those most worth it; without those that others are calling.

    Raises:
        MayNotVerifyError: the account may not.
        PlaceNotFoundError, PlaceAmbiguousError: the place is not in the gazetteer.
        IndexNotReadyError: this process has not loaded the services yet.
    """
    check_may_verify(account)
    index, query = live_index.index, search.as_query(now)
    others, mine = claims_now(account=account, now=now)
    around = index.around(query)
    enough = search.limit + len(others)
    ordered = in_order(around, at=now, mode=query.mode, first=enough)
    chosen = [one for one in ordered if one.id not in others][: search.limit]
    told = index.tell([one.id for one in chosen], now)
    features = [
        completed(told[one.id], _document(one, rank, mine.get(one.id)))
        for rank, one in enumerate(chosen, start=1)
        if one.id in told  # not taken out a moment ago
    ]
    return Found(collection(b",".join(features), _search_document(query, search, len(around.rows))))


def _search_document(query: Query, search: Search, found: int) -> dict[str, Any]:
    kinds = sorted(query.kinds, key=KIND_CODE.__getitem__)
    document = {"at": query.at, "mode": query.mode, "kinds": kinds}
    return document | {"max_km": search.max_km, "within": found}


def _document(one: ToCheck, rank: int, claimed_until: str | None) -> dict[str, Any]:
    checked_at = one.worth[CHECKED_AT]
    said = dt.datetime.fromtimestamp(checked_at, dt.UTC) if checked_at else None
    return {
        "rank": rank,
        "score": one.worth[SCORE],
        "staleness": round(one.worth[STALENESS], 9),
        "weight": one.worth[WEIGHT],
        "closeness": round(one.worth[CLOSENESS], 9),
        "distance_m": round(one.metres) if math.isfinite(one.metres) else None,
        "travel_minutes": round(one.worth[TRAVEL], 1),
        "checked_at": said,
        "claimed_until": claimed_until,
    }
