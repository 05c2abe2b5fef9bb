"""The letter that tells others that something was closed for a time.

A closing counts at once, and so does a report. Whoever knows better hears of it, and opens it again
in one action.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from services.dangers import FLOOR, SHARE
from services.models import Closing, Message, Organization, Service, Site, User
from services.outbox import enqueue
from services.vocabulary import Availability, Role

LETTER = """{what} is told to be closed until {until}.

{who} closed it{why}. It opens again by itself at that time.

If it is not closed, one action opens it again: sign in at {admin} and press "Open again" on its
page. A report of what is free there opens that service, too.
"""


REPORTED = """{closed} of {total} services of {clinic} were reported as closed within an hour.

{who} reported it.

If they are not closed, report what is free there: that counts at once. If this is not your
colleague's doing, ask a moderator to undo what the account did. Sign in at {admin}.
"""
AT_ONCE = dt.timedelta(hours=1)


def tell_of_reports(organization_id: uuid.UUID, account: User, now: dt.datetime) -> None:
    """Send a letter, once an hour, if one account reports more than a fifth of a clinic closed.

    Reports count at once. A stolen account that says so of every service must not go unnoticed.
    """
    listed = Service.objects.listed().filter(site__organization=organization_id)
    told = listed.filter(
        reports__account=account,
        reports__state=Availability.CLOSED_TEMPORARILY,
        reports__withdrawn_at=None,
        reports__received_at__gt=now - AT_ONCE,
    )
    total, closed = listed.count(), told.distinct().count()
    if total < FLOOR or closed * SHARE <= total:
        return
    clinic = Organization.objects.get(pk=organization_id)
    for member in _others(organization_id, account.pk):
        enqueue(
            key=f"reported-closed:{organization_id}:{account.pk}:{now:%Y%m%d%H}:{member.pk}",
            purpose=Message.Purpose.CLOSING,
            recipient=member.email,
            subject=f"Reported as closed: {clinic}",
            body=REPORTED.format(
                closed=closed,
                total=total,
                clinic=clinic,
                who=account.username,
                admin=f"{settings.PUBLIC_URL}/admin/",
            ),
            expires_at=now + dt.timedelta(days=1),
        )


def tell_the_others(closing: Closing) -> None:
    """Send a letter to the organization's other people; if it has none, to moderators."""
    letter = _letter(closing)
    for member in _others(closing.organization_id, closing.account_id):
        enqueue(
            key=f"closing:{closing.pk}:{member.pk}",
            purpose=Message.Purpose.CLOSING,
            recipient=member.email,
            subject=f"Closed for a time: {closing.closed}",
            body=letter,
            expires_at=closing.until,
        )


def _others(organization_id: uuid.UUID, account_id: int | None) -> Iterable[User]:
    reachable = User.objects.filter(is_active=True).exclude(email="").order_by("pk")
    reachable = reachable.exclude(pk=account_id or 0)
    members = list(reachable.filter(memberships__organization=organization_id))
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
