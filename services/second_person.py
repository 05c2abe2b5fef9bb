"""Who can be the second person of a held change: nobody whom a stolen account could have made up.

A clinic's admins invite. So whoever came by such an invitation within the last day neither
approves, nor has approved by a colleague what they asked for: by then the change has taken effect
anyway. Whom a moderator invited is known to somebody else.
"""

import datetime as dt

from django.db.models import Q, QuerySet

from services.models import HeldChange, Invitation, User
from services.vocabulary import Role

WAITS = dt.timedelta(hours=24)


def is_second_person(account: User, held: HeldChange, now: dt.datetime) -> bool:
    """Whether an account that may see a change may approve it."""
    if account.pk == held.asked_by_id:
        return False
    new = newcomers(held, now).filter(accepted_by__in=[account.pk, held.asked_by_id or 0])
    return account.moderates or not new.exists()


def newcomers(held: HeldChange, now: dt.datetime) -> QuerySet[Invitation]:
    """The invitations by which a clinic's own people let somebody in within the last day."""
    by_moderators = Q(invited_by__role=Role.MODERATOR) | Q(invited_by__is_superuser=True)
    recent = Invitation.objects.filter(accepted_at__gt=now - WAITS, accepted_by__isnull=False)
    return recent.filter(organization=held.organization_id).exclude(by_moderators)
