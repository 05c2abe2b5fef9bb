"""Building packs: of each region that changed, from one snapshot, and put in place at once."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import deflate
from django.conf import settings
from django.db import connection, transaction

from services.changes.cursor import Cursor, history_now
from services.changes.reading import Area, end_of_log
from services.changes.touched import at_sites_in
from services.gazetteer import gazetteer
from services.listing import ListedService, listed_services
from services.models import Pack, Service
from services.packs.body import Towns, bodies_of
from services.packs.due import Due
from services.packs.making import made_by
from services.packs.regions import PackRegion
from services.packs.signing import signature_of

LEVEL = 12  # the most libdeflate can do: built once, sent often


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What every language of a region's pack shares.

    Attributes:
        towns: by them a phone tells which areas are near.
        at: when it was taken, aware.
        read_to: the transaction and change of the log up to which everything is in it.
        cursor: goes on from there.
    """

    region: PackRegion
    services: list[ListedService]
    towns: Towns
    at: dt.datetime
    read_to: tuple[int, int]
    cursor: str


def build(due: Due, *, united_at: dt.datetime, now: dt.datetime) -> list[Pack]:
    """Build a region's packs in every language, and put them in place of the old ones.

    Returns:
        The packs; none if a move between regions cannot be told from this snapshot yet.
    """
    with _one_snapshot():
        if not due.is_settled():
            return []
        snapshot = _snapshot_of(due.region, now)
        bodies = pack_bodies(snapshot, [code for code, _name in settings.LANGUAGES])
        packs = [_pack(snapshot, code, body, united_at) for code, body in bodies.items()]
        Pack.objects.filter(region=due.region.id).delete()
        return Pack.objects.bulk_create(packs)


def pack_bodies(snapshot: Snapshot, languages: Sequence[str]) -> dict[str, bytes]:
    """The JSON of packs by language: the same bytes for the same services, cursor and day."""
    region = snapshot.region
    return bodies_of(
        snapshot.services,
        region=region.id,
        areas=region.areas,
        languages=languages,
        cursor=snapshot.cursor,
        day=snapshot.at.date(),
        towns=snapshot.towns,
    )


def squeezed(body: bytes) -> bytes:
    """The body gzipped: the same bytes for the same body."""
    return bytes(deflate.gzip_compress(body, LEVEL))


def services_in(areas: Sequence[Area]) -> list[ListedService]:
    """What is listed in these areas, in no particular order."""
    listed = Service.objects.listed().filter(at_sites_in(areas))
    return list(listed_services(set(listed.values_list("pk", flat=True))))


def _snapshot_of(region: PackRegion, now: dt.datetime) -> Snapshot:
    xid, change = read_to = end_of_log()
    cursor = Cursor(history_now(), region.id, xid, change, now)
    services, towns = services_in(region.areas), gazetteer.towns_in(region.areas)
    return Snapshot(region, services, towns, now, read_to, cursor.as_text())


def _pack(snapshot: Snapshot, language: str, body: bytes, united_at: dt.datetime) -> Pack:
    region = snapshot.region
    small = squeezed(body)
    sha256 = hashlib.sha256(body).hexdigest()
    return Pack(
        region=region.id,
        language=language,
        name=region.name,
        areas=region.areas,
        services=len(snapshot.services),
        sites=len({service.properties["site"]["id"] for service in snapshot.services}),
        body=small,
        bytes=len(body),
        bytes_gzip=len(small),
        sha256=sha256,
        signature=signature_of(
            region=region.id, language=language, cursor=snapshot.cursor, sha256=sha256
        ),
        cursor=snapshot.cursor,
        xid=snapshot.read_to[0],
        change=snapshot.read_to[1],
        day=snapshot.at.date(),
        built_at=snapshot.at,
        united_at=united_at,
        made_by=made_by(),
    )


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A transaction that sees one moment: its services and its cursor belong together."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
