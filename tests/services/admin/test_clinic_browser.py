"""The first page of a clinic on a phone in a real browser, without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from services.models import Organization, Service
from services.vocabulary import Availability, Kind, Role
from tests.browser import ARGS, CHROMIUM, NEEDS_CHROMIUM
from tests.builders import a_closing, a_report, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
FINGER = 44  # pixels that a finger needs
TAPPED = ".clinic :is(button, summary, a, input:not([type=hidden])):visible"

pytestmark = [
    NEEDS_CHROMIUM,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_async_is_the_browsers_own"),
]


@pytest.fixture
def home() -> Organization:
    return an_organization(name="The Clinic with a Long Name of Northern Philadelphia")


@pytest.fixture
def services(home: Organization) -> list[Service]:
    """One of each: never told, disputed with a number of days, closed."""
    doors = [a_site(organization=home, name=f"Door {n} of a rather long street") for n in (1, 2)]
    never = a_service(doors[0], Kind.SUPERVISED_CONSUMPTION)
    fresh = a_service(doors[1], Kind.METHADONE)
    a_report(fresh, Availability.WAITLIST, wait_days=120)
    Service.objects.filter(pk=fresh.pk).update(disputed=True)
    closed = a_service(doors[1], Kind.DETOX, name="Beds for women with children under twelve")
    a_closing(closed, reason="Burst pipe")
    return [never, fresh, closed]


@pytest.fixture
def refused() -> list[str]:
    """What the policy forbade."""
    return []


@pytest.fixture
def phone(
    live_server: LiveServer, home: Organization, services: list[Service], refused: list[str]
) -> Iterator[Any]:
    client = signed_in(an_account(Role.CLINIC_STAFF, home, is_staff=True))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        window = {"width": 360, "height": 740}
        page = browser.new_page(viewport=window, java_script_enabled=False, has_touch=True)
        page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else 0)
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}/admin/")
        yield page
        browser.close()
        connections.close_all()


def row(page: Any, service: Service) -> Any:
    return page.locator(f"#service-{service.pk}")


def fits(page: Any) -> bool:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return bool(wide <= page.viewport_size["width"])


def test_a_tap_on_full_is_told_at_once(
    phone: Any, services: list[Service], refused: list[str]
) -> None:
    with phone.expect_navigation():
        row(phone, services[0]).get_by_role("button", name="Full", exact=True).tap()
    assert "Full" in phone.locator(".messagelist .success").inner_text()
    assert row(phone, services[0]).locator(".badge").inner_text() == "Full"
    services[0].refresh_from_db()
    assert services[0].state == Availability.FULL
    assert refused == []


def test_a_number_typed_is_free(phone: Any, services: list[Service]) -> None:
    told = row(phone, services[2])
    told.get_by_label("How many beds are free").fill("4")
    with phone.expect_navigation():
        told.get_by_role("button", name="beds free").click()
    assert row(phone, services[2]).locator(".badge").inner_text() == "Available, 4 beds"


def test_it_is_closed_until_a_time_and_opened_again(phone: Any, services: list[Service]) -> None:
    told = row(phone, services[0])
    told.get_by_text("Closed until").tap()
    told.get_by_role("button", name="Close it until then").tap()
    sync_api.expect(told.locator(".badge")).to_have_text("Closed for now")
    phone.get_by_role("button", name=f"Open {services[0].get_kind_display()}").tap()
    sync_api.expect(told.locator(".badge")).to_have_text("Unknown — call first")


def test_the_keyboard_alone_reports(phone: Any, services: list[Service]) -> None:
    row(phone, services[1]).get_by_role("button", name="Still true").focus()
    phone.keyboard.press("Tab")
    with phone.expect_navigation():
        phone.keyboard.press("Enter")
    assert row(phone, services[1]).locator(".badge").inner_text() == "Available"


def test_enter_in_the_number_says_the_number(phone: Any, services: list[Service]) -> None:
    row(phone, services[1]).get_by_label("How many intake slots are free").fill("2")
    with phone.expect_navigation():
        phone.keyboard.press("Enter")
    assert row(phone, services[1]).locator(".badge").inner_text() == "Available, 2 intake slots"


@pytest.mark.parametrize("width", [320, 360, 768, 900, 1280])
def test_nothing_is_wider_than_the_window(phone: Any, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 740})
    assert fits(phone)
    for summary in phone.locator(".clinic summary").all():
        summary.click()
    assert fits(phone)


@pytest.mark.parametrize("width", [320, 360, 1000])
def test_what_is_tapped_is_as_large_as_a_finger(phone: Any, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 740})
    for summary in phone.locator(".clinic summary").all():
        summary.click()
    small, found = [], phone.locator(TAPPED).all()
    assert len(found) > 20
    for one in found:
        box = one.bounding_box()
        if min(box["height"], box["width"]) < FINGER:
            small.append((one.inner_text(), box))
    assert small == []
