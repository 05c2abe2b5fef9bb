"""Snapshots: a start without the database, one for all processes of a machine, never another's."""

import datetime as dt
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from services.index import IndexNotReadyError, Query, live_index, snapshot
from services.index.live import SNAPSHOT_EVERY, LiveIndex
from services.models import Change, Service
from services.vocabulary import Availability, Delivery, Kind, Visibility
from tests.builders import a_report, a_service, a_service_at, a_site, a_source

pytestmark = pytest.mark.django_db(transaction=True)


NOW = timezone.now()  # chances fade by the second


def scattered(count: int) -> None:
    dice = random.Random(7)
    for _ in range(count):
        service = a_service_at(
            40 + dice.gauss(0, 0.5),
            -75 + dice.gauss(0, 0.5),
            dice.choice(list(Kind)),
            hours=dice.choice(["", "24/7", "Mo-Fr 09:00-17:00"]),
        )
        if dice.random() < 0.5:
            a_report(service, dice.choice([Availability.FULL, Availability.AVAILABLE]))
    a_service(a_site(delivery=Delivery.REMOTE), Kind.BUPRENORPHINE)
    a_service(a_site(visibility=Visibility.PHONE_ONLY), Kind.DETOX)


def told_by(index: LiveIndex) -> bytes:
    """Everything it tells of every service, near and far."""
    areas = frozenset({("US", "PA"), ("US", "")})
    query = Query(39.9, -75.2, at=NOW, kinds=tuple(Kind), areas=areas, limit=100)
    return index.index.page(query, 1, 100).features.tobytes()


def kept() -> LiveIndex:
    """Another process of the machine, that has read the database and left a snapshot."""
    other = LiveIndex()
    written_by(other)
    return other


def written_by(index: LiveIndex) -> None:
    for _ in range(1_000):  # until the server's log is on its disk: with the next commit, mostly
        a_source().save()
        index.catch_up()
        index.keep()
        if snapshot.latest(now=timezone.now()):
            return
    raise AssertionError("no snapshot was written")


def restored() -> LiveIndex:
    """A process that has just started, and has not reached the database yet."""
    index = LiveIndex()
    index.restore()
    return index


def the_file(settings: Any) -> Path:
    (file,) = Path(settings.INDEX_FOLDER).glob("*.index")
    return file


def test_a_start_from_a_snapshot_tells_what_a_load_tells() -> None:
    scattered(40)
    before = told_by(kept())
    assert told_by(restored()) == before
    live_index.load()
    assert told_by(live_index) == before


def test_openings_of_another_day_are_worked_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    scattered(20)
    before = told_by(kept())
    later = timezone.now() + dt.timedelta(days=3)
    monkeypatch.setattr("services.index.live.timezone.now", lambda: later)
    index = restored()
    assert told_by(index) == before
    assert index.index._shelving.schedules.start.date() == (later - dt.timedelta(days=1)).date()


def test_it_asks_the_database_for_nothing(django_assert_num_queries: Callable[..., Any]) -> None:
    scattered(5)
    kept()
    with django_assert_num_queries(0):
        told_by(restored())


def test_what_happened_since_is_caught_up_with() -> None:
    gone, stays = a_service(), a_service()
    kept()
    gone_id = str(gone.pk).encode()
    gone.delete()
    new = a_service()
    a_report(stays, Availability.FULL)
    index = restored()
    assert gone_id in told_by(index)
    index.catch_up()
    told = told_by(index)
    assert gone_id not in told
    assert str(new.pk).encode() in told
    assert b'"state":"full"' in told


def test_changes_to_a_mapped_index_stay_in_its_process(settings: Any) -> None:
    scattered(10)
    kept()
    before, index = the_file(settings).read_bytes(), restored()
    for service in Service.objects.all():
        a_report(service, Availability.LIMITED)
    index.catch_up()
    assert told_by(index).count(b'"state":"limited"') == Service.objects.count()
    assert the_file(settings).read_bytes() == before
    assert b'"state":"limited"' not in told_by(restored())


def test_one_process_writes_and_the_others_take_it_over() -> None:
    scattered(10)
    first, second = LiveIndex(), LiveIndex()
    first.catch_up()
    second.catch_up()
    with snapshot.only_one() as is_ours:
        assert is_ours
        first.keep()  # somebody else is at it
    assert snapshot.latest(now=timezone.now()) is None
    written_by(first)
    written = snapshot.latest(now=timezone.now())
    second.keep()
    latest = snapshot.latest(now=timezone.now())
    assert written is not None
    assert latest is not None
    assert latest.written_at == written.written_at
    assert told_by(first) == told_by(second)


def test_a_snapshot_is_written_anew_after_a_while_if_something_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = a_service()
    index = kept()
    a_report(service, Availability.FULL)
    index.catch_up()
    index.keep()
    assert b'"state":"full"' not in told_by(restored())
    later = timezone.now() + SNAPSHOT_EVERY
    monkeypatch.setattr("services.index.live.timezone.now", lambda: later)
    a_source().save()
    index.catch_up()
    index.keep()
    assert b'"state":"full"' in told_by(restored())
    written = snapshot.latest(now=later)
    index.keep()
    unchanged = snapshot.latest(now=later)
    assert written is not None
    assert unchanged is not None
    assert unchanged.written_at == written.written_at


def test_many_changes_are_packed_into_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.index.shelving.LOOSE_AT_MOST", 5)
    scattered(10)
    index = kept()
    scattered(10)
    index.catch_up()
    told = told_by(index)
    packing = [index.index.needs_packing]
    written_by(index)
    packing.append(index.index.needs_packing)
    assert packing == [True, False]
    assert told_by(index) == told_by(restored()) == told


def another_format(head: dict[str, Any]) -> None:
    head["format"] = "of an older version"


def too_old(head: dict[str, Any]) -> None:
    head["written_at"] = (timezone.now() - snapshot.OLDEST - dt.timedelta(days=1)).isoformat()


def no_head(head: dict[str, Any]) -> None:
    head.clear()


@pytest.mark.parametrize("broken", [another_format, too_old, no_head])
def test_one_that_is_not_ours_is_left_alone(
    settings: Any, broken: Callable[[dict[str, Any]], None]
) -> None:
    scattered(3)
    kept()
    file = the_file(settings)
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    head = json.loads(content[8 : 8 + size])
    broken(head)
    changed = json.dumps(head).encode().ljust(size)
    file.write_bytes(len(changed).to_bytes(8, "little") + changed + content[8 + size :])
    with pytest.raises(IndexNotReadyError):
        _ = restored().index


@pytest.mark.parametrize("left", [0, 3, 500, 20_000])
def test_one_that_was_cut_short_is_left_alone(settings: Any, left: int) -> None:
    scattered(3)
    kept()
    file = the_file(settings)
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(IndexNotReadyError):
        _ = restored().index


@pytest.mark.parametrize("start", [b"garbage!", b"\x02" + bytes(7) + b"[]"])
def test_one_that_begins_with_something_else_is_left_alone(settings: Any, start: bytes) -> None:
    scattered(3)
    kept()
    file = the_file(settings)
    file.write_bytes(start + file.read_bytes()[len(start) :])
    with pytest.raises(IndexNotReadyError):
        _ = restored().index


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9999])
def test_one_with_a_changed_byte_is_left_alone(settings: Any, where: float) -> None:
    scattered(3)
    kept()
    file = the_file(settings)
    content = bytearray(file.read_bytes())
    content[int(len(content) * where)] ^= 1
    file.write_bytes(content)
    with pytest.raises(IndexNotReadyError):
        _ = restored().index


def test_what_a_killed_writer_left_is_cleared_away(settings: Any) -> None:
    a_service()
    kept()
    left = the_file(settings).with_suffix(".abc.new")
    left.touch()
    with snapshot.only_one():
        assert not left.exists()


def test_starting_anew_outlasts_a_new_connection() -> None:
    service = a_service()
    index = kept()
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    Change.objects.all().delete()
    index.resync()
    index.step_back()
    index.catch_up()
    assert str(service.pk).encode() not in told_by(index)


def test_another_databases_is_read_afresh_as_soon_as_that_is_known() -> None:
    service = a_service()
    kept()
    Service.objects.all().delete()
    index = restored()
    assert str(service.pk).encode() in told_by(index)
    assert index._following is not None
    index._following.lineage = "7/8/9 1.5 timeline-00000001"
    new = a_service()
    index.catch_up()
    told = told_by(index)
    assert str(new.pk).encode() in told
    assert str(service.pk).encode() not in told


def test_without_a_folder_the_index_is_packed_in_memory(settings: Any) -> None:
    Path(settings.INDEX_FOLDER).parent.joinpath("a file").touch()
    settings.INDEX_FOLDER = str(Path(settings.INDEX_FOLDER).parent / "a file" / "index")
    scattered(5)
    index = LiveIndex()
    index.catch_up()
    index.keep()
    assert told_by(index).count(b'"Feature"') == Service.objects.count()
    assert snapshot.latest(now=timezone.now()) is None


def test_a_snapshot_holds_no_hidden_address(settings: Any) -> None:
    hidden = {"address": "77 Canary Street", "postal_code": "19177"}
    a_service(a_site(39.9511, -75.1611, visibility=Visibility.APPROXIMATE, **hidden))
    a_service(a_site(39.9511, -75.1611, visibility=Visibility.PHONE_ONLY, **hidden))
    kept()
    content = the_file(settings).read_bytes()
    assert b"Canary" not in content
    assert b"19177" not in content
    assert b"39.9511" not in content


def test_nobody_else_on_the_machine_can_read_it(settings: Any) -> None:
    a_service()
    kept()
    assert the_file(settings).stat().st_mode & 0o077 == 0
    assert the_file(settings).parent.stat().st_mode & 0o077 == 0
