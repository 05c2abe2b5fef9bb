"""A round of building: every pack that is due, by one worker at a time."""

import datetime as dt
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection

from services.gazetteer import gazetteer
from services.models import Pack
from services.packs.building import build
from services.packs.due import due_regions
from services.packs.regions import PackRegion, pack_regions

LOCK = 0x7061636B  # one number for all builders of a database


class Round(NamedTuple):
    """What came of a round: the regions that were built, and how many there was no time for."""

    built: list[str]
    rest: int


def build_due(*, now: dt.datetime, budget_s: float = math.inf) -> Round:
    """Build what is due; safe to run twice, and at the same time elsewhere.

    Args:
        now: when the round began; one that goes on with a rest keeps it, and builds none twice.
        budget_s: seconds after which no further region is begun.
    """
    with _alone() as alone:
        return _round(now, time.monotonic() + budget_s) if alone else Round([], 0)


def _round(now: dt.datetime, ends: float) -> Round:
    gazetteer.ensure()
    regions, united_at = pack_regions(now)
    built: list[str] = []
    due_now = due_regions(regions, now)
    for done, due in enumerate(due_now):
        if done and time.monotonic() > ends:
            return Round(built, len(due_now) - done)
        if build(due, united_at=united_at, now=now):
            built.append(due.region.id)
    _forget_others(regions, united_at)
    return Round(built, 0)


def _forget_others(regions: Sequence[PackRegion], united_at: dt.datetime) -> None:
    """Forget packs of regions that are none any more, once those in their place are there."""
    ids = {region.id for region in regions}
    if ids <= set(Pack.objects.values_list("region", flat=True)):
        Pack.objects.exclude(region__in=ids).delete()
        Pack.objects.exclude(united_at=united_at).update(united_at=united_at)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else builds; the database lets go of the lock if we die."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
