"""When a site's staff report and where a reminder reaches them: set and taken back here."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from services.acting import as_the_system
from services.models import Message, Reminder, ReportingPlan, Site
from services.reporting_links import revoke_links

MOST_SHIFTS = 12  # a day
LONGEST_ADDRESS = 254  # characters


class PlanRefusedError(ValueError):
    """A plan that cannot work. ``field`` names what to mend, the message says how."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def set_plan(*, site: Site, contact_email: str, shift_times: Iterable[dt.time]) -> ReportingPlan:
    """Set the plan of a site. Links mailed to another contact stop working.

    Raises:
        PlanRefusedError: nobody can be reached by it.
    """
    Site.objects.select_for_update(of=("self",)).get(pk=site.pk)  # two first plans at once
    times = sorted(set(shift_times))
    check_plan(contact_email, times)
    plan = ReportingPlan.objects.filter(site=site).first()
    if plan is None:
        return ReportingPlan.objects.create(
            site=site, contact_email=contact_email, shift_times=times
        )
    if plan.contact_email != contact_email:
        revoke_links(site=site, now=timezone.now())
        waiting = Message.objects.waiting().filter(purpose=Message.Purpose.REMINDER)
        with as_the_system():  # nobody reads the outbox
            Reminder.objects.filter(service__site=site, message__in=waiting).delete()  # asked anew
    plan.contact_email, plan.shift_times = contact_email, times
    plan.save(update_fields=["contact_email", "shift_times", "updated_at"])
    return plan


def check_plan(contact_email: str, shift_times: list[dt.time]) -> None:
    """Refuse a plan that cannot work.

    Raises:
        PlanRefusedError: no such address can be, or too many shifts.
    """
    try:
        validate_email(contact_email)
    except ValidationError:
        message = "An e-mail address, such as desk@clinic.example."
        raise PlanRefusedError("contact_email", message) from None
    if len(shift_times) > MOST_SHIFTS:
        raise PlanRefusedError("shift_times", f"At most {MOST_SHIFTS} times a day.")


@transaction.atomic
def stop_plan(*, site: Site) -> bool:
    """End reminders of a site, and the links that were mailed. False if there was no plan."""
    deleted, _by_model = ReportingPlan.objects.filter(site=site).delete()
    revoke_links(site=site, now=timezone.now())
    return bool(deleted)
