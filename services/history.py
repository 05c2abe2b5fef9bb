"""Who changed what: every transaction that changes listings signs, and the history tells it.

Triggers keep each version of every listing and its parts. What one transaction changed bears one
context, the change set: its id, the account and the role in which it acted.
"""

import json
import uuid
from typing import Any

from django.db import connection

from services.models import User
from services.vocabulary import CLINIC_ROLES, Role

CURRENT = """
    SELECT coalesce(current_setting('pghistory.context_id', true), ''),
           coalesce(current_setting('pghistory.context_metadata', true), '')
"""
SIGN = """
    SELECT set_config('pghistory.context_id', %s, true),
           set_config('pghistory.context_metadata', %s, true)
"""


SEVERAL = {"closing", "reopened", "reverts"}  # notes of which one change set may bear more than one


def sign_history(account: User, *, organization_id: uuid.UUID | None = None, **notes: str) -> None:
    """Name the account in the history of whatever the current transaction changes from here on.

    Args:
        account: who changes it.
        organization_id: whose listing it is; without it the role is that of their first clinic.
        notes: what else is told of the change set, such as the id of what it ``reverts``.
    """
    role = role_of(account, organization_id)
    _sign({"account": account.pk}, {"role": role.value if role else None}, notes)


def sign_feed(source: str) -> None:
    """Name a feed in the history of whatever the current transaction changes from here on."""
    _sign({"source": source}, {}, {})


def sign_operator(**notes: str) -> None:
    """Say that whoever runs the system makes the changes of the current transaction."""
    _sign({"operator": True}, {}, notes)


def sign_link(**notes: str) -> None:
    """Name staff of the clinic, by a link and without an account, in the history likewise."""
    _sign({"link": True}, {"role": Role.CLINIC_STAFF.value}, notes)


def role_of(account: User, organization_id: uuid.UUID | None = None) -> Role | None:
    """In which role an account changes listings; the clinic's own come first."""
    if organization_id is not None and (held := account.role_at(organization_id)):
        return held
    if account.moderates:
        return Role.MODERATOR
    if account.does_outreach:
        return Role.OUTREACH
    if organization_id is not None:
        return None
    first = account.memberships.order_by("created_at").values_list("role", flat=True).first()
    return Role(first) if first in CLINIC_ROLES else None


def _sign(signer: dict[str, Any], facts: dict[str, Any], notes: dict[str, str]) -> None:
    """The triggers of the history read these settings; they end with the transaction.

    A second signature by the same account in one transaction continues its change set.
    """
    with connection.cursor() as cursor:
        cursor.execute(CURRENT)
        change_set, metadata = cursor.fetchone()
        known = json.loads(metadata) if change_set and metadata else {}
        if not signer.items() <= known.items():
            change_set, known = str(uuid.uuid4()), {}
        added = {
            name: [*known.get(name, []), note] if name in SEVERAL else note
            for name, note in notes.items()
        }
        cursor.execute(SIGN, [change_set, json.dumps(known | signer | facts | added)])
