"""Which services meet the wishes of a question, and which wishes an unknown leaves open."""

from dataclasses import dataclass

from locator_offline.blocks import Entry
from locator_offline.pack import FactBits
from locator_offline.question import Question
from locator_offline.records import CLOSED_TEMPORARILY, UNKNOWN, Area

SOME_LEFT = ("available", "limited")


@dataclass(frozen=True, slots=True, repr=False)
class Wishes:
    """A question's wishes, as they are compared.

    Attributes:
        yes, no: facts wished to be so, as bits.
        bits: fact → its bit, in the order asked.
        kinds: none is left out.
        areas: whose services without a point count.
    """

    question: Question
    yes: int
    no: int
    bits: dict[str, int]
    kinds: frozenset[str]
    areas: frozenset[Area]

    def are_met_by(self, entry: Entry) -> bool:
        """Whether a service is kept: a known "no" hides it; an unknown does if strict."""
        service, asked = entry.service, self.question
        if service.no & self.yes or service.yes & self.no:
            return False
        if asked.strict and (self.yes | self.no) & ~(service.yes | service.no):
            return False
        if asked.available_only and not self._has_some_left(entry):
            return False
        return not asked.open_now or self._is_open(entry)

    def _has_some_left(self, entry: Entry) -> bool:
        state = entry.service.state_at(self.question.at)
        return state in SOME_LEFT or (state == UNKNOWN and not self.question.strict)

    def _is_open(self, entry: Entry) -> bool:
        service, at = entry.service, self.question.at
        if service.state_at(at) == CLOSED_TEMPORARILY:
            return False
        if service.door is None:
            return not self.question.strict
        return service.door.is_open(at)

    def is_in_reach(self, entry: Entry) -> bool:
        """Whether a service without a point is of the kinds asked for, and in the asker's areas.

        One that is found by area may be beyond any limit of distance; a remote one never is.
        """
        asked = self.question
        if entry.service.kind not in self.kinds or entry.site.area not in self.areas:
            return False
        return entry.site.remote or asked.max_km is None or not asked.strict

    def left_open_by(self, entry: Entry) -> tuple[str, ...]:
        """The wishes that a service may not meet, because it is unknown."""
        service, asked = entry.service, self.question
        known = service.yes | service.no
        unmet = [fact for fact, bit in self.bits.items() if not known & bit]
        if asked.open_now and service.door is None:
            unmet.append("open_now")
        if asked.available_only and service.state_at(asked.at) == UNKNOWN:
            unmet.append("available_only")
        by_area = entry.site.lat is None and not entry.site.remote
        if asked.max_km is not None and by_area:
            unmet.append("max_km")
        return tuple(unmet)


def wishes_of(
    question: Question, facts: FactBits, kinds: tuple[str, ...], areas: frozenset[Area]
) -> Wishes:
    """A question's wishes.

    Args:
        question: the question.
        facts: their numbering.
        kinds: all there are.
        areas: the asker's.

    Raises:
        ValueError: a kind or a fact is none that any pack knows.
    """
    unknown = [fact for fact in question.access if fact not in facts.bit]
    unknown += [kind for kind in question.kinds if kind not in kinds]
    if unknown:
        names = ", ".join(unknown)
        raise ValueError(
            f"No pack knows of {names}." if kinds else "No pack is held yet: take one."
        )
    bits = {fact: facts.bit[fact] for fact in question.access}
    yes = sum(bit for fact, bit in bits.items() if question.access[fact])
    no = sum(bits.values()) - yes
    return Wishes(question, yes, no, bits, frozenset(question.kinds or kinds), areas)
