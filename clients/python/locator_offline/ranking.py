"""The ranking: minutes a person should expect to spend until served, if they try a service first.

The formulas and numbers are those of the server; docs/offline.md tells them.
"""

import math

from locator_offline.hours import Opening

DETOUR = 1.3  # streets are longer than the straight line
SPEED_KMH = {"walk": 4.8, "transit": 15.0, "drive": 35.0}
WAIT_WEIGHT = 0.5  # waiting costs less than travelling
ATTEMPT_MINUTES = 10.0  # what a try costs even next door
HORIZON_MINUTES = 72 * 60.0  # from the search; an opening beyond it is none
STAY_MINUTES = 15.0  # a door that closes sooner than this after arrival is closed
LEAST_CHANCE = 0.02
PRIOR_STRENGTH = 2.0  # the prior is worth this many reports
AREA_TRAVEL_MINUTES = 60.0  # to a service without a point, by phone first

OPEN_KNOWN = 1.0
CLOSED_KNOWN = 0.02
OPEN_UNKNOWN_OFFICE_HOURS = 0.85
OPEN_UNKNOWN_OTHERWISE = 0.25
OFFICE_OPENS, OFFICE_CLOSES = 9, 17  # local hours, Monday to Friday
SATURDAY = 5


def travel_minutes(distance_m: float, speed_kmh: float) -> float:
    """Minutes to get there."""
    return distance_m / 1000 * DETOUR / speed_kmh * 60


def fade(age_minutes: float, half_life_minutes: float) -> float:
    """Share of a report's weight left, in [0, 1]; 1 for the future."""
    return float(2.0 ** (-max(0.0, age_minutes) / half_life_minutes))


def success_chance(
    prior: float, evidence_for: float, evidence_against: float, left: float
) -> float:
    """Chance that a visit succeeds.

    Args:
        prior: chance when nothing is known, in (0, 1).
        evidence_for, evidence_against: weights of reports at their time, not negative.
        left: share of these weights left now, in [0, 1].

    Source: Beta posterior with exponential forgetting.
    """
    seen = (evidence_for + evidence_against) * left
    return (PRIOR_STRENGTH * prior + evidence_for * left) / (PRIOR_STRENGTH + seen)


def chance_open_by_clock(weekday: int, hour: int) -> float:
    """Chance that a door of unknown hours is open, by its clock at the moment of the search."""
    if weekday < SATURDAY and OFFICE_OPENS <= hour < OFFICE_CLOSES:
        return OPEN_UNKNOWN_OFFICE_HOURS
    return OPEN_UNKNOWN_OTHERWISE


def usable_minutes(openings: list[Opening], travel: float, at: float) -> float:
    """Minutes from a search to the first use of a door; infinite if none is known.

    Args:
        openings: in order.
        travel: minutes from the search to the arrival.
        at: POSIX time of the search.
    """
    arrival = at + travel * 60
    waiting = (one for one in openings if one.closes > arrival)
    first = next(waiting, None)
    if first is not None and first.opens <= arrival:
        if first.closes - arrival >= STAY_MINUTES * 60:
            return travel
        first = next(waiting, None)
    return math.inf if first is None else (first.opens - at) / 60


def wait_and_chance_open(travel: float, usable: float) -> tuple[float, float]:
    """Minutes of waiting at a door of known hours, and the chance to find it open."""
    if usable > HORIZON_MINUTES:
        return HORIZON_MINUTES, CLOSED_KNOWN
    return usable - travel, OPEN_KNOWN


def expected_minutes(travel: float, wait: float, chance_open: float, chance_served: float) -> float:
    """Expected minutes until served: cost over chance, smaller is better."""
    cost = travel + WAIT_WEIGHT * wait + ATTEMPT_MINUTES
    return cost / max(LEAST_CHANCE, chance_open * chance_served)
