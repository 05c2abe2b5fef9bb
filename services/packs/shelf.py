"""The packs that were built, as anyone may take them."""

import re
import zlib
from typing import Any

from django.db.models import QuerySet

from services.changes.cursor import CursorExpiredError
from services.changes.reading import Area
from services.models import Pack
from services.packs.signing import public_key

GZIP = 16 + zlib.MAX_WBITS
REGION = re.compile(r"[A-Z]{2}(-[^\0]+)?")  # how each PackRegion.id begins; PostgreSQL knows no NUL


def packs_in(language: str) -> dict[str, Any]:
    """All packs in a language, without their bodies, and the key that signed them."""
    packs = Pack.objects.filter(language=language).defer("body")
    return {"public_key": public_key(), "packs": [_told(pack) for pack in packs]}


def pack_of(region: str, language: str) -> Pack:
    """A region's pack, its body not read yet.

    Raises:
        Pack.DoesNotExist: there is no such region, any more or yet.
    """
    return _packs_of(region).defer("body").get(language=language)


def body_of_pack(pack: Pack, *, gzipped: bool) -> bytes | None:
    """The body of this very pack; None if another was put in its place meanwhile."""
    found = Pack.objects.filter(pk=pack.pk).values_list("body", flat=True).first()
    if found is None:
        return None
    return bytes(found) if gzipped else zlib.decompress(found, GZIP)


def areas_of(region: str) -> list[Area]:
    """The areas that a region's pack holds.

    Raises:
        CursorExpiredError: there is no such region any more.
    """
    areas = _packs_of(region).values_list("areas", flat=True).first()
    if areas is None:
        raise CursorExpiredError(region)
    return [(country, code) for country, code in areas]


def _packs_of(region: str) -> QuerySet[Pack]:
    """A region's packs. What can be none the database need not know: somebody typed it."""
    return Pack.objects.filter(region=region) if REGION.fullmatch(region) else Pack.objects.none()


def _told(pack: Pack) -> dict[str, Any]:
    return {
        "region": pack.region,
        "name": pack.name,
        "areas": pack.areas,
        "services": pack.services,
        "sites": pack.sites,
        "cursor": pack.cursor,
        "day": pack.day,
        "built_at": pack.built_at,
        "bytes": pack.bytes,
        "bytes_gzip": pack.bytes_gzip,
        "sha256": pack.sha256,
        "signature": pack.signature,
    }
