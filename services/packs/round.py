"""A round of building: every pack that is due, by one worker at a time."""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from services.gazetteer import gazetteer
from services.models import Pack
from services.packs.building import build
from services.packs.due import due_regions
from services.packs.regions import PackRegion, pack_regions

LOCK = 0x7061636B  # one number for all builders of a database
BUDGET_S = 480.0  # less than what a task may take; the next round goes on with the rest


def build_due(*, now: dt.datetime, budget_s: float = BUDGET_S) -> list[str]:
    """Build what is due; safe to run twice, and at the same time elsewhere.

    Returns:
        The regions that were built.
    """
    with _alone() as alone:
        if not alone:
            return []
        return _round(now, time.monotonic() + budget_s)


def _round(now: dt.datetime, ends: float) -> list[str]:
    gazetteer.ensure()
    regions, united_at = pack_regions(now)
    built = []
    for due in due_regions(regions, now):
        if time.monotonic() > ends:
            break
        if build(due, united_at=united_at, now=now):
            built.append(due.region.id)
    _forget_others(regions, united_at)
    return built


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
