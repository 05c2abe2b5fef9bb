"""The pieces of the benchmark work at a tiny size. Nothing here depends on speed."""

import csv
import datetime as dt
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from api.fields import read_fields
from api.v1.nearby import FIELDS, search_of
from services.hours import is_valid
from services.index import live_index
from services.models import Service
from services.search import find_nearby
from services.vocabulary import ACCESS_FACTS, Kind
from tests.bench import (
    cores,
    goals,
    names,
    page,
    plot,
    profile,
    results,
    sizes,
    steps,
    wishes,
    words,
)
from tests.bench.__main__ import _alone
from tests.bench.databases import copy_blocks
from tests.bench.importing import slow_seconds, summed, write_pharmacies
from tests.bench.mix import CELLS
from tests.bench.paced import Connection, paced
from tests.bench.ranking import __main__ as simulation
from tests.bench.synthetic import COLUMNS, Block, blocks
from tests.bench.towns import searchers
from tests.builders import a_service

NOW = dt.datetime(2026, 5, 4, 15, 0, tzinfo=dt.UTC)


def rows_of(services: int) -> dict[str, list[Any]]:
    made = list(blocks(services, NOW))
    return {table: [row for block in made for row in block.rows[table]] for table in COLUMNS}


def test_the_same_seed_makes_the_same_services() -> None:
    assert rows_of(300) == rows_of(300)


def test_as_many_services_are_made_as_asked_for_and_a_third_as_many_sites() -> None:
    rows = rows_of(3_000)
    assert len(rows["service"]) == 3_000
    assert 800 < len(rows["site"]) < 1_200


def test_a_row_has_a_value_for_each_column() -> None:
    for table, rows in rows_of(200).items():
        assert {len(row) for row in rows} == {len(COLUMNS[table].split())}


def test_no_site_offers_a_kind_twice() -> None:
    offers = [(row[1], row[2]) for row in rows_of(2_000)["service"]]
    assert len(set(offers)) == len(offers)


def test_a_block_is_all_that_is_held_at_once() -> None:
    first = next(iter(blocks(2_000_000, NOW)))
    assert isinstance(first, Block)
    assert len(first.rows["service"]) < 50_000


def test_every_schedule_is_valid_and_there_are_hundreds() -> None:
    assert len(set(words.RULES)) > 500
    assert all(map(is_valid, words.RULES))


def test_only_known_facts_and_kinds_are_made_up() -> None:
    assert set(words.ACCESS_CHANCES) < set(ACCESS_FACTS)
    assert set(words.KIND_WEIGHTS) == set(Kind)


def test_searchers_stand_where_they_stood() -> None:
    assert searchers("rural", 20) == searchers("rural", 20)
    assert len(set(searchers("dense", 50))) == 50


def test_there_are_36_cells_and_every_body_is_a_search_the_api_understands() -> None:
    assert len({str(cell) for cell in CELLS}) == 36
    for cell in CELLS:
        for body, search in zip(cell.bodies(3), cell.searches(3), strict=True):
            sent = read_fields(orjson.loads(orjson.dumps(body)), FIELDS)
            asked = search_of(sent)
            assert (asked.lat, asked.lon, asked.limit) == (search.lat, search.lon, search.limit)
            assert (asked.access, asked.strict) == (search.access, search.strict)
            assert asked.kinds == search.kinds


def test_night_is_never_more_than_half_a_day_away() -> None:
    for cell in CELLS:
        assert abs(cell.at(NOW) - NOW) <= dt.timedelta(hours=12)


@pytest.mark.parametrize(("text", "size"), [("20k", 20_000), ("2m", 2_000_000), ("150", 150)])
def test_sizes_are_read_as_they_are_written(text: str, size: int) -> None:
    assert sizes.size_of(text) == size
    assert sizes.short(size) == text


def test_a_file_for_the_import_has_the_columns_of_the_feed(tmp_path: Path) -> None:
    write_pharmacies(tmp_path / "file.csv", 5)
    with (tmp_path / "file.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["Address"] for row in rows}) == 5


def test_searches_are_sorted_by_when_they_were_due() -> None:
    timed = [(1.0, 0.1), (2.0, 0.1), (11.0, 0.5), (12.0, 0.1), (21.0, 0.1)]
    told = summed(timed, 10.0, 20.0)
    assert told["before_ms"] == pytest.approx(100)
    assert told["during_ms"] == pytest.approx(500)
    assert told["slow_seconds"] == 2.0
    assert slow_seconds(timed, 1.0) == 0


def some_results() -> goals.Found:
    taken = {"median_ms": 0.1, "p99_ms": 0.2, "searches": 9}
    cells = {str(cell): taken for cell in CELLS}
    ways = [names.OURS, names.IDS, names.UNFILTERED, *page.OTHERS]
    searched: dict[str, Any] = {"taken": dict.fromkeys(ways, cells), "new_minute_ms": 1.0}
    return {"searches": {size: searched | {"size": size} for size in (20_000, 200_000)}}


def test_the_page_tells_what_was_measured_and_what_was_not() -> None:
    text = page.page_of(some_results())
    assert "| dense, all kinds, day, 20 | 0.100 | 0.200 |" in text
    assert "| ≤ 0.150× | 1.000× | **not met** |" in text
    assert "not measured" in text
    assert "None" not in text


def test_no_two_benches_run_in_a_checkout(tmp_path: Path) -> None:
    with _alone(tmp_path), pytest.raises(SystemExit, match="already"), _alone(tmp_path):
        pass
    with _alone(tmp_path):
        pass


def test_the_page_in_docs_tells_of_no_size_that_was_only_tried() -> None:
    tried = some_results()["searches"][200_000] | {"size": 50_000}
    found = some_results() | {"machine": {0: {"facts": {}}}, "http": {50_000: {}}}
    found["searches"][50_000] = tried
    kept = page.of_docs(found)
    assert {stage: set(sizes) for stage, sizes in kept.items()} == {
        "searches": {20_000, 200_000},
        "machine": {0},
        "http": set(),
    }


def test_fewer_writes_than_fifty_a_second_do_not_meet_the_goal() -> None:
    def row(per_second: float) -> list[str]:
        told = {"p99_ms": 9.0, "writes_per_second": per_second}
        rows = goals.rows({"freshness": {200_000: told}})
        return next(row for row in rows if row[0].startswith("Commit"))

    assert row(49.9)[-1] == "met"
    assert row(45.0)[-2:] == ["not measured", "–"]


def test_the_page_says_where_the_time_goes() -> None:
    looked_at = {"nodes": 3, "leaves": 2, "services": 9, "weighed": 1}
    cell = {"filters": "all kinds", "limit": 20, "looked_at": looked_at, "steps_ms": {"walk": 0.5}}
    dearest = [{"wishes": "strict", "ms": 2.0, "ratio": 4.0}]
    plain = dict.fromkeys(wishes.DENSITIES, 0.125)
    dear = {"count": 2, "median": 1.5, "above_10": 0, "dearest": dearest, "plain": plain}
    told = {"cells": [cell], "round_trip_ms": 0.04, "wishes": dear, "size": 200_000}
    text = page.page_of(some_results() | {"profile": {200_000: told}})
    assert "| walk | 0.500 |" in text
    assert "| services | 9 |" in text
    assert "| strict | 2.00 | 4.0× |" in text
    assert "| overseas | 0.125 |" in text


def test_results_of_other_code_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_RESULTS", str(tmp_path))
    results.keep("http", 5, {})
    assert results.codes(results.all_kept()) == {results.code()}
    monkeypatch.setattr(results, "code", lambda: "other")
    results.keep("process", 5, {})
    assert len(results.codes(results.all_kept())) == 2


@pytest.mark.parametrize(
    ("told", "is_complete"),
    [
        ({"stage": "http", "rates": {"2": {}}, "steady": {"search": {}}}, False),
        ({"stage": "http", "rates": {"2": {}, "1": {}}, "steady": {"search": {}}}, True),
        ({"stage": "process", "first_start_seconds": 9.0}, False),
        ({"stage": "freshness", "p99_ms": 9.0, "import": {}}, True),
    ],
)
def test_a_stage_that_was_cut_short_is_not_complete(
    told: dict[str, Any], *, is_complete: bool
) -> None:
    assert page.is_complete(told) is is_complete


@pytest.mark.parametrize("arguments", [["--towns", "0"], ["--towns", "-5"], ["--seed", "-1"]])
def test_the_simulation_refuses_numbers_that_tell_nothing(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench-ranking", *arguments])
    with pytest.raises(SystemExit):
        simulation.main()
    assert "is not a whole number from" in capsys.readouterr().err


def test_every_wish_is_combined_with_every_other() -> None:
    every = wishes.combinations()
    assert len({wishes.said(one) for one in every}) == len(every) == 144


@pytest.mark.django_db
def test_every_step_of_a_search_can_be_taken_alone() -> None:
    with connection.cursor() as cursor:
        copy_blocks(cursor, 300)
    live_index.load()
    for cell in (CELLS[0], CELLS[5]):
        took = steps.timed(steps.steps_of(cell, timezone.now(), 2), 2, 1)
        assert len(took) == len(steps.STEPS)
    assert profile.looked_at(CELLS[0], timezone.now())["weighed"] >= 20


def test_processor_time_is_that_of_a_process_and_those_it_started() -> None:
    if not cores.is_counted():
        pytest.skip("This system does not tell (/proc).")
    usage = cores.Usage({"this process": [os.getpid()]})
    usage.read()
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    usage.read()
    assert usage.cores()[0]["this process"] > 0


def test_the_same_results_make_the_same_plot(tmp_path: Path) -> None:
    plot.draw(some_results(), tmp_path / "one.svg")
    plot.draw(some_results(), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.django_db
def test_what_is_made_up_keeps_every_constraint_and_is_found() -> None:
    with connection.cursor() as cursor:
        copy_blocks(cursor, 300)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    live_index.load()
    found = find_nearby(CELLS[0].searches(1)[0], now=timezone.now())
    assert Service.objects.count() == len(live_index.index) == 300
    assert len(orjson.loads(found.body)["features"]) == 20


@pytest.mark.django_db
def test_the_views_compared_answer_what_matches(settings: Any, client: Client) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"
    wanted = a_service(access={"asl": True})
    a_service()
    body = {"lat": 39.95, "lon": -75.16, "limit": 20, "access": {"asl": True}}
    for path in ("/plain/", "/drf-gis/"):
        answer = client.post(path, orjson.dumps(body), content_type="application/json")
        assert str(wanted.pk) in answer.content.decode()
        assert answer.content.decode().count('"kind"') == 1


def test_requests_are_sent_in_turn_and_answers_read_to_their_end() -> None:
    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(sent)
            self.send_response(200)
            self.send_header("Content-Length", str(len(sent)))
            if sent == b"2":  # as a process that hands its connections on
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    heard: list[bytes] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = Connection(server.server_port, "/")
        assert line.post(b"x" * 500_000) == b"x" * 500_000
        line.close()
        heard.clear()
        timed = paced(
            server.server_port, "/", [b"1", b"2"], per_second=500, go_on=lambda: len(heard) < 8
        )
        server.shutdown()
    assert len(timed) == len(heard) >= 8
    assert set(heard) == {b"1", b"2"}
