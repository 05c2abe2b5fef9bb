"""Packs for tests, by the server's own encoder."""

import datetime as dt
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from locator_offline import Store
from locator_offline.store import Listed
from services.listing import ListedService
from services.packs.body import bodies_of, page_of
from tests.clients.signing import sign
from tests.vectors.answers import gazetteer
from tests.vectors.world import REGIONS

SECRET = bytes(range(32))
DAY = dt.date(2026, 11, 23)
EVERYWHERE = [area for areas in REGIONS.values() for area in areas]
REGION = "US-PA"


def a_pack(services: Sequence[ListedService], cursor: str = "c1", day: dt.date = DAY) -> bytes:
    """All services, as those of one region."""
    return bodies_of(
        services,
        region=REGION,
        areas=EVERYWHERE,
        languages=["en"],
        cursor=cursor,
        day=day,
        towns=gazetteer().towns_in(EVERYWHERE),
    )["en"]


def a_page(
    services: Sequence[ListedService],
    gone: Sequence[UUID] = (),
    *,
    cursor: str = "c2",
    more: bool = False,
) -> bytes:
    return page_of(
        services, gone, region=REGION, areas=EVERYWHERE, cursor=cursor, day=DAY, more=more
    )


def listed(pack: bytes, cursor: str = "c1", etag: str = '"1"') -> Listed:
    sha256 = hashlib.sha256(pack).hexdigest()
    message = f"locator-pack/1\n{REGION}\nen\n{cursor}\n{sha256}\n".encode()
    return Listed(REGION, "en", cursor, sha256, b64encode(sign(SECRET, message)).decode(), etag)


def held(folder: Any, services: Sequence[ListedService]) -> Store:
    """A store that holds these."""
    store, pack = Store(folder), a_pack(services)
    store.put(listed(pack), pack)
    return store
