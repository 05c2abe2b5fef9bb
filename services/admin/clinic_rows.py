"""What the first page of a clinic says of each service: what is told now, until when, what is due.

A service that needs a word stands before one that does not.
"""

import datetime as dt
import enum
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.functional import cached_property

from services.admin.availability import TONES
from services.admin.clock_words import in_words, tomorrow_morning
from services.admin.shown import local_time
from services.listing import Word, word_of
from services.models import Closing, HeldChange, Organization, Service, Site, User
from services.vocabulary import KIND_FACTS, Availability, Kind

SOON_SHARE = 4  # the last quarter of a word's life is soon,
SOON_AT_MOST = dt.timedelta(hours=24)  # but never more than a day


T = TypeVar("T", Closing, HeldChange)


class Need(enum.IntEnum):
    """How much a service needs a word, the most first."""

    DISPUTED = 0
    EXPIRED = 1
    NEVER = 2
    SOON = 3
    FRESH = 4
    CLOSED = 5


NEED_LABELS = {
    Need.DISPUTED: "Disputed",
    Need.EXPIRED: "Expired",
    Need.NEVER: "No word yet",
    Need.SOON: "Expires soon",
}
STALE = (Need.DISPUTED, Need.EXPIRED, Need.NEVER)


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
    def need_label(self) -> str:
        """The same in a word; empty if it needs none."""
        return NEED_LABELS.get(self.need, "")

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
        """The same on the site's clock; empty without a word."""
        closed = self.need == Need.CLOSED
        moment = self.word.closed_until if closed else self.word.expires_at
        return local_time(moment, self.service.site.time_zone) if moment else ""

    @property
    def said(self) -> str:
        """Who said it when, in words."""
        if self.word.as_of is None:
            return ""
        by = self.service.get_reported_by_display()
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


@dataclass
class SiteRow:
    """A site with listed services."""

    site: Site
    now: dt.datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)  # of a closing made on this page

    @property
    def closed_until(self) -> str:
        """A first guess of when it opens again, for the input."""
        return tomorrow_morning(self.now, self.site.time_zone)


@dataclass
class ClosingRow:
    """A closing in force."""

    closing: Closing
    time_zone: str

    @property
    def what(self) -> str:
        """What is closed."""
        return str(self.closing.closed)

    @property
    def until(self) -> str:
        """When it opens again by itself."""
        return local_time(self.closing.until, self.time_zone)


@dataclass
class Group:
    """An organization, as its staff are asked about it."""

    organization: Organization
    rows: list[Row]
    current: list[Closing]
    held: list[HeldChange]
    now: dt.datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)  # of a closing made on this page

    @property
    def stale(self) -> int:
        """How many services need a word now."""
        return sum(row.is_stale for row in self.rows)

    @property
    def soon(self) -> int:
        """How many more will soon."""
        return sum(row.need == Need.SOON for row in self.rows)

    @cached_property
    def closings(self) -> list[ClosingRow]:
        """What is closed for a time now."""
        return [ClosingRow(one, self._zone_of(one)) for one in self.current]

    def _zone_of(self, closing: Closing) -> str:
        if closing.service:
            return closing.service.site.time_zone
        return closing.site.time_zone if closing.site else self.time_zone

    @property
    def time_zone(self) -> str:
        """The clock for all of it: that of its first site."""
        sites = [row.site for row in self.sites]
        return min(sites, key=lambda one: one.pk).time_zone if sites else "UTC"

    @cached_property
    def sites(self) -> list[SiteRow]:
        """The sites of its listed services, by name."""
        sites = {row.service.site_id: row.service.site for row in self.rows}
        named = sorted(sites.values(), key=lambda one: (one.name, one.pk))
        return [SiteRow(site, self.now) for site in named]


def own_organizations(account: User) -> QuerySet[Organization]:
    """Those an account belongs to. A moderator who works in none has none."""
    return Organization.objects.editable_by(account).filter(memberships__user=account)


def own_services(account: User) -> QuerySet[Service]:
    """The listed services of the organizations an account belongs to, with their sites."""
    mine = own_organizations(account)
    return Service.objects.listed().filter(site__organization__in=mine).select_related("site")


def groups_of(account: User, now: dt.datetime) -> list[Group]:
    """The organizations of an account, each with its services, what needs a word first."""
    organizations = list(own_organizations(account))
    rows = [Row(service, now) for service in own_services(account)]
    rows.sort(key=_order)
    closings = Closing.objects.current().endable_by(account)
    closings = closings.select_related("organization", "site", "service__site")
    held = HeldChange.objects.visible_to(account).waiting().select_related("site", "service__site")
    return [
        Group(
            organization,
            [row for row in rows if row.service.site.organization_id == organization.pk],
            _of(organization, closings),
            _of(organization, held),
            now,
        )
        for organization in organizations
    ]


def _of(organization: Organization, found: Iterable[T]) -> list[T]:
    return [one for one in found if one.organization_id == organization.pk]


def _order(row: Row) -> tuple[int, float, str, str, str]:
    expires = row.word.expires_at
    site = row.service.site
    return (
        row.need,
        expires.timestamp() if expires else 0.0,
        site.name,
        row.service.kind,
        str(row.service.pk),
    )
