"""Writes a plan: only fields that the feeds' own word changed, so that people's edits stay."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.gis.geos import Point

from services.imports.bulk import create, update
from services.imports.names import name_key
from services.imports.planning import SitePlan
from services.imports.readings import Offer, Spot
from services.imports.report import Report
from services.imports.wanted import Wanted
from services.models import Organization, Service, Site
from services.vocabulary import Delivery, Visibility

OFFER_FIELDS = (
    "languages", "min_age", "max_age", "methadone_policy", "buprenorphine_policy", "description",
)  # fmt: skip
SPOT_FIELDS = frozenset({"location", "location_accuracy", "time_zone"})


def organizations_for(plans: Iterable[SitePlan]) -> dict[tuple[str, str, str], Organization]:
    """The organizations a plan names, by name key, region and country; missing ones are made."""
    found = {
        (name_key(one.name), one.region, one.country): one
        for one in Organization.objects.order_by("-created_at", "-pk")
    }
    new: dict[tuple[str, str, str], Organization] = {}
    for wanted in (one.after for one in plans if one.after):
        key = organization_key(wanted)
        if key not in found and key not in new:
            new[key] = Organization(name=wanted.organization, region=key[1], country=key[2])
    create(list(new.values()))
    return found | new


def organization_key(wanted: Wanted) -> tuple[str, str, str]:
    """What makes an organization one: its name's key, in a state or province of a country."""
    return name_key(wanted.organization), wanted.address.region, wanted.address.country


def write_sites(
    plans: Sequence[SitePlan],
    sites: dict[uuid.UUID, Site],
    now: datetime.datetime,
    report: Report,
) -> dict[uuid.UUID, Site]:
    """Create and change the sites of a plan; returns all of them."""
    organizations = organizations_for(plans)
    staffed = staffed_sites(sites)
    new, changed = [], []
    for one in plans:
        fields = _changed_fields(one)
        if one.site in staffed:
            fields.pop("organization", None)  # a feed that renames it must not take it from them
        if "organization" in fields and one.after:
            fields["organization"] = organizations[organization_key(one.after)]
        if one.is_new:
            site = Site(pk=one.site, **fields, retired_at=None if one.kinds_after else now)
            new.append(site)
        elif one.site in sites and (names := _alter_site(sites[one.site], one, fields, now)):
            changed.append((sites[one.site], names))
    create(new)
    update(changed)
    report.counts["sites_created"] += len(new)
    return sites | {site.pk: site for site in new}


def staffed_sites(ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of organizations that have people of their own here, who keep them true."""
    staffed = Site.objects.filter(pk__in=ids, organization__memberships__isnull=False)
    return set(staffed.values_list("pk", flat=True))


def _fields(wanted: Wanted) -> dict[str, Any]:
    address = wanted.address
    return {
        "organization": organization_key(wanted),
        "name": wanted.name,
        "address": address.street,
        "address_extra": address.extra,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country": address.country,
        "website": wanted.website,
        "naltrexone": wanted.naltrexone,
        "spot": wanted.spot,
    }


def _changed_fields(one: SitePlan) -> dict[str, Any]:
    if one.after is None:
        return {}
    after, before = _fields(one.after), _fields(one.before) if one.before else {}
    changed = {
        name: value for name, value in after.items() if name not in before or before[name] != value
    }
    spot = changed.pop("spot", None)
    return changed | (_spot_fields(spot) if spot else {})


def _spot_fields(spot: Spot) -> dict[str, Any]:
    return {
        "location": Point(spot.lon, spot.lat, srid=4326),
        "location_accuracy": spot.accuracy,
        "time_zone": spot.time_zone,
    }


def _alter_site(
    site: Site, one: SitePlan, fields: dict[str, Any], now: datetime.datetime
) -> frozenset[str]:
    """The fields that were altered. A place that people hid or made remote keeps its point."""
    if site.delivery == Delivery.REMOTE or site.visibility != Visibility.PUBLIC:
        fields = {name: value for name, value in fields.items() if name not in SPOT_FIELDS}
    changes = {name: value for name, value in fields.items() if getattr(site, name) != value}
    if one.kinds_after and not one.kinds_before and site.retired_at:
        changes["retired_at"] = None
    return _set(site, changes, now)


def _set(row: Site | Service, changes: dict[str, Any], now: datetime.datetime) -> frozenset[str]:
    if not changes:
        return frozenset()
    changes["updated_at"] = now
    for name, value in changes.items():
        setattr(row, name, value)
    return frozenset(changes)


def write_services(
    plans: Sequence[SitePlan], now: datetime.datetime, report: Report
) -> dict[tuple[uuid.UUID, str], Service]:
    """Create, change, retire and revive services; returns the sites' services by site and kind."""
    ids = [one.site for one in plans if not one.is_new]
    locked = Service.objects.select_for_update().filter(site__in=ids).order_by("pk")
    services = {(service.site_id, str(service.kind)): service for service in locked}
    staffed = staffed_sites(ids)
    new, changed = [], []
    for one in plans:
        # What a feed no longer names goes, but not from people who keep their own listing true.
        gone = set() if one.site in staffed else one.kinds_before
        for kind in sorted(gone | one.kinds_after):
            service = services.get((one.site, kind))
            if service is None and kind not in one.kinds_before:
                new.append(_new_service(one, kind))
            elif service and (names := _alter_service(service, one, kind, now, report)):
                changed.append((service, names))
    create(new)
    update(changed)
    report.counts["services_created"] += len(new)
    return services | {(service.site_id, str(service.kind)): service for service in new}


def _new_service(one: SitePlan, kind: str) -> Service:
    offer = one.after.services[kind] if one.after else Offer()
    values = {name: getattr(offer, name) for name in OFFER_FIELDS}
    values["languages"] = list(offer.languages)
    return Service(site_id=one.site, kind=kind, access=dict(offer.access), **values)


def _alter_service(
    service: Service, one: SitePlan, kind: str, now: datetime.datetime, report: Report
) -> frozenset[str]:
    """The fields that were altered."""
    if kind not in one.kinds_after:
        if service.retired_at:
            return frozenset()
        report.counts["retired"] += 1
        return _set(service, {"retired_at": now}, now)
    before = one.before.services.get(kind, Offer()) if one.before else Offer()
    after = one.after.services[kind] if one.after else Offer()
    changes = _offer_changes(service, before, after)
    if kind not in one.kinds_before and service.retired_at:
        changes["retired_at"] = None
    return _set(service, changes, now)


def _offer_changes(service: Service, before: Offer, after: Offer) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: getattr(after, name)
        for name in OFFER_FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    if "languages" in changes:
        changes["languages"] = list(after.languages)
    if not _ages_in_order(service, changes):
        changes = {name: value for name, value in changes.items() if not name.endswith("_age")}
    access = dict(service.access)
    for fact in set(before.access) | set(after.access):
        if before.access.get(fact) != after.access.get(fact):
            access.pop(fact, None)
            access |= {fact: after.access[fact]} if fact in after.access else {}
    return changes | ({"access": access} if access != service.access else {})


def _ages_in_order(service: Service, changes: dict[str, Any]) -> bool:
    """Whether ages stay in order together with those that people set."""
    youngest = changes.get("min_age", service.min_age)
    oldest = changes.get("max_age", service.max_age)
    return youngest is None or oldest is None or youngest <= oldest


def retire_empty_sites(plans: Sequence[SitePlan], now: datetime.datetime) -> None:
    """Retire sites whose last listed service went with this import."""
    emptied = [one.site for one in plans if one.kinds_before and not one.kinds_after]
    for site in Site.objects.filter(pk__in=emptied, retired_at=None).exclude(
        services__retired_at=None, services__isnull=False
    ):
        site.retired_at = now
        site.save(update_fields=["retired_at", "updated_at"])


def drop_empty_organizations(before: Iterable[uuid.UUID]) -> None:
    """Delete organizations that this import left without a site, unless something names them."""
    empty = Organization.objects.filter(pk__in=list(before), sites=None)
    for relation in Organization._meta.related_objects:
        if relation.name != "sites" and "event" not in str(relation.related_model._meta.model_name):
            empty = empty.filter(**{relation.name: None})
    empty.delete()
