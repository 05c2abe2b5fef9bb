"""What a tap on the page of a link says: a report of the clinic's staff, or a closing."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from services.availability import Observation, report_availability
from services.closing import Claim, close
from services.history import sign_link
from services.models import AvailabilityReport, Service
from services.reporting_links import link_behind
from services.vocabulary import Availability, Kind, Reporter


@dataclass(frozen=True, slots=True)
class Tap:
    """One press of a button.

    Attributes:
        id: of the form that was sent; the same button of the same form is one event, however often.
        kind: which of the site's services.
        state, remaining, wait_days: as in an observation made now.
        closed_until: instead of those: closed until then.
    """

    id: uuid.UUID
    kind: Kind
    state: Availability = Availability.CLOSED_TEMPORARILY
    remaining: int | None = None
    wait_days: int | None = None
    closed_until: dt.datetime | None = None

    def event_id(self, link_id: uuid.UUID) -> uuid.UUID:
        """Another button of the same form says something else, so it is another event."""
        said = (link_id, self.kind, self.state, self.remaining, self.wait_days, self.closed_until)
        return uuid.uuid5(self.id, " ".join(map(str, said)))


@transaction.atomic
def tap_link(*, token: str, tap: Tap, now: dt.datetime) -> None:
    """Store what a tap says. A second tap of the same changes nothing.

    Raises:
        LinkGoneError: the link does not work.
        Service.DoesNotExist: the site offers no such listed service.
        ReportRefusedError: it cannot be true.
        ClosingRefusedError: it cannot be closed like that.
    """
    link = link_behind(token, now)
    services = Service.objects.listed().filter(site=link.site, kind=tap.kind)
    if tap.closed_until is not None:
        claim = Claim(tap.event_id(link.pk), tap.closed_until)
        sign_link(closing=str(claim.id))
        close(scope=services.get(), claim=claim, closed_by=Reporter.CLINIC_STAFF, account=None)
        return
    service = services.select_for_update(of=("self",)).get()
    sign_link()
    report_availability(
        service_id=service.pk,
        observation=_observation(service, tap, tap.event_id(link.pk), now),
        reporter=Reporter.CLINIC_STAFF,
        channel=AvailabilityReport.Channel.LINK,
    )


def _observation(service: Service, tap: Tap, id_: uuid.UUID, now: dt.datetime) -> Observation:
    """Seen now; of a second tap, when the first one came. Who repeats a word keeps its note."""
    known = AvailabilityReport.objects.filter(pk=id_).first()
    repeats = (service.state, service.remaining, service.wait_days) == (
        tap.state,
        tap.remaining,
        tap.wait_days,
    )
    return Observation(
        id=id_,
        state=tap.state,
        remaining=tap.remaining,
        wait_days=tap.wait_days,
        note=known.note if known else service.note if repeats else "",
        observed_at=known.observed_at if known else now,
    )
