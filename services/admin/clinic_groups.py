"""What the first page of a clinic shows: the organizations of an account, each with its rows.

A service that needs a word stands before one that does not.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.functional import cached_property

from services.admin.clinic_rows import Need, Row, place_of
from services.admin.clock_words import tomorrow_morning
from services.admin.shown import local_time
from services.models import Closing, HeldChange, Organization, Service, Site, User


@dataclass
class SiteRow:
    """A site with listed services."""

    site: Site
    now: dt.datetime
    id: uuid.UUID = field(default_factory=uuid.uuid4)  # of a closing made on this page

    @property
    def place(self) -> str:
        """Its name."""
        return place_of(self.site)

    @property
    def closed_until(self) -> str:
        """A first guess of when it opens again, for the input."""
        return tomorrow_morning(self.now, self.site.time_zone)


def named(scope: Organization | Site | Service) -> str:
    """What a closing or a change is about, told apart from others of the same organization."""
    if isinstance(scope, Service):
        return f"{scope.name or scope.get_kind_display()} — {place_of(scope.site)}"
    return place_of(scope) if isinstance(scope, Site) else str(scope)


@dataclass
class HeldRow:
    """A change that waits for a second person."""

    held: HeldChange

    @property
    def what(self) -> str:
        """What is asked for."""
        fields = ", ".join(field.replace("_", " ") for field in self.held.changes).capitalize()
        about = self.held.service or self.held.site
        return f"{fields} of {named(about)}" if about else fields


@dataclass
class ClosingRow:
    """A closing in force."""

    closing: Closing
    time_zone: str

    @property
    def what(self) -> str:
        """What is closed."""
        return named(self.closing.closed)

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
    held: list[HeldRow]
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
            [one for one in closings if one.owner_id == organization.pk],
            [HeldRow(one) for one in held if one.organization_id == organization.pk],
            now,
        )
        for organization in organizations
    ]


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
