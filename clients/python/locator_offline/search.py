"""Searching what a phone holds: exact, best first, and without a single request.

Blocks of neighbours wait in order of the least that any of theirs can cost; the search ends when
that least passes the last of the best found. What was not opened cannot be better.
"""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from locator_offline.areas import areas_near
from locator_offline.blocks import Block, Entry, blocks_of, entry_of
from locator_offline.filters import Wishes, wishes_of
from locator_offline.geodesy import earth_point
from locator_offline.pack import FactBits, Town
from locator_offline.question import Answer, Question, Result
from locator_offline.ranking import SPEED_KMH, expected_minutes, travel_minutes
from locator_offline.records import Area, Service, Site
from locator_offline.weighing import Found, Weighing

SURELY = 1 - 1e-9  # a bound stays a bound when floating point rounds


class World:
    """Services as they are searched: those of all packs held, at one moment.

    Attributes:
        elsewhere: those without a point.
        areas: the areas of these.
    """

    def __init__(
        self,
        services: Iterable[tuple[Service, Site]],
        kinds: tuple[str, ...],
        facts: FactBits,
        towns: Iterable[Town],
    ) -> None:
        self.kinds, self.facts, self.towns = kinds, facts, tuple(towns)
        on_map: dict[str, list[Entry]] = defaultdict(list)
        self.elsewhere: list[Entry] = []
        for service, site in services:
            entry = entry_of(service, site)
            (self.elsewhere if site.lat is None else on_map[service.kind]).append(entry)
        self.areas = frozenset(entry.site.area for entry in self.elsewhere)
        self._blocks = [one for kind, all_ in on_map.items() for one in blocks_of(kind, all_)]

    def search(self, question: Question) -> Answer:
        """The services to try, best first: never none where any is held.

        Wishes are given up one after the other until something is found.

        Raises:
            ValueError: a kind, fact or mode is asked for that is none.
        """
        if question.mode not in SPEED_KMH:
            raise ValueError(f"No way to travel: {question.mode}.")
        if set(question.kinds) == set(self.kinds):
            question = replace(question, kinds=())
        areas, relaxed = self._areas_of(question), list[str]()
        results = self._best(question, areas)
        for wish, nothing in self._less():
            if results:
                break
            if wish == "areas" and areas != nothing:
                areas = nothing
            elif wish != "areas" and getattr(question, wish) not in (nothing, ()):
                question = replace(question, **{wish: nothing})
            else:
                continue
            relaxed.append(wish)
            results = self._best(question, areas)
        return Answer(results[question.offset :], relaxed)

    def _areas_of(self, question: Question) -> frozenset[Area]:
        if not self.areas:
            return self.areas
        return areas_near(self.towns, question.lat, question.lon)

    def _less(self) -> list[tuple[str, Any]]:
        """Wishes in the order in which they are given up, and what is asked then."""
        return [
            ("max_km", None),
            ("available_only", False),
            ("open_now", False),
            ("access", {}),
            ("areas", self.areas),
            ("kinds", self.kinds),
        ]

    def _best(self, question: Question, areas: frozenset[Area]) -> list[Result]:
        """The best, those of the pages before included."""
        wishes = wishes_of(question, self.facts, self.kinds, areas)
        best = Best(question.offset + question.limit)
        weighing = Weighing(question)
        for least, block in self._in_order(question, wishes):
            if least > best.bar:
                break
            for entry in block.entries:
                if wishes.are_met_by(entry):
                    best.keep(weighing.on_the_map(entry, best.bar))
        for entry in self.elsewhere:
            if wishes.is_in_reach(entry) and wishes.are_met_by(entry):
                best.keep(weighing.elsewhere(entry))
        return [_result(rank, one, wishes) for rank, one in enumerate(best.found, 1)]

    def _in_order(self, question: Question, wishes: Wishes) -> list[tuple[float, Block]]:
        """Blocks, and the least minutes that any of theirs can cost, that first."""
        x, y, z = earth_point(question.lat, question.lon)
        speed, costs = SPEED_KMH[question.mode], list[tuple[float, Block]]()
        farthest = math.inf if question.max_km is None else question.max_km * 1000.0
        for block in self._blocks:
            if block.kind in wishes.kinds:
                metres = block.least_m(x, y, z) * SURELY
                if metres <= farthest:
                    travel = travel_minutes(metres, speed)
                    costs.append((expected_minutes(travel, 0.0, 1.0, block.best) * SURELY, block))
        return sorted(costs, key=lambda cost: cost[0])


class Best:
    """The best found so far.

    Attributes:
        found: in order.
        bar: what a service may cost at most to be among them.
    """

    def __init__(self, size: int) -> None:
        self._size, self.found, self.bar = size, list[Found](), math.inf if size > 0 else -math.inf

    def keep(self, found: Found | None) -> None:
        """Put a service in its place, if it is among the best."""
        if found is None or found.expected > self.bar:
            return
        insort(self.found, found)  # in order of its fields: expected, then distance, then number
        del self.found[self._size :]
        if len(self.found) == self._size:
            self.bar = self.found[-1].expected


def _result(rank: int, found: Found, wishes: Wishes) -> Result:
    site = found.entry.site
    return Result(
        rank=rank,
        service=found.entry.service,
        site=site,
        expected_minutes=found.expected,
        distance_m=None if site.lat is None else found.distance_m,
        travel_minutes=found.travel,
        wait_minutes=found.wait,
        p_open=found.p_open,
        p_served=found.p_served,
        unmet=wishes.left_open_by(found.entry),
    )
