"""Reports that accounts send. Here it is decided in which role somebody speaks of a service."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from services.acting import as_the_system
from services.availability import Observation, report_availability, stored_before
from services.closing_notice import tell_of_reports
from services.history import sign_history
from services.models import AvailabilityReport, Service, User
from services.vocabulary import Availability, Reporter


@dataclass(frozen=True, slots=True)
class Say:
    """In which role an account speaks of a service, and whose service it is."""

    reporter: Reporter
    organization_id: uuid.UUID


def says_of(account: User, services: Collection[uuid.UUID]) -> dict[uuid.UUID, Say]:
    """In which role an account speaks of each of these services, in two queries.

    A service it has no say about is left out, and so is one that is not listed: nobody can tell the
    two apart. Staff of a clinic speak for it; moderators and outreach as people who looked.
    """
    own = set(account.memberships.values_list("organization", flat=True))
    found = Service.objects.reportable_by(account).filter(pk__in=services)
    return {
        pk: Say(Reporter.CLINIC_STAFF if organization in own else Reporter.OUTREACH, organization)
        for pk, organization in found.values_list("pk", "site__organization")
    }


def report_as(
    *,
    account: User,
    say: Say | None,
    service_id: uuid.UUID,
    observation: Observation,
    channel: AvailabilityReport.Channel,
) -> tuple[AvailabilityReport, bool]:
    """Store what an account saw; its name stands in the history.

    What was stored already is answered alike for ever: the first answer may have been lost, and the
    service retired since, or out of the account's reach.

    Args:
        account: who saw it.
        say: of ``says_of``; None for an account that has none.
        service_id: of what.
        observation: what they saw.
        channel: how it came.

    Returns:
        The report, and whether it is new.

    Raises:
        Service.DoesNotExist: it has no say about such a service, or there is none.
        ReportRefusedError, ReportConflictError: see ``report_availability``.
    """
    try:
        return _report(account, say, service_id, observation, channel)
    except Service.DoesNotExist:
        with as_the_system():  # its own report, of which it may read nothing else any more
            known = stored_before(service_id, observation, account)
        if known is None:
            raise
        return known, False


@transaction.atomic
def _report(
    account: User,
    say: Say | None,
    service_id: uuid.UUID,
    observation: Observation,
    channel: AvailabilityReport.Channel,
) -> tuple[AvailabilityReport, bool]:
    if say is None:
        raise Service.DoesNotExist
    sign_history(account, organization_id=say.organization_id)
    report, is_new = report_availability(
        service_id=service_id,
        observation=observation,
        reporter=say.reporter,
        channel=channel,
        account=account,
    )
    own = say.reporter == Reporter.CLINIC_STAFF
    if is_new and own and report.state == Availability.CLOSED_TEMPORARILY:
        tell_of_reports(say.organization_id, account, report.received_at)
    return report, is_new
