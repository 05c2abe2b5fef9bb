"""Every page works in a real browser under our policies: nothing refused, nobody else asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from services.models import ImportRun, Service, User
from services.reporting_links import make_link
from tests.browser import ARGS, CHROMIUM, NEEDS_CHROMIUM
from tests.builders import a_pack, a_place, a_record_of, a_report, a_service, a_source

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
WATCH = """
window.refused = [];
document.addEventListener('securitypolicyviolation', event =>
    window.refused.push(event.violatedDirective + ' ' + event.blockedURI));
"""
LISTS = (
    "organization", "place", "service", "site", "source", "user", "availabilityreport", "change",
    "importrun", "pack", "sourcerecord", "heldchange", "invitation", "membership", "message",
)  # fmt: skip
ADDED = ("organization", "place", "service", "site", "source", "user")

pytestmark = [
    NEEDS_CHROMIUM,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_async_is_the_browsers_own"),
]


@pytest.fixture
def service() -> Service:
    """A service, and one of everything else that has a page."""
    service = a_service(hours="Mo-Fr 09:00-17:00")
    a_report(service, remaining=3)
    a_record_of(service)
    a_place("19103", 39.95, -75.16)
    a_pack("US-PA")
    ImportRun.objects.create(source=a_source(), feed="samhsa_otp", file_name="otp.csv")
    return service


@pytest.fixture
def complaints() -> list[str]:
    """What the browser said, could not load, or asked of somebody else."""
    return []


@pytest.fixture
def page(
    live_server: LiveServer, client: Client, moderator: User, complaints: list[str]
) -> Iterator[Any]:
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.on("console", lambda said: _listen(said, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: _ask_only(live_server.url, asked.url, complaints))
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        yield page
        browser.close()
        connections.close_all()


def _ask_only(ours: str, asked: str, complaints: list[str]) -> None:
    if not asked.startswith((ours, "data:")):
        complaints.append(f"asked {asked}")


def _listen(said: Any, complaints: list[str]) -> None:
    """Not to be told that there is no icon, nor what browsers of other systems know."""
    known = ("404 (Not Found)", "Unrecognized feature")
    if said.type in {"error", "warning"} and not any(words in said.text for words in known):
        complaints.append(said.text)


def _pages(service: Service) -> list[str]:
    admin = "admin:services_{}_{}"
    lists = [reverse(admin.format(name, "changelist")) for name in LISTS]
    added = [reverse(admin.format(name, "add")) for name in ADDED]
    rows: list[Any] = [service, service.site, service.site.organization]
    rows += [ImportRun.objects.get(), User.objects.get()]
    each = [
        reverse(admin.format(row._meta.model_name, "change"), args=[row.pk]) for row in rows
    ] + [reverse(admin.format(row._meta.model_name, "history"), args=[row.pk]) for row in rows[:3]]
    files = [
        reverse(admin.format(name, act))
        for name in ("site", "service")
        for act in ("import", "export")
    ]
    others = ["/admin/", "/admin/login/", "/admin/password_change/", "/admin/second-factor/"]
    link = f"/r/{make_link(site=service.site, now=timezone.now())}/"
    return [*lists, *added, *each, *files, *others, link, "/r/gone/", "/join/gone/", "/api/docs/"]


def test_no_page_needs_what_our_policies_forbid(
    live_server: LiveServer, page: Any, service: Service, complaints: list[str]
) -> None:
    for path in _pages(service):
        page.goto(live_server.url + path)
        assert page.evaluate("window.refused") + complaints == [], path


def test_pages_that_need_scripts_work_and_none_may_ask_for_more(
    live_server: LiveServer, page: Any, service: Service, complaints: list[str]
) -> None:
    site = reverse("admin:services_site_change", args=[service.site_id])
    drawn = {
        "/api/docs/": ".opblock-summary-path",
        site: ".leaflet-container svg path, .leaflet-container canvas",
        f"/r/{make_link(site=service.site, now=timezone.now())}/": "button",
    }
    for path, what in drawn.items():
        page.goto(live_server.url + path)
        page.wait_for_selector(what)
        assert page.evaluate("window.refused") + complaints == [], path
        allowed = page.evaluate("document.featurePolicy.allowedFeatures()")
        assert not set(allowed) & set(settings.PERMISSIONS_POLICY)
        known = page.evaluate("document.featurePolicy.features()")
        assert {"geolocation", "camera", "microphone"} <= set(known)
