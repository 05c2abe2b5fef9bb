"""The outlooks of an index: for the next minutes, and for any time."""

import datetime as dt
import math
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.index.growing import grown
from services.index.outlook import NODE_COLUMNS, Outlook, follow, gather, look
from services.index.shelving import Shelving
from services.ranking import chance_open_by_clock


class Outlooks:
    """Bounds for searches about the next minutes, and looser ones for all others."""

    SPAN = dt.timedelta(minutes=3)
    RENEWED = dt.timedelta(minutes=1)

    def __init__(self, shelving: Shelving, now: dt.datetime, ever: Outlook | None = None) -> None:
        """Look ahead for every row.

        Args:
            shelving: the services.
            now: where the span begins.
            ever: the outlook for any time, if it is known.
        """
        zones, end = [ZoneInfo(name) for name in shelving.zones], now + self.SPAN
        self._best_open = np.maximum(chances_open(zones, now), chances_open(zones, end))
        self._began, self._start, self._end = now, now.timestamp(), end.timestamp()
        self._openings = shelving.schedules.openings(now)
        self._soon = self._looked(shelving, self._start, self._end)
        self._ever = ever or self._looked(shelving, -math.inf, math.inf)

    def renewed(self, shelving: Shelving, now: dt.datetime) -> "Outlooks":
        """The outlooks of later."""
        return Outlooks(shelving, now, self._ever)

    def at(self, seconds: float) -> Outlook:
        """The outlook that holds at a POSIX time."""
        return self._soon if self._start <= seconds <= self._end else self._ever

    def is_old(self, now: dt.datetime) -> bool:
        """Whether it is time to look again."""
        return not self._began <= now <= self._began + self.RENEWED

    def take_in(self, slots: list[int], shelving: Shelving) -> None:
        """Let the outlook follow rows that were put in."""
        new_zones = len(shelving.zones) - len(self._best_open)
        if new_zones > 0:  # until they are looked at again: perhaps open
            self._best_open = np.concatenate([self._best_open, np.ones(new_zones)])
        self._openings = shelving.schedules.openings(self._began)  # of their schedules, too
        changed = np.array(slots, np.int64)
        self._soon = self._followed(self._soon, changed, shelving, self._start, self._end)
        self._ever = self._followed(self._ever, changed, shelving, -math.inf, math.inf)

    def _followed(
        self,
        outlook: Outlook,
        slots: NDArray[np.int64],
        shelving: Shelving,
        start: float,
        end: float,
    ) -> Outlook:
        shelves = shelving.shelves
        outlook = outlook._replace(
            tries=grown(outlook.tries, shelves.used),
            waits=grown(outlook.waits, shelves.used),
            cases=grown(outlook.cases, shelves.used),
        )
        openings = self._openings
        follow(slots, shelves.rows, shelves.tree, start, end, self._best_open, openings, outlook)
        return outlook

    def _looked(self, shelving: Shelving, start: float, end: float) -> Outlook:
        shelves = shelving.shelves
        outlook = Outlook(
            np.zeros(len(shelves.rows), np.float32),
            np.zeros(len(shelves.rows), np.float32),
            np.zeros((len(shelves.tree.nodes), NODE_COLUMNS), np.float32),
            np.zeros(len(shelves.rows), np.uint16),
            np.zeros(len(shelves.tree.nodes), np.uint16),
            is_for_any_time=end == math.inf,
        )
        look(shelves.rows, 0, shelves.used, start, end, self._best_open, self._openings, outlook)
        gather(shelves.rows, shelves.tree, outlook)
        return outlook


def chances_open(zones: list[ZoneInfo], at: dt.datetime) -> NDArray[np.float64]:
    """The chance at a moment that a door of unknown hours is open, for each zone."""
    local = [at.astimezone(zone) for zone in zones]
    return np.array([chance_open_by_clock(there.weekday(), there.hour) for there in local])
