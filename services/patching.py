"""Changes to a listing in the form of a PATCH body: what they mean, and how they are written."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib.gis.geos import Point

from services.content import Listing, content_of, differences, with_changes
from services.editing import (
    EditRefusedError,
    edit_service,
    edit_site,
    list_again,
    place_site,
    retire,
)
from services.models import Service, Site
from services.parts import set_exceptions, set_phones, set_rules
from services.validity import (
    access_as_kept,
    country_as_kept,
    exceptions_as_kept,
    hours_as_kept,
    languages_as_kept,
    levels_as_kept,
    phones_as_kept,
    refuse_disordered_ages,
    refuse_levels_without_edition,
    refuse_no_place,
    refuse_unreadable_name,
    refuse_wrong_hemisphere,
    region_as_kept,
    website_or_none,
)
from services.vocabulary import Delivery
from services.zones import is_time_zone

PARTS = {"phones", "hours", "hours_exceptions", "listed"}  # written by functions of their own
AS_KEPT: dict[str, Callable[[Any], Any]] = {
    "name": str.strip,
    "access": access_as_kept,
    "languages": languages_as_kept,
    "asam": levels_as_kept,
    "hours": hours_as_kept,
    "hours_exceptions": exceptions_as_kept,
    "website": website_or_none,
    "region": region_as_kept,
    "country": country_as_kept,
}


def real_changes(
    listing: Listing, content: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """What of the changes differs from what stands there, as it is going to be kept.

    What is sent as it stands is no change, and is not judged either.

    Raises:
        EditRefusedError: something cannot be true; ``more`` holds what else.
    """
    differing = differences(content, changes)
    kept, refused = {}, []
    for field, value in differing.items():
        try:
            kept[field] = AS_KEPT.get(field, _as_it_is)(value)
        except EditRefusedError as error:
            refused.append(error)
    if "phones" in kept:
        country = kept.get("country", content["country"])
        try:
            kept["phones"] = phones_as_kept(kept["phones"], country)
        except EditRefusedError as error:
            refused.append(error)
    real = {} if refused else differences(content, kept)
    if real:
        refused = _contradictions(listing, with_changes(content, real), real)
    if refused:
        raise EditRefusedError(refused[0].field, str(refused[0]), more=refused[1:])
    return real


def _as_it_is(value: Any) -> Any:
    return value


def _contradictions(
    listing: Listing, content: Mapping[str, Any], changes: Mapping[str, Any]
) -> list[EditRefusedError]:
    checks = _of_site if isinstance(listing, Site) else _of_service
    refused = []
    for check in checks(listing, content, set(changes)):
        try:
            check()
        except EditRefusedError as error:
            refused.append(error)
    return refused


def _of_service(
    service: Listing, content: Mapping[str, Any], changed: set[str]
) -> Iterator[Callable[[], None]]:
    if "name" in changed and content["name"]:
        yield lambda: refuse_unreadable_name(content["name"])
    if changed & {"min_age", "max_age"}:
        yield lambda: refuse_disordered_ages(content["min_age"], content["max_age"])
    if "asam" in changed:
        yield lambda: refuse_levels_without_edition(**content["asam"])


def _of_site(
    site: Listing, content: Mapping[str, Any], changed: set[str]
) -> Iterator[Callable[[], None]]:
    point, remote = content["location"], content["delivery"] == Delivery.REMOTE
    if "name" in changed:
        yield lambda: refuse_unreadable_name(content["name"])
    if "time_zone" in changed and content["time_zone"] and not is_time_zone(content["time_zone"]):
        yield lambda: _refuse("time_zone", "Use an IANA time zone such as America/New_York.")
    if point and remote and "location" in changed:
        yield lambda: _refuse("location", "A remote site has no point: change its delivery too.")
    elif point and changed & {"location", "country", "region"}:
        where = {name: content[name] for name in ("country", "region")}
        yield lambda: refuse_no_place(point["lat"], point["lon"])
        yield lambda: refuse_wrong_hemisphere(point["lon"], **where)
    planned = copy.copy(site)
    for name, value in columns_of(content).items():
        setattr(planned, name, value)
    yield lambda: place_site(planned)  # type: ignore[arg-type]


def _refuse(field: str, message: str) -> None:
    raise EditRefusedError(field, message)


def columns_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a site or service that changes are kept in; its parts are no columns."""
    columns = {name: value for name, value in changes.items() if name not in PARTS}
    if columns.get("location"):
        columns["location"] = Point(columns["location"]["lon"], columns["location"]["lat"])
        columns["location"].srid = 4326
    if "website" in columns:
        columns["website"] = columns["website"] or ""
    for name, value in columns.pop("asam", {}).items():
        columns[f"asam_{name}"] = value
    for name, value in columns.pop("moud_policy", {}).items():
        columns[f"{name}_policy"] = value
    return columns


def write_changes(listing: Listing, changes: Mapping[str, Any]) -> None:
    """Write changes that differ from what stands there, of real_changes; the listing is locked.

    Raises:
        EditRefusedError: they contradict what stands there.
    """
    if not changes:
        return
    columns = columns_of(changes)
    if isinstance(listing, Site):
        edit_site(site_id=listing.pk, changes=columns)
        if "phones" in changes:
            set_phones(site_id=listing.pk, phones=changes["phones"])
    else:
        if "access" in columns:
            columns["access"] = with_changes(content_of(listing), changes)["access"]
        edit_service(service_id=listing.pk, changes=columns)
        _write_hours(listing, changes)
    if "listed" in changes:
        act = list_again if changes["listed"] else retire
        act(model=type(listing), pk=listing.pk)


def _write_hours(service: Service, changes: Mapping[str, Any]) -> None:
    if "hours" in changes:
        set_rules(service_id=service.pk, rules=changes["hours"])
    if "hours_exceptions" in changes:
        set_exceptions(service_id=service.pk, exceptions=changes["hours_exceptions"])
