"""The sheet of sites, with their phones."""

import contextlib
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from services.content import site_content
from services.exchange.columns import (
    LISTED,
    VERSION,
    Column,
    as_it_is,
    choice,
    flag,
    read_degrees,
    read_or_none,
    text,
    told,
)
from services.exchange.phones import read_phones, shown_phones
from services.exchange.problems import CellRefusedError
from services.exchange.sheets import Listing, Sheet
from services.models import Organization, Phone, Site, User
from services.versions import version_of
from services.vocabulary import Delivery, LocationAccuracy, Visibility


def _degrees(name: str, axis: str, about: str) -> Column:
    return Column(name, about, ("location", axis), show=as_it_is, read=read_degrees)


class SiteSheet(Sheet):
    """Doors, stops of vans and remote services."""

    name = "sites"
    model = Site
    chosen_once = frozenset({"organization"})
    needed = frozenset({"id", "version"})
    columns: ClassVar = (
        told("id", lambda one: one.row.pk, "Leave it as it is; empty for a new site"),
        VERSION,
        told(
            "organization",
            lambda one: one.row.organization.name,
            "Who runs it; for a new site its name or id, if you edit several",
        ),
        text("name", "Never empty", 255),
        choice("delivery", Delivery, "How people reach it:"),
        _degrees("latitude", "lat", "Degrees, such as 39.9526"),
        _degrees("longitude", "lon", "Degrees; west is negative: -75.1652"),
        choice("location_accuracy", LocationAccuracy, "What the point stands for:"),
        text("address", "Street and number", 255),
        text("address_extra", "Suite, floor, unit", 255),
        text("city", "", 120),
        text("region", "State or province, such as PA", 8),
        text("postal_code", "As text: 02134 keeps its zero", 12),
        text("country", "Two letters: US, CA", 2),
        text("time_zone", "IANA name; empty: that of the point", 64),
        Column("website", "With https://", ("website",), show=as_it_is, read=read_or_none),
        choice("visibility", Visibility, "How much of its place anyone may know:"),
        flag("naltrexone", "Offers naltrexone: yes, no, empty if unknown"),
        Column(
            "phones",
            "+12155550100;ext=12 (intake) | 988 (crisis line), in their order",
            ("phones",),
            show=shown_phones,
            read=read_phones,
        ),
        LISTED,
    )

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By organization, then name."""
        return rows.order_by("organization__name", "organization", "name", "pk")

    def listings(self, ids: Collection[uuid.UUID], now: dt.datetime) -> Iterator[Listing]:
        """The sites with these ids, retired ones too."""
        phones = phones_of(ids)
        for site in Site.objects.filter(pk__in=ids).select_related("organization"):
            content = site_content(site, phones[site.pk])
            yield Listing(site, content, version_of(content), now)

    def blank(self, cells: Mapping[str, str], account: User) -> Site:
        """A new site of the organization that the row names, or of the account's only one.

        Raises:
            CellRefusedError: there is none such, or several; or it is a site that stands already.
        """
        site = Site(organization=_organization(cells.get("organization", "").strip(), account))
        name, address = cells.get("name", "").strip(), cells.get("address", "").strip()
        same = Site.objects.filter(
            organization=site.organization, name__iexact=name, address__iexact=address
        )
        if known := same.first():
            raise CellRefusedError(f"It is there already: export again and edit {known.pk}.", "id")
        return site

    def content(self, blank: Site) -> dict[str, Any]:
        """What people may edit of a new site."""
        return site_content(blank, [])


def _organization(named: str, account: User) -> Organization:
    mine = Organization.objects.editable_by(account)
    if named:
        with contextlib.suppress(ValueError):
            return _only(mine.filter(pk=uuid.UUID(named)), "No organization of yours has this id.")
        return _only(mine.filter(name=named), "Not the name of one organization of yours.")
    return _only(mine, "Name the organization: you edit several, or none.")


def _only(organizations: QuerySet[Organization], otherwise: str) -> Organization:
    found = list(organizations[:2])
    if len(found) != 1:
        raise CellRefusedError(otherwise, "organization")
    return found[0]


def phones_of(sites: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The numbers of sites in their order, as they are stored."""
    found: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    # As plain text: reading each as a PhoneNumber would take most of the time.
    rows = Phone.objects.filter(site__in=sites).annotate(text=Cast("number", CharField()))
    for site, number, extension, label in rows.values_list("site_id", "text", "extension", "label"):
        found[site].append({"number": number, "extension": extension or None, "label": label})
    return found
