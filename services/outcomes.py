"""Outcomes: what a visit came to, told by people without an account. Nothing tells who they are."""

import uuid

from django.db import transaction
from django.utils import timezone

from services.acting import as_the_system
from services.availability import ReportConflictError, insert_once
from services.limits import DAY, Limit, Take, limited
from services.models import Service, VisitOutcome
from services.vocabulary import KIND_FACTS, Kind, Outcome
from services.word import follow

MOST_OF_A_SERVICE = 1  # outcomes of one service by one caller, each half-life of its kind
MOST_A_DAY = 20  # outcomes by one caller


@as_the_system()  # whoever tells has no account
def tell_outcome(
    *,
    id: uuid.UUID,  # noqa: A002 - the contract's name
    service_id: uuid.UUID,
    outcome: Outcome,
    caller: str | None = None,
) -> bool:
    """Store what a visit came to. False if it was stored before: a repeat changes nothing.

    It moves the chance a little, within bounds, and never the state that is shown.

    Args:
        id: made by the caller's device; the same id is the same event, for ever.
        service_id: of a listed service.
        outcome: what the visit came to.
        caller: who is limited, as ``api.callers`` names them; None for no limit. Never stored.

    Raises:
        Service.DoesNotExist: no such listed service.
        ReportConflictError: the id was used for something else.
        LimitReachedError, LimitsAwayError: see services.limits.
    """
    with limited() as take, transaction.atomic():
        service = Service.objects.select_for_update(of=("self",)).listed().get(pk=service_id)
        known = VisitOutcome.objects.filter(pk=id).first()
        if known is not None:
            if (known.service_id, known.outcome) != (service.pk, outcome):
                raise ReportConflictError
            return False
        # The service is locked, so a repeat in parallel waits, and then is known and not counted.
        if caller is not None:
            _count(take, service, caller)
        insert_once(
            VisitOutcome(id=id, service=service, outcome=outcome, received_at=timezone.now())
        )
        follow(service)
        return True


def _count(take: Take, service: Service, caller: str) -> None:
    half_life = KIND_FACTS[Kind(service.kind)].half_life
    take(Limit(f"outcome of {service.pk}", MOST_OF_A_SERVICE, half_life), caller)
    take(Limit("outcome", MOST_A_DAY, DAY), caller)
