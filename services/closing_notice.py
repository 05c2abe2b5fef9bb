"""The letter that tells others that something was closed for a time.

A closing counts at once. Whoever knows better hears of it, and opens it again in one action.
"""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from services.models import Closing, Message, Service, Site, User
from services.outbox import enqueue
from services.vocabulary import Role

LETTER = """{what} is told to be closed until {until}.

{who} closed it{why}. It opens again by itself at that time.

If it is not closed, one action opens it again: sign in at {admin} and press "Open again" on its
page. A report of what is free there opens that service, too.
"""


def tell_the_others(closing: Closing) -> None:
    """Send a letter to the organization's other people; if it has none, to moderators."""
    letter = _letter(closing)
    for member in _others(closing):
        enqueue(
            key=f"closing:{closing.pk}:{member.pk}",
            purpose=Message.Purpose.CLOSING,
            recipient=member.email,
            subject=f"Closed for a time: {closing.closed}",
            body=letter,
            expires_at=closing.until,
        )


def _others(closing: Closing) -> Iterable[User]:
    reachable = User.objects.filter(is_active=True).exclude(email="").order_by("pk")
    reachable = reachable.exclude(pk=closing.account_id or 0)
    members = list(reachable.filter(memberships__organization=closing.organization_id))
    moderators = Q(role=Role.MODERATOR) | Q(is_superuser=True)
    return members or reachable.filter(moderators)


def _letter(closing: Closing) -> str:
    zone = _time_zone(closing)
    until = closing.until.astimezone(ZoneInfo(zone))
    account = closing.account
    return LETTER.format(
        what=closing.closed,
        until=f"{until:%A %d %B %Y, %H:%M} ({zone})",
        who=account.username if account else closing.get_closed_by_display(),
        why=f" and said why: {closing.reason}" if closing.reason else "",
        admin=f"{settings.PUBLIC_URL}/admin/",
    )


def _time_zone(closing: Closing) -> str:
    closed = closing.closed
    if isinstance(closed, Service):
        return closed.site.time_zone
    if isinstance(closed, Site):
        return closed.time_zone
    first = closed.sites.order_by("pk").values_list("time_zone", flat=True).first()
    return first or "UTC"
