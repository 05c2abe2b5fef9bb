"""Changes that people make to listings by hand: one function per change, each atomic.

Only the fields named are written. A screen that stood open for an hour therefore cannot undo what
others changed meanwhile, least of all the availability, which services.availability alone writes.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from services.acting import as_the_system
from services.closed import follow_closings_at
from services.displacement import hides, point_to_show
from services.geodesy import geodesic_m
from services.models import Service, Site
from services.vocabulary import Delivery, Visibility
from services.zones import time_zone_at

DERIVED_OF_SITE = ("location", "displaced_location", "time_zone")


class EditRefusedError(ValueError):
    """An edit that cannot be true. ``field`` names what to mend, the message says how.

    ``more`` holds what else of the same edit cannot be.
    """

    def __init__(
        self, field: str, message: str, *, more: "Sequence[EditRefusedError]" = ()
    ) -> None:
        super().__init__(message)
        self.field = field
        self.more = tuple(more)


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points given in degrees."""
    return float(geodesic_m(one.y, one.x, other.y, other.x))


def time_zone_of(point: Point | None) -> str:
    """The IANA time zone of a point; empty without one."""
    return time_zone_at(point.y, point.x) if point else ""


def place_site(site: Site, *, was_at: Point | None = None) -> None:
    """Set what follows from a site's point: its displaced point and time zone. Saves nothing.

    The displaced point is made when an approximate site first needs it and then kept, also through
    times of another visibility, until the true point moves away from under it. What becomes of it
    then: see ``point_to_show``.

    Args:
        site: as it is going to be.
        was_at: its true point before, if it had one. A time zone that followed it, follows.

    Raises:
        EditRefusedError: the place contradicts how people reach the site.
    """
    if site.delivery == Delivery.REMOTE:
        site.location = None
        if site.visibility == Visibility.APPROXIMATE:
            raise EditRefusedError("visibility", "A remote site has no place to displace.")
    elif site.location is None:
        raise EditRefusedError("location", "Set a point, or say that the site is remote.")
    if site.visibility == Visibility.PHONE_ONLY and not site.region:
        raise EditRefusedError("region", "Without a point it is found by its state or province.")
    if not site.time_zone or _zone_follows(site, was_at):
        site.time_zone = time_zone_of(site.location)
    if not site.time_zone:
        raise EditRefusedError("time_zone", "Without a point, choose the time zone.")
    approximate = site.visibility == Visibility.APPROXIMATE
    if approximate and site.location and not _displacement_holds(site):
        site.displaced_location = point_to_show(site.location, site.pk, _shown_before(site))


def _zone_follows(site: Site, was_at: Point | None) -> bool:
    moved = bool(was_at and site.location and was_at != site.location)
    return moved and site.time_zone == time_zone_of(was_at)


def _displacement_holds(site: Site) -> bool:
    if site.displaced_location is None or site.location is None:
        return False
    return hides(site.displaced_location, site.location)


def _shown_before(site: Site) -> list[Point]:
    """Displaced points of a site, the oldest first, as its history knows them."""
    versions: Any = apps.get_model("services", "SiteEvent")
    known = versions.objects.filter(pgh_obj_id=site.pk, displaced_location__isnull=False)
    with as_the_system():  # also of the time when it was another organization's
        points = list(known.order_by("pgh_id").values_list("displaced_location", flat=True))
    if site.displaced_location is not None:
        points.append(site.displaced_location)
    return list(dict.fromkeys(points))


@transaction.atomic
def add_site(*, site: Site) -> Site:
    """Store a new site.

    Raises:
        EditRefusedError: its place contradicts how people reach it.
    """
    place_site(site)
    site.save(force_insert=True)
    return site


@transaction.atomic
def edit_site(*, site_id: uuid.UUID, changes: Mapping[str, Any]) -> Site:
    """Change fields of a site; what follows from its place follows.

    Raises:
        EditRefusedError: its place would contradict how people reach it.
    """
    site = Site.objects.select_for_update().get(pk=site_id)
    was_at = site.location
    for name, value in changes.items():
        setattr(site, name, value)
    place_site(site, was_at=None if "time_zone" in changes else was_at)
    site.save(update_fields={*changes, *DERIVED_OF_SITE, "updated_at"})
    if "organization" in changes:  # closed with the old one, or with the new one
        follow_closings_at([site.pk])
    return site


@transaction.atomic
def edit_service(*, service_id: uuid.UUID, changes: Mapping[str, Any]) -> Service:
    """Change fields of a service, never its availability."""
    service = Service.objects.select_for_update(of=("self",)).get(pk=service_id)
    for name, value in changes.items():
        setattr(service, name, value)
    service.save(update_fields={*changes, "updated_at"})
    return service


@transaction.atomic
def retire(*, model: type[Site] | type[Service], pk: uuid.UUID) -> bool:
    """Take a site or service off every list, keeping all that is known. False if it was off."""
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.retired_at is not None:
        return False
    row.retired_at = timezone.now()
    row.save(update_fields=["retired_at", "updated_at"])
    return True


@transaction.atomic
def list_again(*, model: type[Site] | type[Service], pk: uuid.UUID) -> bool:
    """Put a retired site or service back on the lists. False if it was on them.

    A service at a retired site is found again only with its site.
    """
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.retired_at is None:
        return False
    row.retired_at = None
    row.save(update_fields=["retired_at", "updated_at"])
    return True
