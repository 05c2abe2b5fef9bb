"""Reminders: before a word expires its clinic is asked, once, whether it is still true."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation

from services.models import Message, Reminder, ReportingPlan, Service
from services.outbox import enqueue
from services.reporting_links import about_link, make_link
from services.told import word_of
from services.vocabulary import Availability
from services.wording import told_in_words

LEAST_AHEAD = dt.timedelta(minutes=15)  # time to read it and to answer
MOST_AHEAD = dt.timedelta(hours=4)
SHARED = dt.timedelta(minutes=30)  # services of a site that are due so close share a message
TELLS_WHEN = ("as_of", "expires_at", "site__time_zone", "site__reporting_plan__shift_times")

log = structlog.get_logger(__name__)


def remind_at(
    as_of: dt.datetime,
    expires_at: dt.datetime,
    shift_times: Collection[dt.time],
    time_zone: str,
) -> dt.datetime:
    """When to ask about a word: at a shift, when somebody is there to answer.

    The last shift after the word was said and at least 15 minutes before it expires. Without one:
    ahead of the expiry by a quarter of the word's life, from 15 minutes to 4 hours.

    Args:
        as_of: when it was said.
        expires_at: when it ends.
        shift_times: on the site's clock. In the hour that a clock skips, as if it had not; in the
            hour that comes twice, the first.
        time_zone: IANA name of the site's clock.
    """
    zone = ZoneInfo(time_zone)
    latest = expires_at - LEAST_AHEAD
    day = latest.astimezone(zone).date()
    while shift_times and day >= as_of.astimezone(zone).date():
        shifts = (dt.datetime.combine(day, time, zone).astimezone(dt.UTC) for time in shift_times)
        if fitting := [shift for shift in shifts if as_of < shift <= latest]:
            return max(fitting)
        day -= dt.timedelta(days=1)
    ahead = min(max((expires_at - as_of) / 4, LEAST_AHEAD), MOST_AHEAD)
    return expires_at - ahead


@dataclass(frozen=True, slots=True)
class _Due:
    service: Service
    remind_at: dt.datetime


def remind_due(now: dt.datetime) -> int:
    """Put a message in the outbox for every site with a word to ask about. Returns how many.

    Late is better than never: while a word holds it is asked about, and after it no more.
    """
    sites: dict[uuid.UUID, list[_Due]] = defaultdict(list)
    # A minute has room for what tells when, not for whole rows.
    for due in _due(_unreminded(now).only(*TELLS_WHEN)):
        sites[due.service.site_id].append(due)
    messages = 0
    for site_id, waiting in sites.items():
        if min(one.remind_at for one in waiting) > now:
            continue
        try:
            messages += remind_site(site_id=site_id, now=now)
        except Exception as problem:  # one site's trouble must not keep the others from theirs
            log.warning("not reminded", site=str(site_id), problem=type(problem).__name__)
    return messages


@transaction.atomic
def remind_site(*, site_id: uuid.UUID, now: dt.datetime) -> bool:
    """Ask a site about all its words that are due, in one message. True if there is one now.

    The plan's lock keeps a second beat away; the reminders say what was asked, for ever.
    """
    plans = ReportingPlan.objects.select_for_update(of=("self",), skip_locked=True)
    plan = plans.select_related("site").filter(site=site_id).first()
    if plan is None:
        return False
    waiting = _due(_unreminded(now).filter(site=site_id))
    if not any(one.remind_at <= now for one in waiting):
        return False
    services = [one.service for one in waiting if one.remind_at <= now + SHARED]
    reminders = Reminder.objects.bulk_create(
        Reminder(service=one, expires_at=one.expires_at) for one in services if one.expires_at
    )
    message = _message(plan, services, key=f"reminder:{reminders[0].pk}", now=now)
    Reminder.objects.filter(pk__in=[one.pk for one in reminders]).update(message=message)
    return True


def is_still_needed(message: Message, now: dt.datetime) -> bool:
    """Whether a word that a reminder asks about still stands as it did, and nobody closed."""
    asked = Reminder.objects.filter(message=message)
    same = _told(now).filter(reminders__in=asked, reminders__expires_at=F("expires_at"))
    return same.filter(site__reporting_plan__contact_email=message.recipient).exists()


def _told(now: dt.datetime) -> QuerySet[Service]:
    """Listed services of planned sites whose word is told now, and that are not closed."""
    open_ = Q(closed_until=None) | Q(closed_until__lte=now)
    services = Service.objects.listed().filter(open_, site__reporting_plan__isnull=False)
    return services.filter(expires_at__gt=now).exclude(state=Availability.UNKNOWN)


def _unreminded(now: dt.datetime) -> QuerySet[Service]:
    asked = Reminder.objects.filter(service=OuterRef("pk"), expires_at=OuterRef("expires_at"))
    services = _told(now).filter(~Exists(asked))
    return services.select_related("site__reporting_plan").order_by("kind", "pk")


def _due(services: QuerySet[Service]) -> list[_Due]:
    return [
        _Due(one, remind_at(one.as_of, one.expires_at, shifts, one.site.time_zone))
        for one in services
        if one.as_of and one.expires_at
        for shifts in [one.site.reporting_plan.shift_times]
    ]


def _message(
    plan: ReportingPlan, services: list[Service], *, key: str, now: dt.datetime
) -> Message:
    site = plan.site
    with translation.override("en"):
        told = "\n".join(
            f"- {one.get_kind_display()}: {told_in_words(word_of(one), now, site.time_zone)}"
            for one in services
        )
        token = make_link(site=site, now=now)
        return enqueue(
            key=key,
            purpose=Message.Purpose.REMINDER,
            recipient=plan.contact_email,
            subject=f"Still true? {site.name}",
            body=f"{site.name}\n\n{told}\n\n{about_link(token, site, now)}",
            expires_at=max(one.expires_at for one in services if one.expires_at),
        )
