"""Telling an organization's other people that a change waits for a second person."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from services.models import HeldChange, Message, User
from services.outbox import enqueue
from services.second_person import newcomers
from services.vocabulary import Role

SUBJECT = "A change of a listing waits for a second person"
BODY = """\
Somebody of {organization} asked for a change that could send people astray:

{listing}: {fields}

It takes effect on {due} UTC unless it is decided before. If you know of it, approve it. If you do
not, reject it, and ask whether somebody else uses that account.

{link}

There may be more than this one by now.
"""


def tell_others(held: HeldChange) -> None:
    """Write to the others who may be the second person; if there are none, to moderators.

    At most one message an hour and person for each organization: a stolen account must not be able
    to flood them.
    """
    hour = f"{held.asked_at:%Y%m%d%H}"
    for person in _others(held):
        enqueue(
            key=f"held:{held.organization_id}:{hour}:{person.pk}",
            purpose=Message.Purpose.HELD,
            recipient=person.email,
            subject=SUBJECT,
            body=_body(held),
            expires_at=held.due_at,
        )


def _others(held: HeldChange) -> Iterable[User]:
    reachable: QuerySet[User] = (
        User.objects.filter(is_active=True)
        .exclude(email="")
        .exclude(pk=held.asked_by_id or 0)
        .exclude(pk__in=newcomers(held, held.asked_at).values("accepted_by"))
        .order_by("pk")
    )
    members = list(reachable.filter(memberships__organization=held.organization_id))
    moderators = Q(role=Role.MODERATOR) | Q(is_superuser=True)
    return members or reachable.filter(moderators)


def _body(held: HeldChange) -> str:
    listing = held.site or held.service
    path = reverse("admin:services_heldchange_change", args=[held.pk])
    return BODY.format(
        organization=held.organization.name,
        listing=listing,
        fields=", ".join(field.replace("_", " ") for field in held.changes),
        due=f"{held.due_at:%Y-%m-%d %H:%M}",
        link=settings.PUBLIC_URL.rstrip("/") + path,
    )
