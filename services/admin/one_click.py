"""One tap on the first page of a clinic is one report, or one closing, however often it arrives."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.utils import timezone

from services.availability import CONTROL, MOST, Observation
from services.closing import LONGEST_REASON, SPOKEN_AS, Claim, close
from services.models import AvailabilityReport, Closing, Organization, Service, Site, User
from services.reporting import report_as, says_of
from services.vocabulary import Availability

STILL, FREE = "still", "free"
STATES = (
    Availability.AVAILABLE,
    Availability.LIMITED,
    Availability.WAITLIST,
    Availability.FULL,
)
SAYINGS = [(one, one) for one in (STILL, FREE, *(state.value for state in STATES))]
MINUTES = "%Y-%m-%dT%H:%M"  # what browsers send of a date with a time
TYPED = [MINUTES, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]


class SayForm(forms.Form):
    """What a button says: a state, a number that is free, or that the last word still holds.

    ``shown`` is the time of the word that the page showed: only that word can be repeated.
    """

    id = forms.UUIDField()
    say = forms.ChoiceField(
        choices=SAYINGS, error_messages={"required": "Choose what is free: press a button."}
    )
    remaining = forms.IntegerField(min_value=0, max_value=MOST, required=False)
    shown = forms.CharField(required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        """A number is there where a number is said."""
        data = super().clean() or self.cleaned_data
        if data.get("say") == FREE and data.get("remaining") is None and not self.errors:
            raise ValidationError("Type how many are free, then press the button beside it.")
        return data

    def report_id(self) -> uuid.UUID:
        """The same for the same thing said on the same page: another button is another report."""
        data = self.cleaned_data
        return uuid.uuid5(data["id"], f"{data['say']} {data['remaining']}")


class WordChangedError(Exception):
    """Somebody reported since the page was opened: what it showed cannot be repeated."""


@transaction.atomic
def say(*, service: Service, account: User, form: SayForm) -> tuple[AvailabilityReport, bool]:
    """Store what a button said of a service, as seen now; repeated, it changes nothing.

    Raises:
        Service.DoesNotExist: the account has no say about it.
        WordChangedError: it should repeat a word that no longer is the latest.
        ReportConflictError: the id is somebody else's.
    """
    # The second half of a double tap waits here for the first.
    locked = Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
    known = AvailabilityReport.objects.filter(account=account, service=locked)
    if again := known.filter(pk=form.report_id()).first():
        return again, False
    return report_as(
        account=account,
        say=says_of(account, [locked.pk]).get(locked.pk),
        service_id=locked.pk,
        observation=_observation(locked, form),
        channel=AvailabilityReport.Channel.ADMIN,
    )


def _observation(service: Service, form: SayForm) -> Observation:
    said, remaining = form.cleaned_data["say"], form.cleaned_data["remaining"]
    id_, now = form.report_id(), timezone.now()
    if said == FREE:
        state = Availability.AVAILABLE if remaining else Availability.FULL
        return Observation(id=id_, state=state, observed_at=now, remaining=remaining)
    if said != STILL:
        return Observation(id=id_, state=Availability(said), observed_at=now)
    if service.as_of is None or service.as_of.isoformat() != form.cleaned_data["shown"]:
        raise WordChangedError
    return Observation(
        id=id_,
        state=Availability(service.state),
        observed_at=now,
        remaining=service.remaining,
        wait_days=service.wait_days,
        note=service.note,
    )


class CloseForm(forms.Form):
    """Until when something is closed, on the clock of a place."""

    id = forms.UUIDField()
    until = forms.DateTimeField(
        input_formats=TYPED,
        error_messages={
            "required": "Choose the day and time when it opens again.",
            "invalid": "Choose a day and time, such as 2026-11-24 08:00.",
        },
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        validators=[
            RegexValidator(
                CONTROL, "Why: one line of text, without control characters.", inverse_match=True
            )
        ],
        error_messages={"max_length": f"Why: at most {LONGEST_REASON} characters."},
    )


def time_zone_of(scope: Organization | Site | Service) -> str:
    """The clock on which a closing ends: the site's; for a whole organization its first site's."""
    if isinstance(scope, Service):
        return scope.site.time_zone
    if isinstance(scope, Site):
        return scope.time_zone
    listed = Service.objects.listed().filter(site__organization=scope).order_by("site")
    return listed.values_list("site__time_zone", flat=True).first() or "UTC"


def close_until(
    *, scope: Organization | Site | Service, account: User, form: CloseForm
) -> tuple[Closing, bool]:
    """Close a service, a site or all of an organization until the time the form says.

    Raises:
        ClosingRefusedError, ClosingConflictError, Site.DoesNotExist, Service.DoesNotExist: see
            ``services.closing.close``.
    """
    role = account.role_at(_owner_of(scope))
    if role is None:
        raise Service.DoesNotExist
    data = form.cleaned_data
    claim = Claim(id=data["id"], until=data["until"], reason=data["reason"])
    return close(scope=scope, claim=claim, closed_by=SPOKEN_AS[role], account=account)


def _owner_of(scope: Organization | Site | Service) -> uuid.UUID:
    if isinstance(scope, Service):
        return scope.site.organization_id
    return scope.organization_id if isinstance(scope, Site) else scope.pk
