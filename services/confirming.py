"""Confirming: somebody who knows says that everything listed of a service is still true."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from services.history import sign_history
from services.models import Service, User


@transaction.atomic
def confirm(*, service_id: uuid.UUID, account: User) -> dt.datetime:
    """Note that a service's listing was true just now; returns when. Nothing else changes.

    Confirming is not reporting: the availability keeps its own age.

    Raises:
        Service.DoesNotExist: it has no say about such a service, or there is none.
    """
    mine = Service.objects.select_for_update(of=("self",)).reportable_by(account)
    service = mine.select_related("site").get(pk=service_id)
    sign_history(account, organization_id=service.site.organization_id)
    service.confirmed_at = timezone.now()
    service.save(update_fields=["confirmed_at"])
    return service.confirmed_at
