import socket
import time
from typing import Any

import pytest
from celery import current_app
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from services import outbox
from services.breaker import Breaker
from services.models import ImportRun
from services.tasks import apply_held_import
from services.vocabulary import Role
from tests.builders import a_source, an_account
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/services/importrun/"


def a_run(**fields: Any) -> ImportRun:
    named = {"source": a_source(), "feed": "samhsa_otp", "file_name": "otp.csv"}
    return ImportRun.objects.create(**(named | {"status": ImportRun.Status.HELD} | fields))


def a_refusal(row: int, *, not_ours: bool = False) -> dict[str, Any]:
    return {"row": row, "key": f"key-{row}", "reason": "No address.", "not_ours": not_ours}


def page(run: ImportRun) -> str:
    return reverse("admin:services_importrun_change", args=[run.pk])


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose import was queued."""
    ids: list[str] = []

    def queue(name: str, run: str) -> None:
        assert name == apply_held_import.name
        ids.append(run)

    monkeypatch.setattr("services.admin.import_run.send_task", queue)
    return ids


def choose(client: Client, *runs: ImportRun, **more: str) -> Any:
    chosen = {"action": "apply_held", "_selected_action": [str(run.pk) for run in runs]}
    return client.post(LIST, chosen | more)


def test_refused_rows_are_shown_a_page_at_a_time_errors_first(client: Client) -> None:
    rows = [a_refusal(row, not_ours=row <= 50) for row in range(1, 251)]
    run = a_run(refusals=rows, counts={"read": 900, "refused": 200, "not_ours": 50})
    first = client.get(page(run)).context
    assert [row["row"] for row in first["refusals"]] == list(range(51, 151))
    assert first["reasons"] == [("No address.", False, 200), ("No address.", True, 50)]
    last = client.get(page(run), {"page": "3"}).context
    assert [row["row"] for row in last["refusals"]] == list(range(1, 51))


@pytest.mark.parametrize("number", ["0", "99", "x", "-1"])
def test_a_page_that_is_none_shows_one_that_is(client: Client, number: str) -> None:
    run = a_run(refusals=[a_refusal(1)])
    assert len(client.get(page(run), {"page": number}).context["refusals"]) == 1


def test_what_a_feed_says_is_shown_as_text(client: Client) -> None:
    run = a_run(refusals=[{"row": 1, "key": "<script>", "reason": "<b>"}])
    html = client.get(page(run)).content.decode()
    assert "&lt;script&gt;" in html
    assert "<b>" not in html


def test_a_held_import_is_queued_only_after_a_second_yes(client: Client, queued: list[str]) -> None:
    run = a_run(message="It would retire 600 services.")
    asked = choose(client, run)
    assert b"It would retire 600 services." in asked.content
    assert queued == []
    choose(client, run, confirmed="yes")
    assert queued == [str(run.pk)]


def test_only_held_imports_are_queued(client: Client, queued: list[str]) -> None:
    held, applied = a_run(), a_run(status=ImportRun.Status.APPLIED)
    choose(client, held, applied, confirmed="yes")
    choose(client, applied, confirmed="yes")
    assert queued == [str(held.pk)]


def test_a_queue_that_is_away_is_told_of_and_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "queue", Breaker(60))
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        broker = f"redis://127.0.0.1:{hangs.getsockname()[1]}/0"
        monkeypatch.setattr(current_app.conf, "broker_write_url", broker)
        monkeypatch.setattr(current_app.conf, "broker_url", broker)
        began = time.monotonic()
        for _ in range(2):
            answer = choose(client, a_run(), confirmed="yes")
            told = [str(one) for one in get_messages(answer.wsgi_request)]
            assert told[-1] == "The queue does not answer: try again in a minute."
    assert time.monotonic() - began < 3


def test_the_button_is_there_only_while_the_run_is_held(client: Client) -> None:
    assert b"Apply this held import" in client.get(page(a_run())).content
    applied = a_run(status=ImportRun.Status.APPLIED)
    assert b"Apply this held import" not in client.get(page(applied)).content


def test_staff_of_a_clinic_queue_nothing(queued: list[str]) -> None:
    client = signed_in(an_account(Role.CLINIC_ADMIN, is_staff=True))
    run = a_run()
    choose(client, run, confirmed="yes")
    assert client.get(page(run)).status_code == 403
    assert queued == []
