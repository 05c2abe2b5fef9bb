"""The change log: one append-only table, written by triggers in the transaction of the change.

Readers are the search index, phones' offline packs, and audit. A row carries the id of the
transaction that wrote it, so that a reader can tell which rows earlier ones may still follow, and
the region where the site lies, so that a phone reads its own region's rows alone.
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
    region = models.CharField(
        max_length=11,
        blank=True,
        default="",
        help_text="Country and state, such as US-PA; US- serves the whole country; empty: any",
    )
    moved = models.BooleanField(
        default=False, help_text="From one region into another: each has a row of its own"
    )
    deleted = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["xid", "id"]
        indexes: ClassVar = [
            models.Index(fields=["xid", "id"], name="change_in_order"),
            models.Index(fields=["region", "xid", "id"], name="change_in_order_by_region"),
            models.Index(fields=["changed_at"], name="change_by_age"),
            models.Index(
                fields=["changed_at"], condition=models.Q(moved=True), name="change_moved"
            ),
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


# Where a row of a table lies: its region, and the joins that tell it.
OF_SITE = "coalesce(site.country || '-' || site.region, '')"
ITSELF = ("changed.country || '-' || changed.region", "")
AT_ITS_SITE = (OF_SITE, "LEFT JOIN services_site AS site ON site.id = changed.site_id")
AT_ITS_SERVICE = (
    OF_SITE,
    "LEFT JOIN services_service AS service ON service.id = changed.service_id "
    "LEFT JOIN services_site AS site ON site.id = service.site_id",
)
ANYWHERE = ("''", "")


def _insert(
    entity: Change.Entity, rows: str, key: str, place: tuple[str, str], *, deleted: bool
) -> str:
    """One row for each entity and region; two regions of one entity: it moved."""
    region, joins = place
    return (  # nothing of it comes from outside
        "INSERT INTO services_change "
        "(xid, entity, entity_id, region, moved, deleted, changed_at) "
        f"SELECT pg_current_xact_id(), '{entity.value}', entity_id, region, "
        f"count(*) OVER (PARTITION BY entity_id) > 1, {deleted}, now() "
        f"FROM (SELECT DISTINCT changed.{key} AS entity_id, {region} AS region "
        f"FROM {rows} AS changed {joins}) AS touched; RETURN NULL;"
    )


def _place(entity: Change.Entity, *, is_part: bool) -> tuple[str, str]:
    if entity == Change.Entity.ORGANIZATION:
        return ANYWHERE
    if entity == Change.Entity.SITE:
        return AT_ITS_SITE if is_part else ITSELF
    return AT_ITS_SERVICE if is_part else AT_ITS_SITE


def logs_changes(
    entity: Change.Entity, *, key: str = "id", is_part: bool = False
) -> list[pgtrigger.Trigger]:
    """Triggers that write to the change log once per statement, whatever its number of rows.

    Args:
        entity: whose listing changes with a row of this table.
        key: the column that holds that entity's id.
        is_part: the row is a part of the entity, so deleting it is a change, not a deletion.

    A service that is deleted for good concerns every region: its site may be moving to another
    one in a transaction that the deletion does not see.
    """
    differing = (
        "((SELECT * FROM new_rows EXCEPT SELECT * FROM old_rows) UNION ALL "
        "(SELECT * FROM old_rows EXCEPT SELECT * FROM new_rows))"
    )
    place = _place(entity, is_part=is_part)
    left = ANYWHERE if entity == Change.Entity.SERVICE and not is_part else place
    return [
        pgtrigger.Trigger(
            name="log_created",
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=_insert(entity, "new_rows", key, place, deleted=False),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
        pgtrigger.Trigger(
            name="log_changed",
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
            func=_insert(entity, differing, key, place, deleted=False),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
        pgtrigger.Trigger(
            name="log_deleted",
            operation=pgtrigger.Delete,
            referencing=pgtrigger.Referencing(old="old_rows"),
            func=_insert(entity, "old_rows", key, left, deleted=not is_part),
            level=pgtrigger.Statement,
            when=pgtrigger.After,
        ),
    ]
