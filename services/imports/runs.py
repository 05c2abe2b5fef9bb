"""One import from file to report: locked, in one transaction, held if it takes too much away."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from services.closed import close_newcomers
from services.history import sign_feed
from services.imports.applying import (
    drop_empty_organizations,
    retire_empty_sites,
    write_services,
    write_sites,
)
from services.imports.contacts import write_hours, write_phones
from services.imports.feeds import READERS, Batch, Feed, RawRow, feed_for
from services.imports.planning import check_loss, plan, sites_locked
from services.imports.points import place_table
from services.imports.problems import (
    FileRefusedError,
    ImportBusyError,
    ImportHeldError,
    ImportProblemError,
)
from services.imports.reading import read_text
from services.imports.recording import write_records, write_sourcings
from services.imports.report import Report
from services.imports.survey import survey
from services.models import ImportRun, Source

LOCK = 0x1A90  # one import at a time: two could each make the same new site
PATIENCE = "120s"  # how long an import waits for the one before it

Counted = Callable[[list[RawRow]], Iterable[RawRow]]


def import_file(
    reader: str, path: Path, *, accept_loss: bool = False, counted: Counted = iter
) -> Report:
    """Read one file of a feed into sites and services. The same file again changes nothing.

    Args:
        reader: a name in ``READERS``.
        path: the file, plain or gzipped.
        accept_loss: go on although the file drops more than a fifth of the feed's services.
        counted: wraps the rows, to show progress.

    Returns:
        The report of an applied import.

    Raises:
        ImportHeldError: it would drop too much; the run and the file are kept, see ``accept``.
        FileRefusedError: the file cannot be read.
        ImportBusyError: another import did not finish in time.
    """
    return _run(reader, path, path.name, accept_loss=accept_loss, counted=counted)


def accept(run: ImportRun, *, counted: Counted = iter) -> Report:
    """Apply a held import after all. A run that is not held is refused.

    Raises:
        FileRefusedError: nothing is held there, or its file is gone.
    """
    if run.status != ImportRun.Status.HELD or not run.file:
        raise FileRefusedError("This run is not held; there is nothing to accept.")
    report = _run(run.feed, Path(run.file.path), run.file_name, accept_loss=True, counted=counted)
    run.file.delete(save=False)
    run.status, run.message = ImportRun.Status.APPLIED, f"Accepted as run {report.run}."
    run.save(update_fields=["file", "status", "message"])
    return report


def _run(reader: str, path: Path, file_name: str, *, accept_loss: bool, counted: Counted) -> Report:
    started, feed, report = time.monotonic(), READERS[reader], Report(reader, "", file_name)
    try:
        text = read_text(path)
        feed = feed_for(reader, text)
        batch = _batch(feed, text)
        run = _begin(feed, reader, file_name, report)
        _apply(feed, batch, report, accept_loss=accept_loss, counted=counted)
    except ImportProblemError as problem:
        run = _begin(feed, reader, file_name, report)
        _hold_or_fail(run, problem, path, report)
        report.seconds = time.monotonic() - started
        _finish(run, report)
        problem.report = report
        raise
    except BaseException:
        ImportRun.objects.filter(pk__in=[report.run] if report.run else []).update(
            status=ImportRun.Status.FAILED,
            finished_at=timezone.now(),
            message="The import broke off; nothing was changed.",
        )
        raise
    report.status, report.seconds = ImportRun.Status.APPLIED.value, time.monotonic() - started
    _finish(run, report)
    return report


def _batch(feed: Feed, text: str) -> Batch:
    batch = feed.parse(text)
    if not batch.rows:
        raise FileRefusedError("The file has no rows; nothing was changed.")
    return batch


def _begin(feed: Feed, reader: str, file_name: str, report: Report) -> ImportRun:
    if report.run:
        return ImportRun.objects.get(pk=report.run)
    says = ("name", "publisher", "licence", "attribution", "published")
    Source.objects.update_or_create(
        slug=feed.slug, defaults={name: getattr(feed, name) for name in says}
    )
    run = ImportRun.objects.create(source_id=feed.slug, feed=reader, file_name=file_name[:255])
    report.source, report.run = feed.slug, str(run.pk)
    return run


def _apply(
    feed: Feed, batch: Batch, report: Report, *, accept_loss: bool, counted: Counted
) -> None:
    with transaction.atomic():
        _wait_for_turn()
        sign_feed(feed.slug)
        now = timezone.now()
        found = survey(feed, batch, counted(batch.rows), place_table(), report)
        planned = plan(feed, found, report)
        if not accept_loss:
            check_loss(feed, found, planned, report)
        report.counts["vanished"] = len(found.vanished)
        report.counts["retired"] = 0
        sites = sites_locked(planned)
        organizations = {site.organization_id for site in sites.values()}
        write_sites(planned.sites, sites, now, report)
        services = write_services(planned.sites, now, report)
        close_newcomers([one.site for one in planned.sites])
        write_phones(planned.sites)
        write_hours(planned.sites, services)
        write_records(feed, found, planned, now)
        write_sourcings(feed, found, planned, services, report)
        retire_empty_sites(planned.sites, now)
        drop_empty_organizations(organizations)


def _wait_for_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        except OperationalError as error:
            raise ImportBusyError(
                "Another import is under way; try again when it is done."
            ) from error


def _hold_or_fail(run: ImportRun, problem: ImportProblemError, path: Path, report: Report) -> None:
    report.status, report.message = ImportRun.Status.FAILED.value, str(problem)
    if isinstance(problem, ImportHeldError):
        report.status = ImportRun.Status.HELD.value
        report.message = (
            f"{problem} If that is right: import it again with --accept-loss,"
            f" or ./manage.py accept_import {run.pk}"
        )
        run.file.save(
            f"{run.pk}{''.join(path.suffixes[-2:])}", ContentFile(path.read_bytes()), save=False
        )


def _finish(run: ImportRun, report: Report) -> None:
    values: dict[str, Any] = {
        "status": report.status,
        "counts": report.totals(),
        "refusals": report.refusals,
        "message": report.message,
        "finished_at": timezone.now(),
    }
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=[*values, "file"])
