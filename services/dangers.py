"""Which changes are dangerous: those by which a stolen account could send people astray.

They wait for a second person. What a moderator changes does not: a moderator is one.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import Point

from services.content import Listing, owner_of, with_changes
from services.editing import distance_m
from services.models import Service, Site, User
from services.narrowing import closing_fields, narrowing_fields
from services.vocabulary import Delivery, Role, Visibility

MOVED, PHONES, UNLISTED, VISIBILITY, MANY = "moved", "phones", "unlisted", "visibility", "many"
EDIT, APPROVED = "edit", "approved"  # what a change set in the history is told to be

FARTHEST_M = 500.0  # a correction of the door; more is another place
CREEPING = dt.timedelta(days=7)  # small moves within it count as one, whoever makes them
AT_ONCE = dt.timedelta(hours=1)
NARROWED = dt.timedelta(days=1)  # services narrowed within it count together, whoever does it
NARROWS = "narrows"  # the note of such a change set in the history
DIGITS_OF_A_NUMBER = 5  # a label with more is a number
SHARE = 5  # a fifth
FLOOR = 5  # fewer listings than this have no fifth to speak of

# Where a site is: told together or not at all, for half a new address sends people astray too.
PLACE = (
    "location", "location_accuracy", "delivery", "address", "address_extra", "city", "region",
    "postal_code", "country", "time_zone",
)  # fmt: skip
# Where people are sent to look for it, and when: this moves a site on whichever screen it is told.
AREA = ("region", "country", "time_zone")
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
    after = with_changes(content, changes)
    held: dict[str, tuple[str, ...]] = {}
    if isinstance(listing, Site):
        if _moves(listing, content, changes, now) or _sends_elsewhere(content, after):
            held[MOVED] = tuple(field for field in PLACE if field in changes)
        if "phones" in changes and _numbers(changes["phones"]) != _numbers(content["phones"]):
            held[PHONES] = ("phones",)
        if "visibility" in changes and _shows_more(content["visibility"], changes["visibility"]):
            held[VISIBILITY] = ("visibility",)
        closing: set[str] = set()
    else:
        closing = closing_fields(listing, content, after, now)
    closing |= {"listed"} if changes.get("listed") is False else set()
    if closing := closing & set(changes):
        held[UNLISTED] = tuple(sorted(closing))
    rest = {field: changes[field] for field in changes if field not in sum(held.values(), ())}
    if many := _too_many(listing, content, rest, account=account, now=now, beside=beside):
        held[MANY] = many
    return held


def _too_many(
    listing: Listing,
    content: Mapping[str, Any],
    rest: Mapping[str, Any],
    *,
    account: User,
    now: dt.datetime,
    beside: Collection[uuid.UUID],
) -> tuple[str, ...]:
    """The fields that wait because too many listings were edited, or narrowed, already."""
    if rest and _one_too_many(listing, account, now, beside):
        return tuple(rest)
    narrowing = narrowing_of(listing, content, rest, now)
    if narrowing and _one_narrowed_too_many(listing, now, beside):
        return tuple(sorted(narrowing))
    return ()


def narrowing_of(
    listing: Listing, content: Mapping[str, Any], changes: Mapping[str, Any], now: dt.datetime
) -> set[str]:
    """The fields of an edit by which a service is open to fewer people, though it is not held."""
    if not isinstance(listing, Service):
        return set()
    return narrowing_fields(listing, content, with_changes(content, changes), now) & set(changes)


def astray(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Why a listing that becomes this could send people astray: the reasons that need no history.

    Args:
        before: what it says, of services.content.
        after: what it would say.
    """
    why = {UNLISTED} if before["listed"] and not after["listed"] else set()
    if "location" in before:
        far = _far(_point(before["location"]), _point(after["location"]))
        if far or _sends_elsewhere(before, after):
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


def _numbers(phones: list[dict[str, Any]]) -> set[tuple[str, str | None, str]]:
    """What people dial. A label may hide a number, too: it is read before the number is."""
    return {(phone["number"], phone["extension"], _dialled(phone["label"])) for phone in phones}


def _dialled(label: str) -> str:
    digits = "".join(filter(str.isdecimal, label))
    return digits if len(digits) >= DIGITS_OF_A_NUMBER else ""


def _sends_elsewhere(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether people look for the site elsewhere, whatever becomes of its point.

    In another area or city; or, while its point stays, at another address: most words of the old
    one gone. To fill in what was empty sends nobody elsewhere, unless a remote site's area shrinks.
    """
    remote = after["delivery"] == Delivery.REMOTE
    if any(before[one] != after[one] and (before[one] or remote) for one in AREA):
        return True
    if _words(before, "city") and not _words(before, "city") & _words(after, "city"):
        return True
    old, new = (_words(one, "address", "city", "postal_code") for one in (before, after))
    return before["location"] == after["location"] and 2 * len(old - new) > len(old)


def _words(content: Mapping[str, Any], *fields: str) -> set[str]:
    told = " ".join(content[field] for field in fields)
    return set(told.casefold().replace(",", " ").replace(".", " ").split())


def _shows_more(before: str, after: str) -> bool:
    return SHOWS[Visibility(after)] > SHOWS[Visibility(before)]


def _moves(
    site: Site, content: Mapping[str, Any], changes: Mapping[str, Any], now: dt.datetime
) -> bool:
    """Whether the point moves too far, appears or vanishes."""
    if "location" not in changes and changes.get("delivery") != Delivery.REMOTE:
        return False
    return _far(_stood_at(site, now), _point(changes.get("location")))


def _stood_at(site: Site, now: dt.datetime) -> Point | None:
    """Where the site stood a week ago, or where somebody more trusted left it since.

    That is a moderator, a feed, whoever runs the system, or a second person. Many steps are one
    move, also if several accounts of a clinic take turns.
    """
    events: Any = apps.get_model("services", "SiteEvent")
    newest = events.objects.filter(pgh_obj_id=site.pk).select_related("pgh_context")
    left: Point | None = site.location
    for event in newest.order_by("-pgh_id").iterator(chunk_size=20):
        told = event.pgh_context.metadata if event.pgh_context else {}
        left = event.location
        if _is_settled(told) or event.pgh_created_at <= now - CREEPING:
            break
    return left


def _is_settled(told: Mapping[str, Any]) -> bool:
    by_the_clinic = "account" in told and told.get("role") != Role.MODERATOR
    return told.get("act") == APPROVED or not by_the_clinic


def _one_too_many(
    listing: Listing, account: User, now: dt.datetime, beside: Collection[uuid.UUID]
) -> bool:
    """Whether the account edits more than a fifth of the organization's listings within an hour.

    Services and sites are counted apart. An organization with fewer than five of them has no such
    bound: every correction of a small clinic would wait.
    """
    told = {"account": account.pk, "act": EDIT}
    return _more_than_a_fifth(listing, beside, since=now - AT_ONCE, told=told)


def _one_narrowed_too_many(
    listing: Listing, now: dt.datetime, beside: Collection[uuid.UUID]
) -> bool:
    """Whether more than a fifth of the organization's services are narrowed within a day.

    By whomever: accounts that take turns, or one that takes its time, close as much.
    """
    told = {"act": EDIT, NARROWS: "yes"}
    return _more_than_a_fifth(listing, beside, since=now - NARROWED, told=told)


def _more_than_a_fifth(
    listing: Listing, beside: Collection[uuid.UUID], *, since: dt.datetime, told: dict[str, Any]
) -> bool:
    """Whether this listing is one too many beside those whose change sets tell that much."""
    model = type(listing)
    organization = "organization" if model is Site else "site__organization"
    listed = model.objects.listed().filter(**{organization: owner_of(listing)})
    total = listed.count()
    if total < FLOOR:
        return False
    events: Any = apps.get_model("services", f"{model.__name__}Event")
    found = events.objects.filter(
        pgh_obj__in=listed.values("pk"),
        pgh_created_at__gt=since,
        pgh_context__metadata__contains=told,
    )
    touched = {*found.values_list("pgh_obj_id", flat=True), listing.pk, *beside}
    return len(touched) * SHARE > total
