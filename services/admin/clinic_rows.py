"""What the first page of a clinic says of a service: what is told now, until when, what is due."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property

from services.admin.availability import TONES
from services.admin.clock_words import in_words, is_near, tomorrow_morning
from services.models import Service, Site
from services.told import Word, word_of
from services.vocabulary import KIND_FACTS, Availability, Kind

SOON_SHARE = 4  # the last quarter of a word's life is soon,
SOON_AT_MOST = dt.timedelta(hours=24)  # but never more than a day


class Need(enum.IntEnum):
    """How much a service needs a word, the most first."""

    DISPUTED = 0
    EXPIRED = 1
    NEVER = 2
    SOON = 3
    FRESH = 4
    CLOSED = 5


STALE = (Need.DISPUTED, Need.EXPIRED, Need.NEVER)


def place_of(site: Site) -> str:
    """A site's name with its city: many organizations give every door the same name."""
    return f"{site.name}, {site.city}" if site.city else site.name


@dataclass
class Row:
    """A service, as its clinic is asked about it at ``now``."""

    service: Service
    now: dt.datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)  # of what is said on this page: once

    @cached_property
    def word(self) -> Word:
        """The latest word on it."""
        return word_of(self.service)

    @cached_property
    def need(self) -> Need:
        """How much it needs a word."""
        if self.word.is_closed_at(self.now):
            return Need.CLOSED
        if self.word.disputed:
            return Need.DISPUTED
        if self.word.expires_at is None:
            return Need.NEVER
        if self.word.expires_at <= self.now:
            return Need.EXPIRED
        soon = min(KIND_FACTS[Kind(self.service.kind)].expires / SOON_SHARE, SOON_AT_MOST)
        return Need.SOON if self.word.expires_at - self.now <= soon else Need.FRESH

    @property
    def is_closed(self) -> bool:
        """Whether it is closed for a time."""
        return self.need == Need.CLOSED

    @property
    def is_disputed(self) -> bool:
        """Whether visitors contradict what it says."""
        return self.need == Need.DISPUTED

    @property
    def is_due(self) -> bool:
        """Whether its age is what asks for a word, now or soon."""
        return self.need in {Need.EXPIRED, Need.NEVER, Need.SOON}

    @property
    def is_stale(self) -> bool:
        """Whether it needs a word now."""
        return self.need in STALE

    @property
    def state(self) -> Availability:
        """What anyone is told now."""
        return Availability(self.word.state_at(self.now))

    @property
    def tone(self) -> str:
        """The colour of that."""
        return TONES[self.state]

    @property
    def place(self) -> str:
        """Its site."""
        return place_of(self.service.site)

    @property
    def told(self) -> str:
        """What anyone is told now, with its count."""
        at = self.word.at(self.now)
        return self._in_full(self.state, at["remaining"], at["wait_days"])

    @property
    def last_word(self) -> str:
        """What was said last, whether it still stands or not; empty if nothing ever was."""
        if self.word.as_of is None:
            return ""
        return self._in_full(
            Availability(self.word.state), self.word.remaining, self.word.wait_days
        )

    def _in_full(self, state: Availability, remaining: int | None, days: int | None) -> str:
        parts = [str(state.label)]
        if remaining:
            parts.append(f"{remaining} {self.units if remaining > 1 else self.unit}")
        if days:
            parts.append(f"{days} day{'s' if days > 1 else ''} to wait")
        return ", ".join(parts)

    @property
    def until(self) -> str:
        """Until when it is told, or since when it is not, in words."""
        zone = self.service.site.time_zone
        if self.need == Need.CLOSED and self.word.closed_until:
            return f"opens again {in_words(self.word.closed_until, self.now, zone)}"
        if self.word.expires_at is None:
            return "nobody reported it yet"
        verb = "expired" if self.word.expires_at <= self.now else "expires"
        return f"{verb} {in_words(self.word.expires_at, self.now, zone)}"

    @property
    def until_exactly(self) -> str:
        """The hour on the site's clock, where the words tell only how far ahead it is."""
        moment = self.word.closed_until if self.is_closed else self.word.expires_at
        zone = self.service.site.time_zone
        if moment is None or moment <= self.now or not is_near(moment, self.now, zone):
            return ""
        return f"{moment.astimezone(ZoneInfo(zone)):%H:%M %Z}"

    @property
    def said(self) -> str:
        """Who said it when, in words."""
        if self.word.as_of is None:
            return ""
        by = self.service.get_reported_by_display().lower()
        return f"{by}, {in_words(self.word.as_of, self.now, self.service.site.time_zone)}"

    @property
    def confirmed(self) -> str:
        """When somebody last said that all that is listed is true."""
        at = self.service.confirmed_at
        return in_words(at, self.now, self.service.site.time_zone) if at else "never"

    @property
    def closed_until(self) -> str:
        """A first guess of when it opens again, for the input."""
        return tomorrow_morning(self.now, self.service.site.time_zone)

    @property
    def unit(self) -> str:
        """What is counted."""
        return str(KIND_FACTS[Kind(self.service.kind)].unit)

    @property
    def units(self) -> str:
        """The same, several of them."""
        return f"{self.unit}s"
