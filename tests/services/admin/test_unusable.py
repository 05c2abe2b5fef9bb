"""What the admin is asked for that cannot be is refused, and what breaks is logged."""

import uuid
from typing import Any

import pytest
from django.contrib.admin.sites import AdminSite
from django.test import Client
from django.urls import reverse

from services.models import User
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(moderator: User) -> Client:
    found = signed_in(moderator)
    found.raise_request_exception = False
    return found


@pytest.mark.parametrize(
    "path",
    [
        "services/site/export/?foo=1",
        "services/service/export/?format=csv",
        "autocomplete/?app_label=services&model_name=service&field_name=site&term=%00",
        "services/site/add/?organization=1",
        "services/membership/add/?user=zz",
        "services/membership/add/?organization=zz",
        "services/invitation/add/?organization=zz",
        "services/service/add/?site=zz",
        "services/site/?q=%00",
        "services/site/zz/change/",
        f"services/site/{uuid.UUID(int=7)}/history/",
    ],
)
def test_a_page_of_what_cannot_be(browser: Client, path: str) -> None:
    answer = browser.get(f"/admin/{path}")
    assert answer.status_code in {200, 302, 400, 404}
    assert "zz" not in answer.content.decode() or answer.status_code != 400


@pytest.mark.parametrize(
    ("model", "action"), [("user", "reset_second_factor"), ("site", "export_chosen")]
)
def test_an_action_on_what_cannot_be(browser: Client, model: str, action: str) -> None:
    chosen = {"action": action, "_selected_action": "zz"}
    answer = browser.post(reverse(f"admin:services_{model}_changelist"), chosen)
    assert answer.status_code in {302, 400}


def test_what_breaks_is_a_crash_and_is_logged(
    browser: Client, monkeypatch: pytest.MonkeyPatch, capfd: Any, caplog: Any
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("a NULL of ours")

    monkeypatch.setattr(AdminSite, "each_context", broken)
    assert browser.get("/admin/services/site/").status_code == 500
    assert "request crashed" in caplog.text + capfd.readouterr().err


def test_a_form_without_its_token_is_refused_in_plain_words(moderator: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(reverse("admin:login"), {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("text/plain")
    assert b"DEBUG" not in answer.content
