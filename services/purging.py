"""Forgetting rows and files whose time is over: in small steps, in nobody's way, safe to run twice.

Each step is a transaction of its own that waits for no lock: what somebody works on is passed over
and forgotten the next time.
"""

import datetime as dt
import time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from services.models import ImportRun, Service
from services.retention import COMPUTED, LIFE_OF, LIVES, Life
from services.word import follow

STEP = 1_000  # rows
BUDGET_S = 240.0  # a round ends then; the next one goes on
LOCK_TIMEOUT = "2s"  # for what a row that goes is referred to by
MAIL_KEPT = dt.timedelta(days=7)
FILE_KEPT = dt.timedelta(days=1)
IMPORTS = "imports"


def purge_all(now: dt.datetime) -> dict[str, int]:
    """Forget whatever is over, of every table and folder; returns how much, by name."""
    ends = time.monotonic() + BUDGET_S
    gone = {life.table: _purge(life, now, ends) for life in LIVES if life.since}
    return gone | {"mail": purge_mail(now), IMPORTS: purge_imported_files(now)}


def purge(table: str, now: dt.datetime) -> int:
    """Forget what is over of one table; returns how many rows."""
    return _purge(LIFE_OF[table], now, time.monotonic() + BUDGET_S)


def _purge(life: Life, now: dt.datetime, ends: float) -> int:
    gone = 0
    while time.monotonic() < ends:
        try:
            step = _step(life, now)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            break  # a row that refers to one of these is worked on; other tables need not wait
        gone += step
        if step < STEP:
            break
    return gone


@transaction.atomic
def _step(life: Life, now: dt.datetime) -> int:
    """Forget some rows; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    rows = over(life, now).select_for_update(skip_locked=True, of=("self",))
    ids = list(rows.values_list("pk", flat=True)[:STEP])
    model: Any = apps.get_model(life.table)
    disputed = _disputed_by(ids) if life.table == "services.VisitOutcome" else []
    model._default_manager.filter(pk__in=ids).delete()
    for service in disputed:
        follow(service)  # what marked it is gone
    return len(ids)


def over(life: Life, now: dt.datetime) -> Any:
    """The rows of a table whose time is over."""
    model: Any = apps.get_model(life.table)
    rows = model._default_manager.order_by("pk")  # of versions, the oldest first
    if life.since in COMPUTED:
        rows = rows.annotate(**{life.since: COMPUTED[life.since]})
    limit = now - life.kept
    return rows.filter(life.where(limit), **{f"{life.since}__lt": limit})


def _disputed_by(outcomes: list[Any]) -> list[Service]:
    told = Service.objects.filter(disputed=True, outcomes__in=outcomes).values("pk")
    rows = Service.objects.filter(pk__in=told).select_for_update(of=("self",), skip_locked=True)
    return list(rows.order_by("pk"))


def purge_mail(now: dt.datetime) -> int:
    """Delete messages that became files, after a week; returns how many."""
    folder = Path(settings.MAIL_FILES)
    old = [one for one in folder.glob("*") if one.is_file() and _age(one, now) > MAIL_KEPT]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)


def _age(path: Path, now: dt.datetime) -> dt.timedelta:
    try:
        return now - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except FileNotFoundError:  # somebody else was faster
        return dt.timedelta(0)


def purge_imported_files(now: dt.datetime) -> int:
    """Delete feed files that no held run waits with any more; returns how many."""
    if not default_storage.exists(IMPORTS):
        return 0
    held = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    old = [
        name
        for one in default_storage.listdir(IMPORTS)[1]
        if (name := f"{IMPORTS}/{one}") not in held
        and default_storage.get_modified_time(name) < now - FILE_KEPT
    ]
    for name in old:
        default_storage.delete(name)
    return len(old)
