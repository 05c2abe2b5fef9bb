"""New sites and services, as files ask for them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from services.closed import close_newcomers
from services.content import owner_of
from services.dangers import EDIT
from services.editing import add_site
from services.history import sign_history
from services.models import Organization, Service, Site, User
from services.parts import set_exceptions, set_phones, set_rules
from services.patching import columns_of


@transaction.atomic
def add_listing(*, listing: Site | Service, content: Mapping[str, Any], account: User) -> None:
    """Store a new site or service with its parts.

    Args:
        listing: not stored yet; its organization, or its site and kind, are set.
        content: the rest of what it says, of services.patching.real_changes.
        account: who adds it.

    Raises:
        EditRefusedError: its place contradicts how people reach it.
    """
    sign_history(account, organization_id=owner_of(listing), act=EDIT)
    for name, value in columns_of(content).items():
        setattr(listing, name, value)
    if content.get("listed") is False:
        listing.retired_at = timezone.now()
    if isinstance(listing, Site):
        add_site(site=listing)
        set_phones(site_id=listing.pk, phones=content.get("phones", []))
    else:
        _add_service(listing, content)


def _add_service(service: Service, content: Mapping[str, Any]) -> None:
    service.save(force_insert=True)
    set_rules(service_id=service.pk, rules=content.get("hours", {}))
    set_exceptions(service_id=service.pk, exceptions=content.get("hours_exceptions", []))
    close_newcomers({service.site_id})


def lock_organization(listing: Site | Service) -> None:
    """Let nobody add to an organization beside: what is new is looked for before it is added."""
    Organization.objects.select_for_update(no_key=True).get(pk=owner_of(listing))
