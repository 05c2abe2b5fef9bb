"""Opening hours of the simulation: a window a day, on some days of the week.

Times are minutes since a Monday's midnight, in local time.
"""

import math

import numpy as np

from services.ranking import STAY_MINUTES
from tests.bench.ranking.compiling import compiled

DAY = 1440.0
DAYS_OF_WEEK = 7

# Minute it opens, minute it closes, days open from Monday on.
HOURS = np.array(
    [
        (0.0, DAY, 7),  # around the clock
        (8 * 60.0, 20 * 60.0, 7),
        (9 * 60.0, 17 * 60.0, 5),
        (6 * 60.0, 13 * 60.0, 6),  # mornings, as intake of opioid treatment programs often is
        (10 * 60.0, 18 * 60.0, 6),
        (16 * 60.0, 23 * 60.0, 7),  # evenings: vans, drop-ins
    ]
)


@compiled
def is_usable(hours: int, moment: float) -> bool:
    """Whether a door is open at a moment and for STAY_MINUTES more."""
    opens, closes, days = HOURS[hours]
    if closes - opens >= DAY and days == DAYS_OF_WEEK:
        return True
    day = math.floor(moment / DAY)
    minute = moment - day * DAY
    return day % DAYS_OF_WEEK < days and opens <= minute <= closes - STAY_MINUTES


@compiled
def next_usable(hours: int, moment: float) -> float:
    """The first moment at or after one at which a door is open for STAY_MINUTES, or opens."""
    if is_usable(hours, moment):
        return moment
    opens, _closes, days = HOURS[hours]
    day = math.floor(moment / DAY)
    if moment > day * DAY + opens:
        day += 1
    while day % DAYS_OF_WEEK >= days:
        day += 1
    return day * DAY + opens


def share_open(hours: int) -> float:
    """Share of a week in which a door is open."""
    opens, closes, days = HOURS[hours]
    return float((closes - opens) * days / DAY / DAYS_OF_WEEK)
