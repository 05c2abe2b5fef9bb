"""Where somebody who signs in arrives: clinic staff at their page, moderators at the screens."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from services.admin.clinic import clinic_urls, first_page
from services.admin.clinic_groups import own_organizations
from services.admin.disputed import disputed_services, disputed_urls
from services.admin.scope import account_of, moderates
from services.models import HeldChange


def welcome_by_role(site: AdminSite) -> None:
    """Give an admin site the first pages of clinics and moderators, and what they lead to."""
    usual, urls = site.index, site.get_urls
    site.index_template = "services/moderator_index.html"

    def index(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not moderates(request):
            return first_page(request)
        waiting = HeldChange.objects.visible_to(account_of(request)).waiting().count()
        due = {
            "held_waiting": waiting,
            "disputed": disputed_services().count(),
            "own_clinic": own_organizations(account_of(request)).exists(),
        }
        return usual(request, due | (extra_context or {}))

    site.index = index  # type: ignore[method-assign,assignment]
    site.get_urls = lambda: [*clinic_urls(site), *disputed_urls(site), *urls()]  # type: ignore[method-assign]
