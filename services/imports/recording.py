"""Keeps what a feed said: its records verbatim, and which services each live record names."""

import datetime
import uuid
from collections.abc import Iterable

from services.imports.bulk import copy_rows, create
from services.imports.feeds import Feed
from services.imports.planning import Plan
from services.imports.readings import Reading
from services.imports.report import Report
from services.imports.survey import Survey
from services.models import Service, ServiceSourcing, SourceRecord

BATCH = 1000
Services = dict[tuple[uuid.UUID, str], Service]


def write_records(feed: Feed, found: Survey, planned: Plan, now: datetime.datetime) -> None:
    """Store new and changed records, mark the vanished, note that the others were seen."""
    rows = {
        one.key: SourceRecord(
            pk=one.known.pk if one.known else None,
            source_id=feed.slug,
            key=one.key,
            content=one.content,
            reading=one.reading.as_json(),
            fingerprint=one.fingerprint,
            site_id=planned.site_of[one.key],
            first_seen_at=now,
            last_seen_at=now,
        )
        for one in found.fresh
    }
    create([row for row in rows.values() if row.pk is None])
    SourceRecord.objects.bulk_update(
        [rows[one.key] for one in found.fresh if one.known],
        ["content", "reading", "fingerprint", "site", "last_seen_at", "vanished_at"],
        batch_size=BATCH,
    )
    records = SourceRecord.objects.filter(source=feed.slug)
    records.filter(pk__in=[one.pk for one in found.vanished]).update(vanished_at=now)
    records.filter(pk__in=[one.pk for one in found.unchanged]).update(last_seen_at=now)


def write_sourcings(
    feed: Feed, found: Survey, planned: Plan, services: Services, report: Report
) -> None:
    """Link each live record of the touched sites with the services it names, and no others."""
    fresh_keys = {one.key: one for one in found.fresh}
    stored = SourceRecord.objects.filter(source=feed.slug, key__in=list(fresh_keys))
    keyed = dict(stored.values_list("key", "pk"))
    live = [(keyed[key], planned.site_of[key], one.reading) for key, one in fresh_keys.items()]
    live += [(one.pk, one.site, one.reading) for one in planned.others if not one.vanished]
    report.counts["unproven"] += sum(
        any((planned.site_of[one.key], kind) not in services for kind in one.reading.unproven)
        for one in found.fresh
    )
    wanted = set(_links(live, services))
    touched = {pk for pk, _, _ in live} | {one.pk for one in found.vanished}
    touched |= {one.pk for one in planned.others}
    links = ServiceSourcing.objects.filter(record__in=touched)
    existing = {(record, service): pk for pk, record, service in links.values_list(
        "pk", "record_id", "service_id"
    )}  # fmt: skip
    gone = [pk for link, pk in existing.items() if link not in wanted]
    ServiceSourcing.objects.filter(pk__in=gone).delete()
    copy_rows(ServiceSourcing, ("record_id", "service_id"), sorted(wanted - set(existing), key=str))


def _links(
    live: Iterable[tuple[int, uuid.UUID, Reading]], services: Services
) -> Iterable[tuple[int, uuid.UUID]]:
    for record, site, reading in live:
        for kind in (*reading.offers, *reading.unproven):
            service = services.get((site, kind))
            if service is not None and service.retired_at is None:
                yield record, service.pk
