"""What must hold after a server was lost, and the figures that show it."""

import datetime as dt
import statistics
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

from tests.proofs.asking import OverHttp
from tests.proofs.cluster import Cluster
from tests.proofs.failover.load import AWAY, STORED, Load
from tests.proofs.table import Table

ASKED_TIMES = 6  # each cell, over new connections: so that every web process answers
PATIENCE_SECONDS = 20.0
PAGE = 100
WORDS = """
    SELECT id::text, state, remaining, as_of FROM services_service
    WHERE state <> 'unknown' AND retired_at IS NULL
"""
CELLS = (
    "SELECT DISTINCT ST_GeoHash(location::geometry, 3) FROM services_site WHERE retired_at IS NULL"
)

Word = tuple[Any, ...]  # state, count, moment
NOTHING: Word = ("unknown", None, None)


def judge(load: Load, database: Cluster, server: OverHttp, lost_at: float) -> Table:
    """Hold what came back against the database that is the primary now."""
    table = Table()
    _searches(table, load)
    _writes(table, load, lost_at)
    _stored(table, load, database)
    index_agrees(table, database, server, {one["id"] for one in load.services})
    return table


def _searches(table: Table, load: Load) -> None:
    failed = [one for one in load.searches if one.status != 200]
    times = statistics.quantiles((one.seconds * 1000 for one in load.searches), n=100)
    table.promise(f"searches failed, of {len(load.searches)}", len(failed), held=not failed)
    table.figure(
        "search, median / 99th / slowest, ms",
        f"{times[49]:.0f} / {times[98]:.0f} / "
        f"{max(one.seconds for one in load.searches) * 1000:.0f}",
    )


def _writes(table: Table, load: Load, lost_at: float) -> None:
    away = [one for one in load.reports if one.status == AWAY]
    wrong = [one.status for one in load.reports if one.status not in (*STORED, AWAY)]
    table.promise("answers to reports but 201, 200 and 503", wrong or 0, held=not wrong)
    untold = sum(not one.retry_after for one in away)
    table.promise(f"503 without Retry-After, of {len(away)}", untold, held=not untold)
    stored = sorted(one.at + one.seconds for one in load.reports if one.status in STORED)
    gaps = [later - sooner for sooner, later in pairwise(stored) if later > lost_at]
    refused = [one.at for one in load.reports if one.status == AWAY]
    again = bool(stored) and stored[-1] > max(refused, default=lost_at)
    table.promise(
        "longest time in which no report was stored, s", f"{max(gaps, default=0):.1f}", held=again
    )
    table.figure("slowest answer to a report, s", f"{max(one.seconds for one in load.reports):.1f}")


def _stored(table: Table, load: Load, database: Cluster) -> None:
    rows = database.sql(
        "SELECT id::text, count(*) FROM services_availabilityreport WHERE id = ANY(%s::uuid[])"
        " GROUP BY id",
        list(load.acknowledged),
    )
    lost = load.acknowledged - {row[0] for row in rows}
    table.promise(
        f"acknowledged reports lost, of {len(load.acknowledged)}", len(lost), held=not lost
    )
    again = sum(one.status == 200 for one in load.reports)
    twice = sum(row[1] > 1 for row in rows)
    table.promise(f"stored twice, of {again} sent again", twice, held=not twice)


def index_agrees(table: Table, database: Cluster, server: OverHttp, reported: set[str]) -> None:
    """Compare what search tells of every service with its row, until they agree."""
    cells = [cell for (cell,) in database.sql(CELLS) if cell]
    rows = {row[0]: row[1:] for row in database.sql(WORDS)}
    patient_until = time.monotonic() + PATIENCE_SECONDS
    told = _told_of_all(server, cells)
    while _differing(told, rows) and time.monotonic() < patient_until:
        told = _told_of_all(server, cells)
    differing = _differing(told, rows)
    table.promise(
        f"differ between index and database, of {len(told)} services",
        len(differing),
        held=not differing,
    )
    missing = (reported | set(rows)) - set(told)
    table.promise(f"missing in the index, of {len(rows)} told of", len(missing), held=not missing)


def _differing(told: dict[str, set[Word]], rows: dict[str, Word]) -> set[str]:
    return {id_ for id_, words in told.items() if words != {rows.get(id_, NOTHING)}}


def _told_of_all(server: OverHttp, cells: list[str]) -> dict[str, set[Word]]:
    """By service, the words that the web processes tell of it: one, if they agree."""
    told: dict[str, set[Word]] = defaultdict(set)
    for cell in cells:
        for _ in range(ASKED_TIMES):
            for id_, word in _told(server, cell).items():
                told[id_].add(word)
    return told


def _told(server: OverHttp, cell: str) -> dict[str, Word]:
    """What a web process tells of every service of a cell, by id."""
    words: dict[str, Word] = {}
    more, offset = True, 0
    while more:
        answer = server.ask("GET", f"/api/v1/cells/{cell}/?limit={PAGE}&offset={offset}")
        assert answer.status == 200, answer.text
        for one in answer.told["features"]:
            word: dict[str, Any] = one["properties"]["availability"]
            seen = word["as_of"] and dt.datetime.fromisoformat(word["as_of"])
            words[one["id"]] = (word["state"], word["remaining"], seen)
        more, offset = len(answer.told["features"]) == PAGE, offset + PAGE
    return words
