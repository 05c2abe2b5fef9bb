"""The point picker in a real browser, under the policy that production sends."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from services.models import Site, User
from services.vocabulary import Visibility
from tests.browser import ARGS, CHROMIUM, NEEDS_CHROMIUM
from tests.builders import a_place, a_site
from tests.services.admin.door import signed_in

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    NEEDS_CHROMIUM,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_async_is_the_browsers_own"),
]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser refused, and whom else it asked."""
    return []


@pytest.fixture
def browser_page(live_server: LiveServer, complaints: list[str]) -> Iterator[Any]:
    moderator = User.objects.create_superuser("moderator", password="a long password")
    session = signed_in(moderator).cookies[settings.SESSION_COOKIE_NAME].value
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("console", lambda said: _heard(said, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: _is_ours(asked.url, live_server, complaints))
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])
        page.goto(f"{live_server.url}/admin/")
        yield page
        browser.close()
        connections.close_all()  # those of the test's own context, which ends with the browser


def _heard(said: Any, complaints: list[str]) -> None:
    if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
        complaints.append(said.text)


def _is_ours(url: str, live_server: LiveServer, complaints: list[str]) -> None:
    if not url.startswith((live_server.url, "data:")):
        complaints.append(url)


def opened(page: Any, live_server: LiveServer, site: Site) -> Any:
    page.goto(live_server.url + reverse("admin:services_site_change", args=[site.pk]))
    marker = page.locator(".point-picker-marker")
    marker.scroll_into_view_if_needed()
    return marker


def saved(page: Any, site: Site) -> Site:
    with page.expect_navigation():
        page.locator("input[name=_continue]").last.click()
    assert page.locator(".success").count() == 1
    site.refresh_from_db()
    return site


def test_a_marker_dragged_is_a_point_saved(
    browser_page: Any, live_server: LiveServer, complaints: list[str]
) -> None:
    site = a_site(40.0, -75.0)
    marker = opened(browser_page, live_server, site)
    box = marker.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    browser_page.mouse.move(x, y)
    browser_page.mouse.down()
    browser_page.mouse.move(x + 60, y - 40, steps=8)
    browser_page.mouse.up()
    location = saved(browser_page, site).location
    assert location
    assert 40.0 < location.y < 40.1
    assert -75.0 < location.x < -74.9
    assert complaints == []


def test_the_arrow_keys_move_the_marker(
    browser_page: Any, live_server: LiveServer, complaints: list[str]
) -> None:
    site = a_site(40.0, -75.0)
    opened(browser_page, live_server, site).focus()
    browser_page.keyboard.press("ArrowUp")
    browser_page.keyboard.press("Shift+ArrowLeft")
    location = saved(browser_page, site).location
    assert location
    assert location.y > 40.0
    assert location.x < -75.0
    assert complaints == []


def test_the_numbers_move_the_marker_and_the_button_clears_them(
    browser_page: Any, live_server: LiveServer
) -> None:
    marker = opened(browser_page, live_server, a_site())
    browser_page.get_by_label("Latitude").fill("34.05")
    browser_page.get_by_label("Longitude").fill("-118.24")
    browser_page.get_by_label("Longitude").blur()
    assert marker.count() == 1
    browser_page.get_by_role("button", name="Clear the point").click()
    assert marker.count() == 0
    assert browser_page.get_by_label("Latitude").input_value() == ""


def test_an_approximate_site_shows_what_anyone_sees_beside_its_point(
    browser_page: Any, live_server: LiveServer, complaints: list[str]
) -> None:
    a_place("Philadelphia", 39.96, -75.17, population=1_500_000)
    site = a_site(visibility=Visibility.APPROXIMATE)
    opened(browser_page, live_server, site)
    assert browser_page.locator(".point-picker-displaced").count() == 1
    assert browser_page.locator(".point-picker-city").inner_text() == "Philadelphia"
    assert complaints == []


def test_the_page_works_on_a_phone(browser_page: Any, live_server: LiveServer) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    opened(browser_page, live_server, a_site())
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
