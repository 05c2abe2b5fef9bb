"""Signing in for the first time in a real browser, on a phone, under production's policies."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.live_server_helper import LiveServer

from services.vocabulary import Role
from tests.browser import ARGS, CHROMIUM, NEEDS_CHROMIUM
from tests.builders import an_account
from tests.services.admin.door import code_of

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    NEEDS_CHROMIUM,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_async_is_the_browsers_own"),
    pytest.mark.usefixtures("_limits_of_its_own"),
]


@pytest.fixture
def phone() -> Iterator[Any]:
    """A small window, with scripts off."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
        browser.close()
        connections.close_all()


def test_the_first_sign_in_sets_up_the_second_factor(live_server: LiveServer, phone: Any) -> None:
    account = an_account(Role.CLINIC_ADMIN, password="a long password", is_staff=True)
    refused: list[str] = []
    phone.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    phone.goto(f"{live_server.url}/admin/")
    phone.fill("#id_username", account.username)
    phone.fill("#id_password", "a long password")
    phone.click("#login-form [type=submit]")
    picture = phone.locator("img.qr").bounding_box()
    assert picture["width"] >= 150
    assert picture["x"] + picture["width"] <= 360
    phone.fill("#id_code", code_of(TOTPDevice.objects.get(user=account)))
    phone.click("#login-form [type=submit]")
    phone.wait_for_url(f"{live_server.url}/admin/")
    assert refused == []
