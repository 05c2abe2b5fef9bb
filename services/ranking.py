"""The ranking: minutes a person should expect to spend until served, if they try a service first.

Visiting in increasing cost / chance minimises the expected total cost, so the order is not a matter
of taste, and each part can be shown. Pure functions of scalars: compiled for the search index, run
uncompiled (``.py_func``) in tests. The caller passes the time; nothing here knows a clock.
"""

from services.compiled import compiled

DETOUR = 1.3  # streets are longer than the straight line
SPEED_KMH = {"walk": 4.8, "transit": 15.0, "drive": 35.0}
WAIT_WEIGHT = 0.5  # waiting costs less than travelling
ATTEMPT_MINUTES = 10.0  # what a try costs even next door
HORIZON_MINUTES = 72 * 60.0  # from the search; an opening beyond it is none
STAY_MINUTES = 15.0  # a door that closes sooner than this after arrival is closed
LEAST_CHANCE = 0.02
PRIOR_STRENGTH = 2.0  # the prior is worth this many reports

OPEN_KNOWN = 1.0
CLOSED_KNOWN = 0.02
OPEN_UNKNOWN_OFFICE_HOURS = 0.85  # local Monday to Friday, 09 to 17
OPEN_UNKNOWN_OTHERWISE = 0.25
OFFICE_OPENS, OFFICE_CLOSES = 9, 17  # local hours
SATURDAY = 5

# A service without a point is reached by phone first, then somewhere in its region: an assumption.
AREA_TRAVEL_MINUTES = 60.0


@compiled
def travel_minutes(distance_m: float, speed_kmh: float) -> float:
    """Minutes to get there.

    Args:
        distance_m: geodesic distance in metres, not negative.
        speed_kmh: of the way of travelling, in km/h.
    """
    return distance_m / 1000 * DETOUR / speed_kmh * 60


@compiled
def fade(age_minutes: float, half_life_minutes: float) -> float:
    """Share of a report's weight left after ``age_minutes``, in [0, 1]; 1 for the future."""
    return 2.0 ** (-max(0.0, age_minutes) / half_life_minutes)


@compiled
def success_chance(
    prior: float, evidence_for: float, evidence_against: float, fade: float
) -> float:
    """Chance that a visit succeeds, from reports that fade with age.

    Args:
        prior: chance for this kind of service when nothing is known, in (0, 1).
        evidence_for: weight of reports of success at their time, not negative.
        evidence_against: weight of reports of failure, likewise.
        fade: share of that weight left now, in [0, 1].

    Returns:
        A chance in (0, 1).

    Source: Beta posterior with exponential forgetting; the prior is worth PRIOR_STRENGTH reports.
    """
    seen = (evidence_for + evidence_against) * fade
    return (PRIOR_STRENGTH * prior + evidence_for * fade) / (PRIOR_STRENGTH + seen)


@compiled
def chance_open_by_clock(weekday: int, hour: int) -> float:
    """Chance that a door whose hours are unknown is open.

    Args:
        weekday: local, Monday is 0, at the moment of the search. Not of the arrival: there a nearer
            site, reached at 08:55, would rank behind a farther one reached at 09:05.
        hour: local, 0 to 23.
    """
    if weekday < SATURDAY and OFFICE_OPENS <= hour < OFFICE_CLOSES:
        return OPEN_UNKNOWN_OFFICE_HOURS
    return OPEN_UNKNOWN_OTHERWISE


@compiled
def wait_and_chance_open(travel_minutes: float, usable_minutes: float) -> tuple[float, float]:
    """Waiting at a door whose hours are known, and the chance to find it open.

    Args:
        travel_minutes: from the search to the arrival.
        usable_minutes: from the search to the first moment at or after the arrival at which the
            door is open for STAY_MINUTES more, or opens; infinite if that never happens.

    Returns:
        Minutes of waiting, and the chance. The horizon counts from the search, so that coming
        nearer never makes either worse.
    """
    if usable_minutes > HORIZON_MINUTES:
        return HORIZON_MINUTES, CLOSED_KNOWN
    return usable_minutes - travel_minutes, OPEN_KNOWN


@compiled
def try_minutes(travel_minutes: float, wait_minutes: float) -> float:
    """What one try costs: minutes, those of waiting at their weight. Both are not negative."""
    return travel_minutes + WAIT_WEIGHT * wait_minutes + ATTEMPT_MINUTES


@compiled
def expected_minutes(
    travel_minutes: float, wait_minutes: float, chance_open: float, chance_served: float
) -> float:
    """Expected minutes until served: smaller is better.

    Args:
        travel_minutes, wait_minutes: not negative.
        chance_open, chance_served: in [0, 1]; their product counts as LEAST_CHANCE at least.

    Source: cost over chance, the index that orders tries optimally (Mitten 1960, for independent
    tries at a fixed cost each).
    """
    return try_minutes(travel_minutes, wait_minutes) / max(
        LEAST_CHANCE, chance_open * chance_served
    )


def success_share(state: str, remaining: int | None) -> float | None:
    """Share of visits that succeed as a report tells it, in [0, 1]; None if it tells nothing."""
    if state == "available":
        return 0.9 if remaining is None else remaining / (remaining + 1)
    return {"limited": 0.6, "waitlist": 0.1, "full": 0.02}.get(state)


REPORT_WEIGHT = {"clinic_staff": 8.0, "outreach": 4.0, "feed": 4.0, "anonymous": 0.25}


def add_evidence(
    evidence: tuple[float, float, float | None],
    report: tuple[float, float, float],
    half_life_minutes: float,
) -> tuple[float, float, float]:
    """Evidence after one more report, in whatever order reports arrive.

    Args:
        evidence: for, against, and the minute (on any clock) it counts at; None before the first.
        report: weight, success share in [0, 1], and the minute it was observed at.
        half_life_minutes: of the kind.

    Returns:
        For, against, and the later of both minutes: what is older has faded to it.
    """
    for_, against, at = evidence
    weight, share, observed = report
    latest = observed if at is None else max(at, observed)
    old = 0.0 if at is None else fade.py_func(latest - at, half_life_minutes)
    new = weight * fade.py_func(latest - observed, half_life_minutes)
    return for_ * old + new * share, against * old + new * (1 - share), latest
