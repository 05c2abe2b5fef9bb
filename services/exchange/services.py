"""The sheet of services, with their hours, exceptions and access facts."""

import contextlib
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet

from services.content import service_content
from services.exchange.columns import (
    LISTED,
    VERSION,
    Column,
    as_it_is,
    choice,
    count,
    flag,
    read_or_none,
    read_words,
    shown_words,
    text,
    told,
)
from services.exchange.days import read_days, shown_days
from services.exchange.limits import CELL
from services.exchange.problems import CellRefusedError
from services.exchange.sheets import Listing, Sheet
from services.models import Hours, HoursException, Service, Site, User
from services.told import word_of
from services.versions import version_of
from services.vocabulary import ACCESS_FACTS, HoursType, Kind, MoudPolicy

NOW = ("state", "remaining", "wait_days", "note", "as_of", "expires_at", "reported_by")
POLICY = "Of detox and residential treatment:"


def _hours(type_: str) -> Column:
    about = "OSM opening_hours, such as Mo-Fr 05:30-14:00; PH off"
    path = ("hours", type_)
    return Column(f"hours_{type_}", about, path, show=as_it_is, read=read_or_none)


def _published(type_: str) -> Column:
    name = f"hours_{type_}_as_published"
    return told(name, lambda one: one.published.get(type_), "What a feed said. Only told")


def _now(name: str) -> Column:
    def value(one: Listing) -> Any:
        now = word_of(one.row).at(one.now)[name]
        return now.isoformat() if isinstance(now, dt.datetime) else now

    return told(f"availability_{name}", value, "What reports say. Only told")


class ServiceSheet(Sheet):
    """Kinds of help at sites."""

    name = "services"
    model = Service
    chosen_once = frozenset({"site", "kind"})
    needed = frozenset({"id", "version"})
    columns: ClassVar = (
        told("id", lambda one: one.row.pk, "Leave it as it is; empty for a new service"),
        VERSION,
        told("site", lambda one: one.row.site_id, "The id of its site. Chosen once"),
        told("site_name", lambda one: one.row.site.name, "Only told"),
        told("kind", lambda one: one.row.kind, f"Chosen once: {', '.join(Kind.values)}"),
        text("name", "Only if it differs from the site’s", 255),
        text("description", "", CELL),
        *(
            flag(fact, f"{label}: yes, no, empty if unknown", ("access", fact))
            for fact, label in ACCESS_FACTS.items()
        ),
        Column("languages", "ISO codes: en, es", ("languages",), show=shown_words, read=read_words),
        count("min_age", "Years, or empty"),
        count("max_age", "Years, or empty"),
        Column(
            "asam_levels",
            "3.2-WM, 3.7-WM",
            ("asam", "levels"),
            show=shown_words,
            read=read_words,
        ),
        count("asam_edition", "The edition of the levels, such as 4", ("asam", "edition")),
        choice("methadone_policy", MoudPolicy, POLICY, ("moud_policy", "methadone")),
        choice("buprenorphine_policy", MoudPolicy, POLICY, ("moud_policy", "buprenorphine")),
        *(_hours(type_) for type_ in HoursType.values),
        *(_published(type_) for type_ in HoursType.values),
        Column(
            "hours_exceptions",
            "2026-12-24 09:00-12:00 (short day) | 2026-12-25..2026-12-26 closed (holiday)",
            ("hours_exceptions",),
            show=shown_days,
            read=read_days,
        ),
        LISTED,
        *map(_now, NOW),
    )

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """By organization, site, kind."""
        by = ("site__organization__name", "site__organization", "site__name", "site", "kind")
        return rows.order_by(*by)

    def listings(self, ids: Collection[uuid.UUID], now: dt.datetime) -> Iterator[Listing]:
        """The services with these ids, retired ones too."""
        hours, exceptions = _parts(Hours, ids), _parts(HoursException, ids)
        for one in Service.objects.filter(pk__in=ids).select_related("site__organization"):
            content = service_content(one, hours[one.pk], exceptions[one.pk])
            published = {row.type: row.verbatim for row in hours[one.pk]}
            yield Listing(one, content, version_of(content), now, published)

    def blank(self, cells: Mapping[str, str], account: User) -> Service:
        """A new service of the kind and at the site that the row names.

        Raises:
            CellRefusedError: there is no such kind, or no such site; or the site offers it already.
        """
        kind, site = cells.get("kind", "").strip().lower(), None
        with contextlib.suppress(ValueError):
            pk = uuid.UUID(cells.get("site", "").strip())
            site = Site.objects.editable_by(account).filter(pk=pk).first()
        if site is None:
            raise CellRefusedError("No site of yours has this id: export the sites first.", "site")
        if kind not in Kind.values:
            raise CellRefusedError(f"Use one of: {', '.join(Kind.values)}.", "kind")
        if known := Service.objects.filter(site=site, kind=kind).first():
            raise CellRefusedError(f"It is there already: export again and edit {known.pk}.", "id")
        return Service(site=site, kind=kind)

    def content(self, blank: Service) -> dict[str, Any]:
        """What people may edit of a new service."""
        return service_content(blank, [], [])


def _parts(model: Any, services: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in model.objects.filter(service__in=services):
        found[row.service_id].append(row)
    return found
