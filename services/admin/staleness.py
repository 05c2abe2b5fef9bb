"""The page on staleness: what is old, where, and who misses days. Reached from the first page."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from services.admin.availability import TONES
from services.admin.charts import Chart, count_chart, share_chart
from services.admin.scope import account_of, moderates
from services.admin.shown import NOTHING, badge, local_time
from services.daily_reporting import CONSECUTIVE_DAYS, DAYS_IN_A_MONTH, WINDOW_DAYS, complies
from services.models import Organization, Site
from services.regions import REGION_NAMES
from services.staleness import (
    CONFIRMED_DAYS,
    Staleness,
    asked_at,
    staleness_of_all,
    staleness_of_organizations,
    staleness_of_regions,
    staleness_of_services,
    with_listed_services,
)
from services.staleness_charts import ages, told_per_day
from services.vocabulary import Availability, Kind

PAGE = 50  # organizations
TWO_DAYS = 48  # hours; beyond, days say more


def may_see(request: HttpRequest) -> bool:
    """Moderators, and clinic staff their own organization."""
    return moderates(request) or Organization.objects.editable_by(account_of(request)).exists()


def add_staleness(site: AdminSite) -> None:
    """Give an admin site the page."""
    urls = site.get_urls

    def page(request: HttpRequest) -> TemplateResponse:
        if not may_see(request):
            raise PermissionDenied
        context = site.each_context(request) | _told(request, asked_at(timezone.now()))
        return TemplateResponse(request, "services/staleness.html", context)

    def get_urls() -> list[URLResolver | URLPattern]:
        return [path("staleness/", site.admin_view(page), name="staleness"), *urls()]

    site.get_urls = get_urls  # type: ignore[method-assign]


def _told(request: HttpRequest, at: dt.datetime) -> dict[str, Any]:
    """What the page says: of everything, of one state or province, or of one's own."""
    if not moderates(request):
        return _own(request, at)
    if "region" in request.GET:
        return _one_region(request, at)
    rows = [
        {
            "name": REGION_NAMES.get(region, region) or f"All of {country}",
            "address": f"?{urlencode({'country': country, 'region': region})}",
            "told": _in_words(counted),
        }
        for country, region, counted in staleness_of_regions(at=at)
    ]
    api = reverse("staleness-regions")
    return _shown("Staleness", at, None) | {
        "rows": rows,
        "first_column": "State or province",
        "links": _links(api, "States and provinces")
        + _links(reverse("staleness-organizations"), "Organizations"),
    }


def _one_region(request: HttpRequest, at: dt.datetime) -> dict[str, Any]:
    where = {name: request.GET.get(name, "")[:8] for name in ("country", "region")}
    found = with_listed_services(Organization.objects.all(), **where).order_by("name", "pk")
    if "\0" in "".join(where.values()) or not found.exists():
        raise Http404
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    name = REGION_NAMES.get(where["region"], where["region"]) or f"All of {where['country']}"
    everybody = list(found.values_list("pk", flat=True))
    return _shown(f"Staleness: organizations in {name}", at, everybody) | {
        "rows": _organization_rows(page, at),
        "first_column": "Organization",
        "page": page,
        "where": urlencode(where),
        "links": _links(
            reverse("staleness-organizations"), f"Organizations seated in {name}", **where
        ),
        "parent": reverse("admin:staleness"),
    }


def _own(request: HttpRequest, at: dt.datetime) -> dict[str, Any]:
    found = Organization.objects.editable_by(account_of(request)).order_by("name", "pk")
    own = list(with_listed_services(found))
    links = []
    for row in own:
        links += _links(reverse("organization-staleness", args=[row.pk]), row.name)
    return _shown("Staleness of your listings", at, [row.pk for row in own]) | {
        "rows": _organization_rows(own, at),
        "first_column": "Organization",
        "links": links,
        "services": [service for row in own for service in _service_rows(row, at)],
    }


def _organization_rows(
    organizations: Iterable[Organization], at: dt.datetime
) -> list[dict[str, Any]]:
    of = {row.pk: row for row in organizations}
    counted = staleness_of_organizations(of, at=at)
    return [
        {
            "name": row.name,
            "address": reverse("admin:services_organization_change", args=[pk]),
            "told": _in_words(counted[pk]),
        }
        for pk, row in of.items()
        if pk in counted
    ]


def _service_rows(organization: Organization, at: dt.datetime) -> list[dict[str, Any]]:
    sites = {site.pk: site for site in Site.objects.filter(organization=organization).as_shown()}
    return [
        {
            "name": Kind(row.kind).label,
            "address": reverse("admin:services_service_change", args=[row.id]),
            "site": sites[row.site_id].name,
            "state": badge(Availability(row.state).label, TONES[Availability(row.state)]),
            "as_of": local_time(row.as_of, sites[row.site_id].time_zone),
            "confirmed_at": local_time(row.confirmed_at, sites[row.site_id].time_zone),
            "row": row,
            "complies": complies(row.missed),
        }
        for row in staleness_of_services(organization.pk, at=at)
        if row.site_id in sites
    ]


def _shown(title: str, at: dt.datetime, organizations: list[uuid.UUID] | None) -> dict[str, Any]:
    """What every form of the page shows: the sums and the charts."""
    together = staleness_of_all(at=at, organizations=organizations)
    return {
        "title": title,
        "at": at,
        "sum": together and _in_words(together),
        "charts": _charts(at, organizations),
        "confirmed_days": CONFIRMED_DAYS,
        "window_days": WINDOW_DAYS,
        "consecutive_days": CONSECUTIVE_DAYS,
        "days_in_a_month": DAYS_IN_A_MONTH,
    }


def _in_words(counted: Staleness) -> dict[str, Any]:
    """Shares in percent, ages in hours or days, and a dash for what is not known."""
    return {
        "services": f"{counted.services:,}",
        "confirmed": f"{counted.confirmed / counted.services:.1%}",
        "told": f"{counted.told / counted.services:.1%}",
        "never_reported": f"{counted.never_reported:,}",
        "median_age": _age(counted.median_age_hours),
        "p90_age": _age(counted.p90_age_hours),
        "reporting": f"{counted.reporting:,}" if counted.reporting else "",
        "days_missed": f"{counted.days_missed:,}" if counted.reporting else NOTHING,
        "most_days_missed": counted.most_days_missed if counted.reporting else NOTHING,
        "non_compliant": f"{counted.non_compliant:,}" if counted.non_compliant else "",
    }


def _age(hours: float | None) -> str:
    if hours is None:
        return NOTHING
    return f"{hours:.0f} h" if hours < TWO_DAYS else f"{hours / 24:.0f} days"


def _charts(at: dt.datetime, organizations: list[uuid.UUID] | None) -> list[Chart]:
    return [
        share_chart(
            "told",
            "Services with a word that stood, day by day",
            "Share of the services listed now, at this time of each of the last 30 days",
            told_per_day(at=at, organizations=organizations),
        ),
        count_chart(
            "ages",
            "Age of the latest word",
            "Number of listed services",
            ages(at=at, organizations=organizations),
        ),
    ]


def _links(address: str, name: str, **where: str) -> list[tuple[str, str]]:
    return [
        (f"{address}?{urlencode(where | {'format': form})}", f"{name} as {form.upper()}")
        for form in ("csv", "json")
    ]
