"""The change log: one append-only table, written by triggers in the transaction of the change.

Readers are the search index, phones' offline packs, and audit. A row carries the id of the
transaction that wrote it, so that a reader can tell which rows earlier ones may still follow.
"""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

CHANNEL = "locator_changes"  # NOTIFY wakes the followers; its payload is empty


class TransactionIdField(models.BigIntegerField[int, int]):
    """PostgreSQL's 64-bit transaction id. Grows for the life of the cluster, never wraps."""

    def db_type(self, connection: object) -> str:
        """The column's type."""
        return "xid8"


class Change(models.Model):
    """Something about one organization, site or service changed."""

    class Entity(models.TextChoices):
        """Whose listing changed. Hours count as their service, phones as their site."""

        ORGANIZATION = "organization", _("Organization")
        SITE = "site", _("Site")
        SERVICE = "service", _("Service")

    id = models.BigAutoField(primary_key=True)
    xid = TransactionIdField()
    entity = models.CharField(max_length=12, choices=Entity.choices)
    entity_id = models.UUIDField()
    deleted = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["xid", "id"]
        indexes: ClassVar = [
            models.Index(fields=["xid", "id"], name="change_in_order"),
            models.Index(fields=["changed_at"], name="change_by_age"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="wake_followers",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=f"PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL;",
            ),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.entity_id}"


def _insert(entity: Change.Entity, rows: str, key: str, *, deleted: bool) -> str:
    return (  # nothing of it comes from outside
        "INSERT INTO services_change (xid, entity, entity_id, deleted, changed_at) "
        f"SELECT DISTINCT pg_current_xact_id(), '{entity.value}', {key}, {deleted}, now() "
        f"FROM {rows}; RETURN NULL;"
    )


def logs_changes(
    entity: Change.Entity, *, key: str = "id", is_part: bool = False
) -> list[pgtrigger.Trigger]:
    """Triggers that write to the change log once per statement, whatever its number of rows.

    Args:
        entity: whose listing changes with a row of this table.
        key: the column that holds that entity's id.
        is_part: the row is a part of the entity, so deleting it is a change, not a deletion.
    """
    differing = (
        "((SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows) UNION ALL "
        "(SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows)) AS differing"
    )
    return [
        pgtrigger.Trigger(
            name="log_created",
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=_insert(entity, "new_rows", key, deleted=False),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
        pgtrigger.Trigger(
            name="log_changed",
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
            func=_insert(entity, differing, key, deleted=False),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
        pgtrigger.Trigger(
            name="log_deleted",
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="old_rows"),
            func=_insert(entity, "old_rows", key, deleted=not is_part),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
    ]
