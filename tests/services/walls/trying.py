"""What statements of somebody's do, with a row behind each sort of Acting."""

import datetime as dt
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege, RaiseException

from services.acting import Acting, acting_as
from services.models import Invitation, User
from services.vocabulary import Role
from tests.builders import a_site, an_account
from tests.services.walls.victim import reached

REACHED = "SELECT cardinality(acting_organizations())"


def did(somebody: Acting, statement: str, *values: Any) -> int:
    """How many rows a statement reaches on somebody's behalf; -1 if it is refused. It stays."""
    try:
        with transaction.atomic():
            return reached(somebody, statement, *values)
    except DatabaseError as refused:
        if not isinstance(refused.__cause__, InsufficientPrivilege | RaiseException):
            raise
        return -1


def reach(somebody: Acting) -> int:
    """In how many organizations the database takes somebody to be."""
    with acting_as(somebody), connection.cursor() as cursor:
        cursor.execute(REACHED)
        return int(cursor.fetchone()[0])


def an_invitation(role: Role = Role.CLINIC_STAFF, by: User | None = None) -> Invitation:
    """Of an organization of its own, if the role is held in one."""
    now = timezone.now()
    organization = None if role in {Role.OUTREACH, Role.MODERATOR} else a_site().organization
    return Invitation.objects.create(
        email="new@example.org",
        organization=organization,
        role=role,
        invited_by=by or an_account(Role.CLINIC_ADMIN, organization),
        made_at=now,
        expires_at=now + dt.timedelta(days=1),
    )


def bearer_of(invitation: Invitation) -> Acting:
    return Acting(f"invitation {invitation.pk}")
