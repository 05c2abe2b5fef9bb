"""Claims: who is about to call a clinic, so that no two workers call it in the same minutes."""

import datetime as dt
import math
import uuid

from django.db import transaction
from django.utils import timezone

from services.acting import as_the_system
from services.models import Claim, Service, Site, User

LASTS = dt.timedelta(minutes=20)  # a call, its hold music and the report; then others may


class ClaimedError(Exception):
    """Somebody else is calling this clinic. ``wait``: whole seconds until their claim ends."""

    def __init__(self, wait: int) -> None:
        super().__init__("claimed")
        self.wait = wait


@transaction.atomic
def claim_site(*, service_id: uuid.UUID, account: User) -> Claim:
    """Claim the site of a service for 20 minutes; by the same account again, for 20 more from now.

    The site's row is locked, so of many workers at once exactly one gets it. Whoever reports or
    confirms needs no claim.

    Raises:
        Service.DoesNotExist: no such listed service.
        ClaimedError: somebody else holds it.
    """
    site_id = Service.objects.listed().values_list("site_id", flat=True).get(pk=service_id)
    with as_the_system():  # the site is another's, and stays as it is
        Site.objects.select_for_update(no_key=True).only("pk").get(pk=site_id)
    now = timezone.now()
    claim = Claim.objects.select_for_update().filter(site=site_id).first()
    claim = claim or Claim(site_id=site_id)
    if claim.pk and claim.account_id != account.pk and claim.until > now:
        raise ClaimedError(math.ceil((claim.until - now).total_seconds()))
    claim.account, claim.until = account, now + LASTS
    claim.save(update_fields=["account", "until"] if claim.pk else None)
    return claim


@transaction.atomic
def release_site(*, service_id: uuid.UUID, account: User) -> bool:
    """Give up one's own claim. False if there was none; another's stays as it is.

    Raises:
        Service.DoesNotExist: no such listed service.
    """
    site_id = Service.objects.listed().values_list("site_id", flat=True).get(pk=service_id)
    mine = Claim.objects.select_for_update(of=("self",)).filter(site=site_id, account=account)
    deleted, _by_model = mine.delete()
    return deleted > 0


def claims_now(*, account: User, now: dt.datetime) -> tuple[set[uuid.UUID], dict[uuid.UUID, str]]:
    """Which services not to call, and which are one's own to call.

    Returns:
        Services at sites that others claimed; and those at one's own, with the end of the claim
        (RFC 3339).
    """
    claimed = Service.objects.filter(site__claim__until__gt=now)
    others, mine = set(), {}
    for id_, holder, until in claimed.values_list(
        "pk", "site__claim__account", "site__claim__until"
    ):
        if holder == account.pk:
            mine[id_] = until.isoformat()
        else:
            others.add(id_)
    return others, mine
