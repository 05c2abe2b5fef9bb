"""What people may edit of a listing, as data: the form of a PATCH body.

The same form is told to whoever may edit, hashed into a version, held for a second person and
compared with what stands there when the second person decides.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from services.models import Hours, HoursException, Phone, Service, Site
from services.vocabulary import AsamLevel, HoursType

Listing = Site | Service

MERGED = {"access", "hours", "asam", "moud_policy"}  # edited by their members, others kept


def owner_of(listing: Listing) -> uuid.UUID:
    """The organization whose listing it is."""
    return listing.organization_id if isinstance(listing, Site) else listing.site.organization_id


def content_of(listing: Listing) -> dict[str, Any]:
    """What people may edit of a site or service, with its true place, and what it says now."""
    if isinstance(listing, Site):
        return site_content(listing, phones_of(listing.pk))
    return service_content(
        listing,
        Hours.objects.filter(service=listing.pk),
        HoursException.objects.filter(service=listing.pk),
    )


def site_content(site: Site, phones: list[dict[str, Any]]) -> dict[str, Any]:
    """See content_of; ``phones`` as listed."""
    point = site.location
    return {
        "name": site.name,
        "delivery": str(site.delivery),
        "location": {"lat": point.y, "lon": point.x} if point else None,
        "location_accuracy": str(site.location_accuracy),
        "address": site.address,
        "address_extra": site.address_extra,
        "city": site.city,
        "region": site.region,
        "postal_code": site.postal_code,
        "country": site.country,
        "time_zone": site.time_zone,
        "website": site.website or None,
        "visibility": str(site.visibility),
        "naltrexone": site.naltrexone,
        "phones": phones,
        "listed": site.retired_at is None,
    }


def phones_of(site_id: uuid.UUID) -> list[dict[str, Any]]:
    """The numbers of a site in their order."""
    return [
        {
            "number": str(phone.number),
            "extension": phone.extension or None,
            "label": phone.label,
        }
        for phone in Phone.objects.filter(site=site_id)
    ]


def service_content(
    service: Service, hours: Iterable[Hours], exceptions: Iterable[HoursException]
) -> dict[str, Any]:
    """See content_of. Hours that a feed told in words alone are no rule: null."""
    rules = {row.type: row.rule or None for row in hours}
    levels = {str(level) for level in service.asam_levels}
    return {
        "name": service.name,
        "description": service.description,
        "access": dict(service.access),
        "languages": sorted(set(service.languages)),
        "min_age": service.min_age,
        "max_age": service.max_age,
        "asam": {
            "levels": [level for level in AsamLevel.values if level in levels],
            "edition": service.asam_edition,
        },
        "moud_policy": {
            "methadone": str(service.methadone_policy),
            "buprenorphine": str(service.buprenorphine_policy),
        },
        "hours": {type_: rules.get(type_) for type_ in HoursType.values},
        "hours_exceptions": sorted(map(exception_content, exceptions), key=in_order_of_days),
        "listed": service.retired_at is None,
    }


def exception_content(row: HoursException) -> dict[str, Any]:
    """Days on which the hours differ; ``times`` null if closed."""
    return {
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "times": row.times or None,
        "reason": row.reason,
    }


def in_order_of_days(exception: Mapping[str, Any]) -> tuple[str, ...]:
    """Sorts exceptions: the order in which they are told, whatever they were stored in."""
    return tuple(
        str(exception[name] or "") for name in ("first_day", "last_day", "times", "reason")
    )


def differences(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What of the changes differs from the content; of merged fields, the members that do."""
    found: dict[str, Any] = {}
    for field, value in changes.items():
        now = content[field]
        if field in MERGED:
            if members := {name: part for name, part in value.items() if now.get(name) != part}:
                found[field] = members
        elif value != now:
            found[field] = value
    return found


def stands_before(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the content says now of the fields, or members of fields, that changes name."""
    return {
        field: {name: content[field].get(name) for name in value}
        if field in MERGED
        else content[field]
        for field, value in changes.items()
    }


def with_changes(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it is going to be. A fact that is null is unknown, and left out."""
    merged = {
        field: content[field] | value if field in MERGED else value
        for field, value in changes.items()
    }
    if "access" in merged:
        merged["access"] = {
            fact: answer for fact, answer in merged["access"].items() if answer is not None
        }
    return {**content, **merged}
