"""The shapes of listings as somebody who may edit them reads them, and of what waits."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from api.edit_fields import SERVICE, SITE
from api.fields import object_schema
from api.v1.shapes import ServiceFeature, Shape, SiteWithServices
from services import vocabulary as v
from services.dangers import MANY, MOVED, PHONES, UNLISTED, VISIBILITY
from services.holding import REJECTED_BECAUSE
from services.models import HeldChange

REASONS = (MOVED, PHONES, UNLISTED, VISIBILITY, MANY)
EDITABLE = "Only for an account that may edit it: every field of a PATCH with its true value"


@extend_schema_field(object_schema(SERVICE))
class EditableService(s.JSONField):
    """What people may edit of a service."""


@extend_schema_field(object_schema(SITE))
class EditableSite(s.JSONField):
    """What people may edit of a site."""


class Waiting(Shape):
    """A part of an edit that waits for a second person."""

    id = s.UUIDField()
    fields = s.ListField(child=s.CharField())  # type: ignore[assignment]  # a field, not Serializer.fields
    reasons = s.ListField(child=s.ChoiceField(choices=REASONS))
    due_at = s.DateTimeField(help_text="Takes effect then, if nobody decides before")


class ServiceWithEditable(ServiceFeature):
    """A service; for those who may edit it with `editable`."""

    editable = EditableService(required=False, help_text=EDITABLE)


class SiteWithEditable(SiteWithServices):
    """A site; for those who may edit it with `editable`."""

    editable = EditableSite(required=False, help_text=EDITABLE)


class EditedService(ServiceWithEditable):
    """A service after an edit of which something waits: the old values."""

    held = Waiting(many=True)


class EditedSite(SiteWithEditable):
    """A site after an edit of which something waits: the old values."""

    held = Waiting(many=True)


class HeldListing(Shape):
    """The site or service that a change is of."""

    type = s.ChoiceField(choices=["site", "service"])
    id = s.UUIDField()
    name = s.CharField()


class HeldChangeShape(Shape):
    """A change that waits for a second person, or waited."""

    id = s.UUIDField()
    organization = s.UUIDField()
    listing = HeldListing()
    changes = s.DictField(child=s.JSONField(allow_null=True), help_text="As in a PATCH body")
    before = s.DictField(child=s.JSONField(allow_null=True), help_text="What stood there")
    reasons = s.ListField(child=s.ChoiceField(choices=REASONS))
    asked_by = s.CharField(allow_null=True, help_text="Name of the account")
    asked_as = s.ChoiceField(choices=v.Role.choices, allow_blank=True)
    asked_by_you = s.BooleanField(help_text="Then somebody else approves it; you may reject it")
    asked_at = s.DateTimeField()
    due_at = s.DateTimeField(help_text="Takes effect then, if nobody decides before")
    state = s.ChoiceField(choices=HeldChange.State.choices)
    decided_by = s.CharField(allow_null=True, help_text="null if its time decided")
    decided_at = s.DateTimeField(allow_null=True)
    rejected_because = s.ChoiceField(
        choices=REJECTED_BECAUSE,
        allow_null=True,
        help_text=(
            "replaced by a later change of the same field; outdated, as the listing changed "
            "meanwhile; asker_gone, as who asked may not edit it any more; null if a person "
            "rejected it"
        ),
    )


class HeldChangePage(Shape):
    """A page of held changes, in order of id."""

    next = s.CharField(allow_null=True, help_text="The next page's path; follow it as it is")
    previous = s.CharField(allow_null=True)
    results = HeldChangeShape(many=True)


def told_waiting(held: HeldChange) -> dict[str, Any]:
    """See Waiting."""
    return {
        "id": str(held.pk),
        "fields": list(held.changes),
        "reasons": held.reasons,
        "due_at": held.due_at,
    }
