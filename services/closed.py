"""What closings come to: what a service says of being closed, and until when.

It follows from the closings that cover it and from what people found since. So no task has to open
anything: the hour alone does.
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Least

from services.models import AvailabilityReport, Closing, Service, Site
from services.vocabulary import Availability

CLOSED = ["closed_at", "closed_until", "closed_by"]


def follow_closings(services: Iterable[Service]) -> None:
    """Let locked services say what the closings that cover them and newer reports come to."""
    for service in set_closings(services):
        service.save(update_fields=[*CLOSED, "updated_at"])


def set_closings(services: Iterable[Service]) -> list[Service]:
    """The same without saving; returns the services that say something else now."""
    rows = list(services)
    closings = list(Closing.objects.current().covering(rows))
    sites = [service.site_id for service in rows]
    owners = dict(Site.objects.filter(pk__in=sites).values_list("pk", "organization_id"))
    found = _found_open(rows, closings)
    changed = []
    for service in rows:
        owner = owners[service.site_id]
        mine = [one for one in closings if one.covers(service, organization_id=owner)]
        if _set(service, standing_closing(mine, found.get(service.pk))):
            changed.append(service)
    return changed


def standing_closing(closings: Iterable[Closing], found_at: dt.datetime | None) -> Closing | None:
    """Of the closings of a service the one that is told: the latest end counts.

    Args:
        closings: those in force that cover it.
        found_at: when somebody last found it otherwise; what was closed before that is over.
    """
    standing = [one for one in closings if found_at is None or one.made_at >= found_at]
    return max(standing, key=lambda one: (one.until, one.made_at, one.pk), default=None)


def close_newcomers(sites: Iterable[uuid.UUID]) -> None:
    """Let services that came to sites which are closed for a time be closed too."""
    current = Closing.objects.current()
    if current.exists() and current.at_sites(sites).exists():
        follow_closings_at(sites)


@transaction.atomic
def follow_closings_at(sites: Iterable[uuid.UUID]) -> None:
    """Lock all services of some sites and let them say what closings come to."""
    services = Service.objects.filter(site__in=sites)
    follow_closings(services.select_for_update(of=("self",)).order_by("pk"))


def _set(service: Service, closing: Closing | None) -> bool:
    before = service.closed_at, service.closed_until, service.closed_by
    told = (closing.made_at, closing.until, closing.closed_by) if closing else (None, None, "")
    service.closed_at, service.closed_until, service.closed_by = told
    return told != before


def _found_open(services: list[Service], closings: list[Closing]) -> dict[uuid.UUID, dt.datetime]:
    """When each service was last found not closed. A clock that runs ahead is not believed."""
    if not closings:
        return {}
    oldest = min(one.made_at for one in closings)
    reports = (
        AvailabilityReport.objects.standing()
        .filter(service__in=services, received_at__gt=oldest, observed_at__gt=oldest)
        .exclude(state=Availability.CLOSED_TEMPORARILY)
    )
    told = reports.values("service").annotate(at=Max(Least("observed_at", "received_at")))
    return dict(told.values_list("service", "at"))
