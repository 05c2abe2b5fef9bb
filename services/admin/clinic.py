"""The first page of clinic staff: what is stale, what is free now? One tap answers.

Buttons are plain forms. Each comes back to the page with a message; a page that stood open, a
double tap or a sign-in in between do no harm.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from services.admin.as_seen import as_seen_document
from services.admin.clinic_groups import groups_of, named, own_organizations, own_services
from services.admin.clinic_rows import Row
from services.admin.one_click import (
    CloseForm,
    SayForm,
    WordChangedError,
    close_until,
    say,
    time_zone_of,
)
from services.admin.scope import account_of
from services.admin.shown import local_time
from services.availability import ReportConflictError, ReportRefusedError
from services.closing import ClosingConflictError, ClosingRefusedError, reopen
from services.confirming import confirm
from services.models import Closing, Organization, Service, Site

Act = Callable[[HttpRequest, uuid.UUID], None]
MEANWHILE = "Somebody else reported this service meanwhile. Look what it says now, then say again."
ONCE = "This page was used for something else before: say again what you mean."


def first_page(request: HttpRequest) -> HttpResponse:
    """Every listed service of the account's organizations, what needs a word first."""
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": "What do you have free now?",
        "groups": groups_of(account_of(request), now),
        "app_list": admin.site.get_app_list(request),
        "now": now,
    }
    return TemplateResponse(request, "services/clinic.html", context)


def acts(act: Act) -> Callable[..., HttpResponse]:
    """A view that does one thing and goes back to the page. To look at it changes nothing."""

    def view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if request.method == "POST":
            try:
                act(request, pk)
            except ObjectDoesNotExist as gone:  # taken from the list, or from them, just now
                raise Http404 from gone
        return HttpResponseRedirect(reverse("admin:clinic"))

    return view


def _own_service(request: HttpRequest, pk: uuid.UUID) -> Service:
    return get_object_or_404(own_services(account_of(request)), pk=pk)


def _own_sites(request: HttpRequest) -> Any:
    mine = own_organizations(account_of(request))
    return Site.objects.listed().filter(organization__in=mine)


def _refuse(request: HttpRequest, form: Form) -> None:
    for said in form.errors.values():
        messages.error(request, " ".join(str(one) for one in said))


def report(request: HttpRequest, pk: uuid.UUID) -> None:
    """Report what a button says."""
    service = _own_service(request, pk)
    form = SayForm(request.POST)
    if not form.is_valid():
        _refuse(request, form)
        return
    try:
        _, is_new = say(service=service, account=account_of(request), form=form)
    except WordChangedError:
        messages.error(request, MEANWHILE)
    except ReportConflictError:
        messages.error(request, ONCE)
    except ReportRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        _thank(request, _own_service(request, pk), is_new=is_new)


def _thank(request: HttpRequest, service: Service, *, is_new: bool) -> None:
    row = Row(service, timezone.now())
    done = "Reported" if is_new else "Already reported"
    told = f"Anyone is told “{row.told}”; it {row.until}."
    messages.success(request, f"{done}. {named(service)}: {told}")


def _close(request: HttpRequest, scope: Organization | Site | Service) -> None:
    zone = time_zone_of(scope)
    with timezone.override(zone):
        form = CloseForm(request.POST)
        if not form.is_valid():
            _refuse(request, form)
            return
    try:
        closing, _ = close_until(scope=scope, account=account_of(request), form=form)
    except (ClosingRefusedError, ClosingConflictError) as refusal:
        messages.error(request, str(refusal) or ONCE)
    else:
        until = local_time(closing.until, zone)
        messages.success(
            request, f"Closed until {until}, then open again by itself: {named(scope)}."
        )


def close_service(request: HttpRequest, pk: uuid.UUID) -> None:
    """Close a service for a time."""
    _close(request, _own_service(request, pk))


def close_site(request: HttpRequest, pk: uuid.UUID) -> None:
    """Close all of a site for a time."""
    _close(request, get_object_or_404(_own_sites(request), pk=pk))


def close_organization(request: HttpRequest, pk: uuid.UUID) -> None:
    """Close all of an organization for a time."""
    _close(request, get_object_or_404(own_organizations(account_of(request)), pk=pk))


def open_again(request: HttpRequest, pk: uuid.UUID) -> None:
    """End a closing before its time."""
    account = account_of(request)
    mine = Closing.objects.of(own_organizations(account))
    closing = get_object_or_404(mine, pk=pk)
    _, ended = reopen(closing_id=closing.pk, account=account)
    messages.success(request, "Open again." if ended else "It was open again already.")


def confirm_service(request: HttpRequest, pk: uuid.UUID) -> None:
    """Say that everything listed of a service is still true."""
    service = _own_service(request, pk)
    confirm(service_id=service.pk, account=account_of(request))
    messages.success(
        request, f"Thank you: everything listed of {named(service)} is noted as true today."
    )


def confirm_site(request: HttpRequest, pk: uuid.UUID) -> None:
    """Say so of every listed service of a site."""
    site = get_object_or_404(_own_sites(request), pk=pk)
    for service in site.services.filter(retired_at=None).order_by("pk"):
        confirm(service_id=service.pk, account=account_of(request))
    messages.success(
        request, f"Thank you: everything listed at {named(site)} is noted as true today."
    )


def as_seen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A service as anyone sees it."""
    service = _own_service(request, pk)
    context = {
        **admin.site.each_context(request),
        "title": "As searchers see it",
        "subtitle": str(service),
        "seen": as_seen_document(service.pk, timezone.now()),
        "service": service,
    }
    return TemplateResponse(request, "services/as_seen.html", context)


ACTS: dict[str, tuple[str, Act]] = {
    "clinic_report": ("services/<uuid:pk>/report/", report),
    "clinic_close_service": ("services/<uuid:pk>/close/", close_service),
    "clinic_confirm_service": ("services/<uuid:pk>/confirm/", confirm_service),
    "clinic_close_site": ("sites/<uuid:pk>/close/", close_site),
    "clinic_confirm_site": ("sites/<uuid:pk>/confirm/", confirm_site),
    "clinic_close_organization": ("organizations/<uuid:pk>/close/", close_organization),
    "clinic_open_again": ("closings/<uuid:pk>/open-again/", open_again),
}


def clinic_urls(site: admin.AdminSite) -> list[URLPattern]:
    """The page and its buttons, behind the admin's door."""
    buttons = [
        path(f"clinic/{where}", site.admin_view(acts(act)), name=name)
        for name, (where, act) in ACTS.items()
    ]
    seen = path("clinic/services/<uuid:pk>/", site.admin_view(as_seen), name="clinic_as_seen")
    return [path("clinic/", site.admin_view(first_page), name="clinic"), seen, *buttons]
