"""Every table is kept as long as it says, to the second, and forgotten in nobody's way."""

import datetime as dt
import os
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.apps import apps
from django.conf import settings as product
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from services import purging, retention
from services.changes.cursor import LIFE, Cursor, CursorExpiredError, history_now
from services.changes.paging import page_after
from services.checks import every_table_has_a_life
from services.models import (
    AvailabilityReport,
    Change,
    Claim,
    HeldChange,
    ImportRun,
    Message,
    Reminder,
    Service,
    VisitOutcome,
)
from services.past import SERVICE_ROWS, change_sets
from services.purging import purge, purge_all, purge_imported_files, purge_mail
from services.retention import LIFE_OF, LIVES, Life
from services.tasks import forget
from services.vocabulary import Outcome
from tests.api.test_outages import connection_options
from tests.builders import a_message, a_service, a_source
from tests.services.lives import DAY, MAKERS, a_report_of

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
FORGETTING = [life for life in LIVES if life.since]


@pytest.mark.parametrize("life", FORGETTING, ids=lambda life: life.table)
def test_a_row_is_kept_to_its_last_second_and_not_a_second_longer(life: Life) -> None:
    row = MAKERS[life.table](NOW)
    rows = type(row)._default_manager.filter(pk=row.pk)
    assert purge(life.table, NOW + life.kept - SECOND) == 0
    assert rows.exists()
    assert purge(life.table, NOW + life.kept + SECOND) == 1
    assert not rows.exists()
    assert purge(life.table, NOW + life.kept + SECOND) == 0


def test_every_table_of_the_database_is_declared() -> None:
    with connection.cursor() as cursor:
        found = {
            one.name for one in connection.introspection.get_table_list(cursor) if one.type == "t"
        }
    declared = {apps.get_model(life.table)._meta.db_table for life in LIVES}
    assert found == declared | (set(retention.OTHER_TABLES) & found)


def test_a_table_without_a_life_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert every_table_has_a_life() == []
    monkeypatch.delitem(LIFE_OF, "services.Claim")
    (error,) = every_table_has_a_life()
    assert (error.id, error.obj) == ("services.E001", Claim)


def test_the_page_of_the_manual_tells_what_is_declared() -> None:
    page = (product.BASE_DIR / "docs" / "retention.md").read_text()
    assert retention.table_in_words() in page, "make manage ARGS='retention' prints it"


def test_the_latest_report_of_a_service_is_its_state_and_stays() -> None:
    service = a_service()
    old = a_report_of(service, NOW)
    assert purge("services.AvailabilityReport", NOW + 10 * retention.HISTORY) == 0
    a_report_of(service, NOW + DAY)
    assert purge("services.AvailabilityReport", NOW + 10 * retention.HISTORY) == 1
    assert not AvailabilityReport.objects.filter(pk=old.pk).exists()


def test_what_waits_for_a_person_is_not_forgotten() -> None:
    held = MAKERS["services.HeldChange"](NOW)
    HeldChange.objects.filter(pk=held.pk).update(state="waiting", decided_at=None)
    run = MAKERS["services.ImportRun"](NOW)
    ImportRun.objects.filter(pk=run.pk).update(status=ImportRun.Status.HELD)
    message = a_message()
    purge_all(NOW + 10 * retention.HISTORY)
    for row in (held, run, message):
        assert still_there(row)


def test_a_mark_goes_with_the_outcomes_that_made_it() -> None:
    service = a_service()
    for number in range(2):
        VisitOutcome.objects.create(
            id=f"00000000-0000-4000-8000-00000000000{number}", service=service,
            outcome=Outcome.TURNED_AWAY, received_at=NOW,
        )  # fmt: skip
    Service.objects.filter(pk=service.pk).update(disputed=True)
    purge("services.VisitOutcome", NOW + retention.YEAR + SECOND)
    service.refresh_from_db()
    assert not service.disputed


def test_on_the_last_version_before_the_limit_later_ones_still_build() -> None:
    service = a_service(name="One")
    Service.objects.filter(pk=service.pk).update(name="Two")
    events: Any = apps.get_model("services", "ServiceEvent")
    events.objects.update(pgh_created_at=NOW)
    Service.objects.filter(pk=service.pk).update(name="Three")
    events.objects.filter(name="Three").update(pgh_created_at=NOW + 10 * DAY)
    purge("services.ServiceEvent", NOW + retention.HISTORY + SECOND)
    assert list(events.objects.order_by("pgh_id").values_list("name", flat=True)) == [
        "Two",
        "Three",
    ]
    (newest, *_) = change_sets(SERVICE_ROWS, service.pk)[0].versions
    assert [change for change in newest.changes() if change[0] == "name"] == [
        ("name", "Two", "Three")
    ]


def test_what_somebody_works_on_is_passed_over_and_forgotten_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "STEP", 2)
    for _ in range(5):
        MAKERS["services.Claim"](NOW)
    assert purge("services.Claim", NOW + SECOND) == 5
    assert purge("services.Claim", NOW + SECOND) == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_locked_is_left_and_two_purges_share_the_rest() -> None:
    claims = [MAKERS["services.Claim"](NOW) for _ in range(4)]
    with psycopg.connect(**connection_options()) as another:
        another.execute("SELECT 1 FROM services_claim WHERE id = %s FOR UPDATE", [claims[0].pk])
        gone: list[int] = []
        threads = [threading.Thread(target=_purge_claims, args=[gone]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(gone) == 3
    assert purge("services.Claim", NOW + SECOND) == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_one_in_use_refers_to_is_left_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "LOCK_TIMEOUT", "50ms")
    message, claim = MAKERS["services.Message"](NOW), MAKERS["services.Claim"](NOW)
    reminder = Reminder.objects.create(
        service=claim.site.services.get(), expires_at=NOW, message=message
    )
    later = NOW + 8 * DAY
    with psycopg.connect(**connection_options()) as another:
        another.execute("SELECT 1 FROM services_reminder WHERE id = %s FOR UPDATE", [reminder.pk])
        gone = purge_all(later)
    assert (gone["services.Message"], gone["services.Claim"]) == (0, 1)
    assert purge("services.Message", later) == 1


def still_there(row: Any) -> bool:
    return bool(type(row).objects.filter(pk=row.pk).exists())


def _purge_claims(gone: list[int]) -> None:
    try:
        gone.append(purge("services.Claim", NOW + SECOND))
    finally:
        connection.close()


def test_a_cursor_is_refused_before_the_changes_it_needs_are_gone() -> None:
    """At 90 days a phone is told to take a pack; what it would have been told goes a day later."""
    began = timezone.now()
    cursor = Cursor(history_now(), "US-PA", 0, 0, began)
    a_service()
    kept = Change.objects.filter(region="US-PA").count()
    with time_machine.travel(began + LIFE - SECOND, tick=False):
        purge("services.Change", timezone.now())
        assert Change.objects.filter(region="US-PA").count() == kept
        assert page_after(cursor, [("US", "PA")], limit=100, now=timezone.now())
    with (
        time_machine.travel(began + LIFE + SECOND, tick=False),
        pytest.raises(CursorExpiredError),
    ):
        page_after(cursor, [("US", "PA")], limit=100, now=timezone.now())


def test_files_of_messages_and_of_imports_go_too(settings: Any, tmp_path: Path) -> None:
    settings.MAIL_FILES = tmp_path
    now = timezone.now()
    for name, age in (("old.log", 8 * DAY), ("new.log", 6 * DAY)):
        (tmp_path / name).write_text("a link")
        seconds = (now - age).timestamp()
        os.utime(tmp_path / name, (seconds, seconds))
    assert purge_mail(now) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["new.log"]

    run = ImportRun.objects.create(source=a_source(), feed="x", file_name="x", status="held")
    run.file.save("held.csv", ContentFile(b"x"))
    left = default_storage.save("imports/left.csv", ContentFile(b"x"))
    assert purge_imported_files(now + DAY / 2) == 0
    assert purge_imported_files(now + 2 * DAY) >= 1
    assert Path(run.file.path).exists()
    assert not default_storage.exists(left)
    run.file.delete()


def test_beat_sends_it_and_what_is_over_goes() -> None:
    assert product.CELERY_BEAT_SCHEDULE["forget what is over"]["task"] == "services.tasks.forget"
    message = a_message()
    Message.objects.filter(pk=message.pk).update(given_up_at=timezone.now() - 8 * DAY)
    assert forget()["services.Message"] == 1
