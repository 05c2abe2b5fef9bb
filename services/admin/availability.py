"""A service's availability as the admin shows it: read-only, and a form to report it."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.safestring import SafeString

from services.admin.shown import badge, local_time
from services.availability import Observation, ReportConflictError, ReportRefusedError
from services.models import AvailabilityReport, Service, User
from services.ranking import fade, success_chance
from services.reporting import report_as, says_of
from services.told import word_of
from services.vocabulary import KIND_FACTS, Availability, Kind

TONES = {
    Availability.AVAILABLE: "good",
    Availability.LIMITED: "fair",
    Availability.WAITLIST: "fair",
    Availability.FULL: "bad",
    Availability.CLOSED_TEMPORARILY: "bad",
    Availability.UNKNOWN: "plain",
}
STATES = [(state.value, state.label) for state in Availability if state != Availability.UNKNOWN]


def state_now(service: Service, now: dt.datetime) -> Availability:
    """The state as anyone is told it: unknown once the latest word expired."""
    return Availability(word_of(service).state_at(now))


def stands(service: Service) -> SafeString:
    """The state as anyone is told it now, coloured."""
    state = state_now(service, timezone.now())
    return badge(state.label, TONES[state])


def chance_now(service: Service, now: dt.datetime) -> float:
    """The chance that a visit succeeds, as ranking takes it now."""
    facts = KIND_FACTS[Kind(service.kind)]
    age = (now - service.evidence_at).total_seconds() / 60 if service.evidence_at else 0.0
    left = fade(age, facts.half_life.total_seconds() / 60)
    evidence = service.evidence_for, service.evidence_against
    return float(success_chance(prior_of(service), *evidence, left))


def prior_of(service: Service) -> float:
    """The chance as long as nothing recent is known: the service's own, or its kind's."""
    own = service.long_run_chance
    return KIND_FACTS[Kind(service.kind)].prior if own is None else own


def availability_document(service: Service, now: dt.datetime) -> dict[str, Any]:
    """What the availability box of a service's page says."""
    facts, state, zone = (
        KIND_FACTS[Kind(service.kind)],
        state_now(service, now),
        service.site.time_zone,
    )
    return {
        "badge": badge(state.label, TONES[state]),
        "expired": service.expires_at is not None and state == Availability.UNKNOWN,
        "last_state": service.get_state_display(),
        "remaining": service.remaining,
        "unit": facts.unit,
        "wait_days": service.wait_days,
        "note": service.note,
        "as_of": local_time(service.as_of, zone),
        "expires_at": local_time(service.expires_at, zone),
        "reported_by": service.get_reported_by_display(),
        "disputed": service.disputed,
        "chance": f"{chance_now(service, now):.0%}",
        "prior": f"{prior_of(service):.0%}",
        "reported": service.as_of is not None,
        "zone": zone,
    }


class ReportForm(forms.Form):
    """What somebody saw. Times are on the site's clock; no time means now."""

    id = forms.UUIDField(widget=forms.HiddenInput)  # one page, one report, however often it is sent
    state = forms.ChoiceField(choices=STATES, widget=forms.RadioSelect, label="State")
    remaining = forms.IntegerField(min_value=0, max_value=100_000, required=False)
    wait_days = forms.IntegerField(
        min_value=0, max_value=3_650, required=False, label="Days to wait"
    )
    note = forms.CharField(max_length=500, required=False, label="Note for people looking for care")
    observed_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, service: Service, data: Any = None) -> None:
        super().__init__(data, auto_id="report_%s", initial={"id": uuid.uuid4()})
        self.service = service
        zone = service.site.time_zone
        unit = KIND_FACTS[Kind(service.kind)].unit
        self.fields["remaining"].label = f"Remaining ({unit})"
        self.fields["observed_at"].label = "Seen at"
        self.fields["observed_at"].help_text = f"On the site’s clock, {zone}. Empty: now."

    def number_fields(self) -> list[forms.BoundField]:
        """The inputs that stand side by side."""
        return [self["remaining"], self["wait_days"]]

    def other_fields(self) -> list[forms.BoundField]:
        """The inputs below them."""
        return [self["note"], self["observed_at"]]

    def report(self, account: User) -> AvailabilityReport | None:
        """Store the report; None, with errors on the form, if it is refused."""
        with timezone.override(self.service.site.time_zone):
            if not self.is_valid():
                return None
        try:
            return report_as(
                account=account,
                say=says_of(account, [self.service.pk]).get(self.service.pk),
                service_id=self.service.pk,
                observation=self._observation(),
                channel=AvailabilityReport.Channel.ADMIN,
            )[0]
        except ReportRefusedError as refusal:
            self.add_error(refusal.field, str(refusal))
        except ReportConflictError:
            self.add_error(None, ValidationError("This report was stored before: make a new one."))
        except Service.DoesNotExist:
            self.add_error(None, ValidationError("The service or its site is retired."))
        return None

    def _observation(self) -> Observation:
        said = self.cleaned_data
        return Observation(
            id=said["id"],
            state=Availability(said["state"]),
            observed_at=said["observed_at"],
            remaining=said["remaining"],
            wait_days=said["wait_days"],
            note=said["note"],
        )
