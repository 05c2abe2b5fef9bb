"""Which changes are dangerous: those by which a stolen account could send people astray.

They wait for a second person. What a moderator changes does not: a moderator is one.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import Point

from services.content import Listing, owner_of
from services.editing import distance_m
from services.models import Site, User
from services.vocabulary import Delivery, Visibility

MOVED, PHONES, UNLISTED, VISIBILITY, MANY = "moved", "phones", "unlisted", "visibility", "many"
EDIT, APPROVED = "edit", "approved"  # what a change set in the history is told to be

FARTHEST_M = 500.0  # a correction of the door; more is another place
CREEPING = dt.timedelta(days=1)  # small moves by one account within it count as one
AT_ONCE = dt.timedelta(hours=1)
SHARE = 5  # a fifth
FLOOR = 5  # fewer listings than this have no fifth to speak of

# Where a site is: told together or not at all, for half a new address sends people astray too.
PLACE = (
    "location", "location_accuracy", "delivery", "address", "address_extra", "city", "region",
    "postal_code", "country", "time_zone",
)  # fmt: skip
SHOWS = {Visibility.PHONE_ONLY: 0, Visibility.APPROXIMATE: 1, Visibility.PUBLIC: 2}


def dangers(
    listing: Listing,
    content: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    account: User,
    now: dt.datetime,
    beside: Collection[uuid.UUID] = (),
) -> dict[str, tuple[str, ...]]:
    """The fields of an edit that must wait, by the reason why.

    Args:
        listing: as it stands, locked.
        content: of the listing, of services.content.
        changes: what really differs from it.
        account: who edits; it is no moderator.
        now: aware.
        beside: listings of the same kind that the account is about to edit too.
    """
    held: dict[str, tuple[str, ...]] = {}
    if isinstance(listing, Site):
        if _moves(listing, changes, account, now):
            held[MOVED] = tuple(field for field in PLACE if field in changes)
        if "phones" in changes and _numbers(changes["phones"]) != _numbers(content["phones"]):
            held[PHONES] = ("phones",)
        if "visibility" in changes and _shows_more(content["visibility"], changes["visibility"]):
            held[VISIBILITY] = ("visibility",)
    if changes.get("listed") is False:
        held[UNLISTED] = ("listed",)
    rest = tuple(field for field in changes if field not in sum(held.values(), ()))
    if rest and _one_too_many(listing, account, now, beside):
        held[MANY] = rest
    return held


def astray(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Why a listing that becomes this could send people astray: the reasons that need no history.

    Args:
        before: what it says, of services.content.
        after: what it would say.
    """
    why = {UNLISTED} if before["listed"] and not after["listed"] else set()
    if "location" in before:
        if _far(_point(before["location"]), _point(after["location"])):
            why.add(MOVED)
        if _numbers(before["phones"]) != _numbers(after["phones"]):
            why.add(PHONES)
        if _shows_more(before["visibility"], after["visibility"]):
            why.add(VISIBILITY)
    return why


def _point(told: Mapping[str, float] | None) -> Point | None:
    return Point(told["lon"], told["lat"], srid=4326) if told else None


def _far(one: Point | None, other: Point | None) -> bool:
    """Whether a point moves too far, appears or vanishes."""
    if one is None or other is None:
        return one != other
    return distance_m(one, other) > FARTHEST_M


def _numbers(phones: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
    return {(phone["number"], phone["extension"]) for phone in phones}


def _shows_more(before: str, after: str) -> bool:
    return SHOWS[Visibility(after)] > SHOWS[Visibility(before)]


def _moves(site: Site, changes: Mapping[str, Any], account: User, now: dt.datetime) -> bool:
    """Whether the point moves too far, appears or vanishes."""
    if "location" not in changes and changes.get("delivery") != Delivery.REMOTE:
        return False
    return _far(_stood_at(site, account, now), _point(changes.get("location")))


def _stood_at(site: Site, account: User, now: dt.datetime) -> Point | None:
    """Where somebody else, or this account a day ago, left the site: many steps are one move."""
    events: Any = apps.get_model("services", "SiteEvent")
    newest = events.objects.filter(pgh_obj_id=site.pk).select_related("pgh_context")
    left: Point | None = site.location
    for event in newest.order_by("-pgh_id").iterator(chunk_size=20):
        told = event.pgh_context.metadata if event.pgh_context else {}
        left = event.location
        own = told.get("account") == account.pk and told.get("act") != APPROVED
        if not own or event.pgh_created_at <= now - CREEPING:
            break
    return left


def _one_too_many(
    listing: Listing, account: User, now: dt.datetime, beside: Collection[uuid.UUID]
) -> bool:
    """Whether the account edits more than a fifth of the organization's listings within an hour.

    Services and sites are counted apart. An organization with fewer than five of them has no such
    bound: every correction of a small clinic would wait.
    """
    model = type(listing)
    organization = "organization" if model is Site else "site__organization"
    listed = model.objects.listed().filter(**{organization: owner_of(listing)})
    total = listed.count()
    if total < FLOOR:
        return False
    touched = _touched(model, listed.values("pk"), account, now) | {listing.pk, *beside}
    return len(touched) * SHARE > total


def _touched(model: type[Listing], ids: Any, account: User, now: dt.datetime) -> set[uuid.UUID]:
    events: Any = apps.get_model("services", f"{model.__name__}Event")
    found = events.objects.filter(
        pgh_obj__in=ids,
        pgh_created_at__gt=now - AT_ONCE,
        pgh_context__metadata__account=account.pk,
        pgh_context__metadata__act=EDIT,
    )
    return set(found.values_list("pgh_obj_id", flat=True))
