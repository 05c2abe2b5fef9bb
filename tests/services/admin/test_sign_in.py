import datetime as dt
import logging
import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from services.models import User
from services.vocabulary import Role
from tests.builders import an_account
from tests.services.admin.door import a_device, code_of, signed_in
from tests.services.mute import Mute

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]

PASSWORD = "a long password"
SIGN_IN, INDEX = "/admin/login/", "/admin/"


@pytest.fixture
def somebody() -> User:
    return an_account(Role.CLINIC_ADMIN, password=PASSWORD, is_staff=True)


def sign_in(browser: Client, account: User | str, password: str = PASSWORD, code: str = "") -> Any:
    name = account if isinstance(account, str) else account.username
    return browser.post(SIGN_IN, {"username": name, "password": password, "code": code})


def is_in(browser: Client) -> bool:
    return browser.get(INDEX).status_code == 200


def test_password_and_code_open_the_admin(somebody: User) -> None:
    browser = Client()
    answer = sign_in(browser, somebody, code=code_of(a_device(somebody)))
    assert answer.status_code == 302
    assert is_in(browser)


def test_a_code_may_be_typed_in_groups(somebody: User) -> None:
    browser, code = Client(), code_of(a_device(somebody))
    sign_in(browser, somebody, code=f"{code[:3]} {code[3:]}")
    assert is_in(browser)


@pytest.mark.parametrize("code", ["", "000", "abcdef", "１２３４５６"])
def test_without_the_right_code_the_admin_stays_shut(somebody: User, code: str) -> None:
    a_device(somebody)
    browser = Client()
    answer = sign_in(browser, somebody, code=code)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]
    assert not is_in(browser)


def test_nobody_learns_that_an_account_has_a_device_without_its_password(somebody: User) -> None:
    a_device(somebody)
    without = sign_in(Client(), somebody, password="something else", code="123456")
    nobody = sign_in(Client(), "nobody-of-that-name", password="something else", code="123456")
    assert without.context["form"].errors == nobody.context["form"].errors
    assert "code" not in without.context["form"].errors


def test_a_code_counts_once(somebody: User) -> None:
    code = code_of(a_device(somebody))
    sign_in(Client(), somebody, code=code)
    browser = Client()
    sign_in(browser, somebody, code=code)
    assert not is_in(browser)


def test_after_a_wrong_code_even_the_right_one_waits(somebody: User) -> None:
    device, browser = a_device(somebody), Client()
    sign_in(browser, somebody, code="000000")
    answer = sign_in(browser, somebody, code=code_of(device))
    assert "Wait" in str(answer.context["form"].errors["code"])
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5)):
        sign_in(browser, somebody, code=code_of(device))
        assert is_in(browser)


def test_a_password_alone_opens_nothing(somebody: User) -> None:
    browser = Client()
    answer = sign_in(browser, somebody)
    assert answer["Location"] == reverse("second-factor")
    assert not is_in(browser)
    assert "_auth_user_id" not in browser.session


def test_who_has_no_device_sets_one_up_and_is_in(somebody: User) -> None:
    browser = Client()
    sign_in(browser, somebody)
    page = browser.get(reverse("second-factor"))
    device = TOTPDevice.objects.get(user=somebody)
    assert "data:image/svg+xml" in page.content.decode()
    assert page.context["secret"].replace(" ", "") in device.config_url
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    browser.post(reverse("second-factor"), {"code": code_of(device)})
    device.refresh_from_db()
    assert device.confirmed
    assert is_in(browser)


def test_a_wrong_code_confirms_no_device(somebody: User) -> None:
    browser = Client()
    sign_in(browser, somebody)
    answer = browser.post(reverse("second-factor"), {"code": "000000"})
    assert answer.context["form"].errors["code"]
    assert not TOTPDevice.objects.get(user=somebody).confirmed
    assert not is_in(browser)


@pytest.mark.parametrize(
    "said",
    [
        {"username": " ", "password": "b"},
        {"username": "a", "password": ""},
        {"password": "b"},
        {"username": "a\0", "password": "b"},
        {"username": "a", "password": "b\0"},
        {},
    ],
)
def test_a_name_or_password_that_is_none_is_asked_for_again(said: dict[str, str]) -> None:
    page = Client().post(SIGN_IN, said)
    assert page.status_code == 200
    assert page.context["form"].errors


def test_a_device_is_set_up_only_right_after_the_password(somebody: User) -> None:
    browser = Client()
    assert browser.get(reverse("second-factor"))["Location"] == SIGN_IN
    sign_in(browser, somebody)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=16)):
        assert browser.get(reverse("second-factor"))["Location"] == SIGN_IN


def test_a_second_browser_cannot_set_up_another_device(somebody: User) -> None:
    first, second = Client(), Client()
    sign_in(first, somebody)
    started = TOTPDevice.objects.get(user=somebody)
    sign_in(second, somebody)
    fresh = TOTPDevice.objects.get(user=somebody)
    assert started.pk != fresh.pk
    second.post(reverse("second-factor"), {"code": code_of(fresh)})
    first.post(reverse("second-factor"), {"code": code_of(started)})
    assert is_in(second)
    assert not is_in(first)


def test_a_changed_password_ends_setting_up(somebody: User) -> None:
    browser = Client()
    sign_in(browser, somebody)
    somebody.set_password("another long password")
    somebody.save()
    assert browser.get(reverse("second-factor"))["Location"] == SIGN_IN


def test_where_somebody_wanted_to_go_is_kept_but_never_leads_away(somebody: User) -> None:
    for wanted, reached in (("/admin/services/site/", "/admin/services/site/"),
                            ("https://evil.example/", INDEX)):  # fmt: skip
        browser = Client()
        TOTPDevice.objects.filter(user=somebody).delete()
        typed = {"username": somebody.username, "password": PASSWORD, "next": wanted}
        browser.post(SIGN_IN, typed)
        code = code_of(TOTPDevice.objects.get(user=somebody))
        answer = browser.post(reverse("second-factor"), {"code": code})
        assert answer["Location"].startswith(reached)


def test_a_session_without_a_code_is_shown_the_sign_in(somebody: User) -> None:
    browser = Client()
    browser.force_login(somebody)
    assert browser.get(INDEX).status_code == 302
    assert browser.get(SIGN_IN).status_code == 200


def test_signing_out_ends_the_session(somebody: User) -> None:
    browser = signed_in(somebody)
    assert browser.post("/admin/logout/").status_code == 200
    assert not is_in(browser)


def test_a_reset_device_ends_its_sessions(somebody: User) -> None:
    browser = signed_in(somebody)
    TOTPDevice.objects.filter(user=somebody).delete()
    assert not is_in(browser)


def test_outreach_has_no_admin() -> None:
    worker, browser = an_account(Role.OUTREACH, password=PASSWORD), Client()
    answer = sign_in(browser, worker)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()


def test_after_ten_tries_a_name_is_locked_and_no_other(somebody: User) -> None:
    other = an_account(Role.CLINIC_STAFF, password=PASSWORD, is_staff=True)
    for _ in range(10):
        assert sign_in(Client(), somebody, password="wrong").status_code == 200
    refused = sign_in(Client(), somebody, code=code_of(a_device(somebody)))
    assert refused.status_code == 429
    assert refused["Retry-After"] == "900"
    assert "Wait 15 minutes" in refused.content.decode()
    assert sign_in(Client(), other).status_code == 302


def test_wrong_codes_lock_a_name_too(somebody: User) -> None:
    a_device(somebody)
    for _ in range(10):
        sign_in(Client(), somebody, code="000000")
    assert sign_in(Client(), somebody, code="000000").status_code == 429


def test_a_locked_name_is_unlocked_by_command(somebody: User) -> None:
    for _ in range(11):
        sign_in(Client(), somebody, password="wrong")
    call_command("axes_reset_username", somebody.username)
    assert sign_in(Client(), somebody, password="wrong").status_code == 200


def test_tries_while_locked_do_not_lock_for_longer(
    somebody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10):
        sign_in(Client(), somebody, password="wrong")

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.touch", never)
    assert sign_in(Client(), somebody, password="wrong").status_code == 429


def test_a_success_forgets_the_tries(somebody: User) -> None:
    device = a_device(somebody)
    for _ in range(9):
        sign_in(Client(), somebody, password="wrong")
    sign_in(Client(), somebody, code=code_of(device))
    assert sign_in(Client(), somebody, password="wrong").status_code == 200


def test_what_is_kept_and_logged_of_tries_names_nobody(
    somebody: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = {"user-agent": "canary-agent"}
    for _ in range(12):
        typed = {"username": somebody.username, "password": "canary-password"}
        Client(REMOTE_ADDR="203.0.113.77", headers=agent).post(SIGN_IN, typed)
    redis: Any = cache._cache.get_client()  # type: ignore[attr-defined]
    kept = [(key, redis.dump(key)) for key in redis.scan_iter("*")]
    assert any(b"sign-in" in key for key, _ in kept)
    everything = repr(kept) + caplog.text
    for canary in (somebody.username, "203.0.113.77", "canary-agent", "canary-password"):
        assert canary not in everything


def test_while_tries_cannot_be_counted_nobody_gets_in(somebody: User, settings: Any) -> None:
    code = code_of(a_device(somebody))
    with Mute() as mute:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": mute.url}}
        browser = Client()
        answer = sign_in(browser, somebody, code=code)
        assert mute.asked == 1
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "down" in answer.content.decode()
    assert not is_in(browser)


def test_the_admin_shows_no_secrets_of_devices(moderator: User) -> None:
    page = signed_in(moderator).get(INDEX).content.decode()
    assert "totp" not in page
    assert "axes" not in page


def test_its_pages_hold_no_script_or_style_of_their_own(somebody: User) -> None:
    browser = Client()
    sign_in(browser, somebody)
    for page in (Client().get(SIGN_IN), browser.get(reverse("second-factor"))):
        text = page.content.decode()
        assert re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", text) is None
