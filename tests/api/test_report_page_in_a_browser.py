"""The page of a link on a small phone without JavaScript, in a real browser under our policy."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from services.models import Closing, Service
from services.reporting_links import make_link
from services.vocabulary import Availability, Kind
from tests.browser import ARGS, CHROMIUM, NEEDS_CHROMIUM
from tests.builders import a_report, a_service

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PHONE = {"width": 320, "height": 568}
SMALLEST_TARGET = 44  # pixels, as wide as a fingertip

pytestmark = [
    NEEDS_CHROMIUM,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _async_is_the_browsers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def live_server(tmp_path: Path) -> Iterator[LiveServer]:
    """The project's server; no static files were collected for it."""
    with override_settings(STATIC_ROOT=str(tmp_path), SECURE_SSL_REDIRECT=False):
        server = LiveServer("localhost")
        yield server
        server.stop()


@pytest.fixture
def service() -> Service:
    service = a_service(kind=Kind.DETOX)
    a_report(service, remaining=3)
    return service


@pytest.fixture
def complaints() -> list[str]:
    """What the browser refused, and whom else it asked."""
    return []


@pytest.fixture
def page(live_server: LiveServer, service: Service, complaints: list[str]) -> Iterator[Any]:
    token = make_link(site=service.site, now=timezone.now())
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport=PHONE, java_script_enabled=False, locale="en-US")
        page.on("console", lambda said: complaints.append(said.text))
        page.on("requestfailed", lambda asked: complaints.append(asked.url))
        page.goto(f"{live_server.url}/r/{token}/")
        yield page
        browser.close()
        connections.close_all()


def test_one_tap_reports(page: Any, service: Service, complaints: list[str]) -> None:
    page.get_by_role("button", name="Full").click()
    assert page.get_by_role("status").inner_text() == "Thank you. This is what we tell now."
    service.refresh_from_db()
    assert service.state == Availability.FULL
    assert page.context.cookies() == []
    assert complaints == []


def test_a_number_typed_and_sent_by_enter_is_what_is_free(page: Any, service: Service) -> None:
    page.get_by_label("Free now").fill("5")
    page.get_by_label("Free now").press("Enter")
    page.get_by_role("status").wait_for()
    service.refresh_from_db()
    assert (service.state, service.remaining) == (Availability.AVAILABLE, 5)


def test_a_service_is_closed_until_a_time(page: Any, service: Service) -> None:
    page.get_by_text("Closed until …").click()
    page.get_by_label("Day").fill(f"{timezone.now() + dt.timedelta(days=3):%Y-%m-%d}")
    page.get_by_label("Time").fill("08:00")
    page.get_by_role("button", name="Closed until then").click()
    page.get_by_role("status").wait_for()
    assert Closing.objects.get().service == service
    assert "Closed until" in page.locator("section").inner_text()


def test_it_fits_a_small_screen_and_a_finger(page: Any) -> None:
    page.get_by_text("Closed until …").click()
    boxes = [one.bounding_box() for one in page.locator("button, input:visible, summary").all()]
    assert all(box["height"] >= SMALLEST_TARGET for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in boxes)
