"""What visitors say is wrong: services disputed, or lately found closed or wrongly listed."""

import datetime as dt

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from services.admin.clinic_rows import Row
from services.admin.scope import moderates
from services.models import Service, VisitOutcome
from services.models.service import ServiceQuerySet
from services.vocabulary import Outcome

RECENT = dt.timedelta(days=30)
WRONG = (Outcome.CLOSED, Outcome.WRONG_INFO)
COUNTED = (Outcome.TURNED_AWAY, *WRONG)
AT_A_TIME = 50  # services a page


def disputed_services() -> ServiceQuerySet:
    """Listed services that are disputed, or found closed or wrongly listed in the last month."""
    recent = VisitOutcome.objects.filter(received_at__gte=timezone.now() - RECENT)
    wrong = Exists(recent.filter(service=OuterRef("pk"), outcome__in=WRONG))
    return Service.objects.listed().filter(Q(disputed=True) | wrong)


def _counted(services: ServiceQuerySet) -> ServiceQuerySet:
    since = Q(outcomes__received_at__gte=timezone.now() - RECENT)
    counts = {
        f"times_{one.value}": Count("outcomes", filter=since & Q(outcomes__outcome=one))
        for one in COUNTED
    }
    newest = Max("outcomes__received_at", filter=since & Q(outcomes__outcome__in=COUNTED))
    found = services.annotate(newest=newest, **counts).select_related("site__organization")
    return found.order_by(F("newest").desc(nulls_last=True), "pk")


def disputed_list(request: HttpRequest) -> HttpResponse:
    """The list, for moderators."""
    if not moderates(request):
        return redirect("admin:index")
    page = Paginator(_counted(disputed_services()), AT_A_TIME).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "Disputed or wrong",
        "page": page,
        "now": now,
        "rows": [Row(service, now) for service in page],
        "days": RECENT.days,
    }
    return TemplateResponse(request, "services/disputed.html", context)


def disputed_urls(site: admin.AdminSite) -> list[URLPattern]:
    """The list's address."""
    return [path("disputed/", site.admin_view(disputed_list), name="disputed")]
