"""Whether pullers were told of every change, and hold what the database lists."""

import datetime as dt
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from locator_offline.hours import Schedule
from locator_offline.pack import Body, read
from locator_offline.store import Store
from services.changes.reading import Area, regions_read
from services.models import Change, Service
from services.packs.body import bodies_of
from services.packs.building import services_in
from services.packs.shelf import areas_of
from tests.proofs.sync.pullers import Place, Puller
from tests.proofs.sync.world import World
from tests.proofs.table import Table

Logged = tuple[Place, set[uuid.UUID]]  # a row of the log, and services that it is about


def judge(pullers: Sequence[Puller], world: World, first: int) -> Table:
    """Hold what every puller was told, and holds, against the database.

    Args:
        pullers: that have read to the end.
        world: as it was when the writers began.
        first: the change after which they did.
    """
    table = Table()
    missed = sum(missed_by(one, logged(one.region, world)) for one in pullers)
    differing = sum(map(cells_differing, pullers))
    after = Change.objects.filter(pk__gt=first)
    table.figure("changes in the log", after.count())
    table.figure("of them moves between regions", after.filter(moved=True).count())
    table.figure("pullers", len(pullers))
    table.figure("pages", sum(len(one.record.pages) for one in pullers))
    told = sum(len(page.services) for one in pullers for page in one.record.pages)
    table.figure("services told", told)
    table.figure(
        "duplicates harmless: told as they were told before",
        sum(one.record.again for one in pullers),
    )
    packs = sum(len(one.record.in_packs()) for one in pullers)
    table.figure("packs taken, instead of pages", packs)
    table.promise("missed", missed, held=not missed)
    held = sum(len(one.store.regions[one.region].services) for one in pullers)
    table.promise(f"cells that differ, of {held} services held", differing, held=not differing)
    return table


def logged(region: str, world: World) -> list[Logged]:
    """The rows of the log about a region, with the services that each must have told.

    Of a site's row these are the site's services that were there from the beginning and still are:
    those that came or went have rows of their own.
    """
    at = defaultdict(set)
    for service, site in Service.objects.filter(pk__in=world.services).values_list("pk", "site_id"):
        at[site].add(service)
    rows = Change.objects.filter(region__in=regions_read(areas_of(region)))
    found = []
    for xid, id_, entity, of in rows.values_list("xid", "id", "entity", "entity_id"):
        if entity != Change.Entity.ORGANIZATION:  # those show in what is held at the end
            found.append(((int(xid), id_), {of} if entity == Change.Entity.SERVICE else at[of]))
    return found


def missed_by(puller: Puller, rows: Iterable[Logged]) -> int:
    """How many rows no page told of, or not all of what they are about."""
    record = puller.record
    pages = sorted(record.pages, key=lambda page: page.until)
    ends = [page.until for page in pages]
    missed = 0
    for place, about in rows:
        if any(after < place <= until for after, until in record.in_packs()):
            continue
        later = pages[bisect_left(ends, place) :]  # from the page on that led past it
        missed += not any(page.after < place and about <= page.services for page in later)
    return missed


def cells_differing(puller: Puller) -> int:
    """How many values of sites and services differ from those of a pack built now."""
    region = puller.store.regions[puller.region]
    fresh = fresh_pack(puller.store, puller.region)
    return _differing(region.services, fresh.services) + _differing(region.sites, fresh.sites)


def fresh_pack(store: Store, region: str) -> Body:
    """A pack built now, as this phone reads it."""
    areas: list[Area] = areas_of(region)
    today: dt.date = timezone.now().date()
    body = bodies_of(
        services_in(areas),
        region=region,
        areas=areas,
        languages=["en"],
        cursor="",
        day=today,
        towns={},
    )["en"]
    return read(body, store.facts)


def _differing(held: dict[str, Any], fresh: dict[str, Any]) -> int:
    """A row that only one of them has counts as one cell."""
    alone = held.keys() ^ fresh.keys()
    both = held.keys() & fresh.keys()
    return len(alone) + sum(
        cell != other
        for id_ in both
        for cell, other in zip(_cells(held[id_]), _cells(fresh[id_]), strict=True)
    )


def _cells(row: Any) -> list[object]:
    cells = row._asdict()
    told = cells.pop("told")
    return [_plain(cell) for cell in [*cells.values(), *told.values()]]


def _plain(cell: object) -> object:
    """Schedules compare by what they say."""
    if isinstance(cell, Schedule):
        return cell.zone, cell.week, cell.days, cell.first, cell.until
    return cell
