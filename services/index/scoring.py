"""What one service is worth to a searcher: does it match, and its expected minutes. Compiled."""

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from services.compiled import lean
from services.index.columns import (
    FOUND_BY_AREA,
    HALF_LIFE_MINUTES,
    NO_HOURS,
    ON_THE_MAP,
    STATE_CODE,
)
from services.index.openings import Openings, is_open, opening_after
from services.ranking import (
    AREA_TRAVEL_MINUTES,
    STAY_MINUTES,
    expected_minutes,
    fade,
    success_chance,
    travel_minutes,
    wait_and_chance_open,
)
from services.vocabulary import Availability

UNKNOWN = STATE_CODE[Availability.UNKNOWN]
CLOSED_TEMPORARILY = STATE_CODE[Availability.CLOSED_TEMPORARILY]
AVAILABLE = STATE_CODE[Availability.AVAILABLE]
LIMITED = STATE_CODE[Availability.LIMITED]

# The columns of a score.
EXPECTED, DISTANCE, TRAVEL, WAIT, OPEN, SERVED = range(6)


class Ask(NamedTuple):
    """A question as compiled code reads it. Always of these very types, or it is compiled anew.

    Attributes:
        lat, lon: degrees.
        x, y, z: the same in space, see ``earth_point``.
        at: POSIX time.
        words_at: POSIX time at which the latest words must hold to be told; infinite when they are
            too old to be told at all.
        speed_kmh: of the way of travelling.
        minutes_per_m: the same, for bounds: without a division.
        max_m: infinite for no limit.
        south, west, north, east: degrees; they count with ``has_box``.
        want_yes, want_no: facts wished for, as bits.
        kinds: a bit each.
        cases: those that meet the wishes for an open door and for what is free, see cases.py.
        has_facts: whether any access fact is wished for.
    """

    lat: float
    lon: float
    x: float
    y: float
    z: float
    at: float
    words_at: float
    speed_kmh: float
    minutes_per_m: float
    max_m: float
    south: float
    west: float
    north: float
    east: float
    want_yes: int
    want_no: int
    kinds: int
    cases: int
    open_now: bool
    available_only: bool
    strict: bool
    has_box: bool
    has_facts: bool


@lean
def state_at(row: Any, at: float) -> int:
    """The code of a row's availability at a POSIX time: unknown once it has expired."""
    if at < row.closed_until:
        return CLOSED_TEMPORARILY
    return row.state if at < row.expires_at else UNKNOWN


@lean
def usable_minutes(number: int, arrival_minutes: float, at: float, openings: Openings) -> float:
    """Minutes from ``at`` to the first moment of use at or after the arrival; see ranking.py."""
    arrival = at + arrival_minutes * 60
    position = opening_after(number, arrival, openings)
    end = openings.bounds[number + 1]
    if position < end and openings.opens[position] <= arrival:
        if openings.closes[position] - arrival >= STAY_MINUTES * 60:
            return arrival_minutes
        position += 1
    return (openings.opens[position] - at) / 60 if position < end else math.inf


@lean
def score(
    row: Any, distance_m: float, ask: Any, zone_chance: NDArray[Any], openings: Openings
) -> tuple[float, float, float, float, float, float]:
    """The columns of a score: expected minutes, metres, travel, wait, chance open and served."""
    travel = 0.0
    if row.reach == ON_THE_MAP:
        travel = travel_minutes(distance_m, ask.speed_kmh)
    elif row.reach == FOUND_BY_AREA:
        travel = AREA_TRAVEL_MINUTES
    left = fade((ask.at - row.evidence_at) / 60, HALF_LIFE_MINUTES[row.kind])
    served = success_chance(row.prior, row.evidence_for, row.evidence_against, left)
    if row.care_hours == NO_HOURS:
        wait, open_ = 0.0, zone_chance[row.zone]
    else:
        usable = usable_minutes(row.care_hours, travel, ask.at, openings)
        wait, open_ = wait_and_chance_open(travel, usable)
    if state_at(row, ask.at) == CLOSED_TEMPORARILY:
        open_ = 0.0
    return expected_minutes(travel, wait, open_, served), distance_m, travel, wait, open_, served


@lean
def facts_match(facts: Any, ask: Any) -> bool:
    """Whether facts, answered yes and no, meet the wishes: as far as they are known, if strict."""
    yes, no = facts[0], facts[1]
    if (no & ask.want_yes) != 0 or (yes & ask.want_no) != 0:
        return False
    return not ask.strict or ((ask.want_yes | ask.want_no) & ~(yes | no)) == 0


@lean
def matches(row: Any, ask: Any, openings: Openings) -> bool:
    """Whether a service meets the filters: a known "no" hides it; an unknown does if strict."""
    if row.alive == 0 or not facts_match((row.yes, row.no), ask):
        return False
    if ask.available_only:
        state = state_at(row, ask.words_at)
        if state == UNKNOWN:
            if ask.strict:
                return False
        elif state != AVAILABLE and state != LIMITED:
            return False
    if ask.open_now:
        if state_at(row, ask.at) == CLOSED_TEMPORARILY:
            return False
        if row.door_hours == NO_HOURS:
            return not ask.strict
        return is_open(row.door_hours, ask.at, openings)
    return True


@lean
def facts_may_match(node: Any, ask: Any) -> bool:
    """Whether the facts of any service of a node of the tree can meet the wishes."""
    if (node.all_no & ask.want_yes) != 0 or (node.all_yes & ask.want_no) != 0:
        return False
    if not ask.strict:
        return True
    has_yes, has_no = node.any_yes & ask.want_yes, node.any_no & ask.want_no
    return has_yes == ask.want_yes and has_no == ask.want_no
