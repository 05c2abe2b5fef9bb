"""A cursor is read strictly, and only as long as nothing can have been skipped."""

import base64
import datetime as dt
import uuid

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from services.changes.cursor import (
    LIFE,
    Cursor,
    CursorError,
    CursorExpiredError,
    Hold,
    cursor_from,
    history_now,
)

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
HISTORY = b"123456"
NUMBERS = st.integers(0, (1 << 63) - 1)


def a_cursor(**fields: object) -> Cursor:
    usual: dict[str, object] = {"xid": 7, "change": 9, "read_at": NOW}
    return Cursor(HISTORY, "US-PA", **(usual | fields))  # type: ignore[arg-type]


@given(NUMBERS, NUMBERS, st.none() | st.tuples(NUMBERS, NUMBERS.filter(bool)), st.uuids())
def test_what_is_written_is_read(
    xid: int, change: int, hold: tuple[int, int] | None, told: uuid.UUID
) -> None:
    cursor = a_cursor(xid=xid, change=change, hold=hold and Hold(*hold), told=told)
    assert cursor_from(cursor.as_text(), "US-PA", NOW) == cursor


@given(st.text() | st.binary().map(lambda some: base64.urlsafe_b64encode(some).decode()))
def test_nothing_else_is_read(text: str) -> None:
    with pytest.raises(CursorError):
        cursor_from(text, "US-PA", NOW)


def test_each_cursor_has_one_spelling() -> None:
    text = a_cursor().as_text()
    for other in (text + "=", text + "\n", " " + text, text[:-1], text + "A", text + "AAAA"):
        if other != text:
            with pytest.raises(CursorError):
                cursor_from(other, "US-PA", NOW)


def test_a_cursor_of_another_region_is_none() -> None:
    with pytest.raises(CursorError):
        cursor_from(a_cursor().as_text(), "US-NJ", NOW)


def test_a_cursor_from_the_future_is_none() -> None:
    with pytest.raises(CursorError):
        cursor_from(a_cursor(read_at=NOW + dt.timedelta(days=2)).as_text(), "US-PA", NOW)


def test_a_cursor_lives_ninety_days() -> None:
    cursor = a_cursor()
    cursor.check(HISTORY, NOW + dt.timedelta(days=90))
    with pytest.raises(CursorExpiredError):
        cursor.check(HISTORY, NOW + LIFE + dt.timedelta(seconds=1))


def test_a_cursor_of_another_history_leads_nowhere() -> None:
    with pytest.raises(CursorExpiredError) as refused:
        a_cursor().check(b"654321", NOW)
    assert refused.value.region == "US-PA"


@pytest.mark.django_db
def test_the_history_is_that_of_this_database() -> None:
    assert history_now() == history_now()
    assert len(history_now()) == 6
    a = Cursor(history_now(), "US-PA", 1, 1, timezone.now())
    a.check(history_now(), timezone.now())
