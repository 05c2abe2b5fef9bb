"""Processes that start while the database is away: from a snapshot, or with clear words."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.proofs.asking import Answer, OverHttp
from tests.proofs.outages.load import seconds_until
from tests.proofs.outages.servers import Stopping
from tests.proofs.sync.home import Home, until_it_starts
from tests.proofs.table import Table
from tests.proofs.web import wait_until_all_search

PLACE, POSITION = {"place": "19125"}, {"lat": 40.0, "lon": -75.0}
IN_A_ROW = 8
PATIENCE_S = 120.0


def prove_starts(home: Home, words_s: float) -> bool:
    """Start beside a database that was killed, and one that is stopped; then without a snapshot."""
    table, stopping = Table(), Stopping()
    _keep_a_snapshot(home)
    ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "killed": (home.cluster.kill, lambda: until_it_starts(home.cluster.start)),
        "stopped": (lambda: stopping.stop_cluster(home.cluster), stopping.go_on),
    }
    for name, (begin, end) in ways.items():
        print(f"A start while PostgreSQL is {name} …", flush=True)
        home.web.stop()
        begin()
        began = time.monotonic()
        home.web.start()
        wait_until_all_search(home.port, home.web)
        table.figure(f"PostgreSQL {name}: searches after, s", f"{time.monotonic() - began:.1f}")
        time.sleep(words_s)
        _from_the_snapshot(table, name, OverHttp(f"http://127.0.0.1:{home.port}"))
        end()
        _heals(table, name, home)
    home.web.stop()
    home.cluster.kill()
    for spoilt, spoil in SPOILS.items():
        _refused(table, home, spoilt, spoil)
    return table.show("Starts while the database is away")


def _keep_a_snapshot(home: Home) -> None:
    folder = Path(home.settings["INDEX_FOLDER"])
    took = seconds_until(
        lambda: bool(list(folder.glob("*.index")) and list(folder.glob("*.places"))),
        in_a_row=1,
        patience_s=PATIENCE_S,
    )
    assert took < PATIENCE_S, "no snapshot was written"


def _from_the_snapshot(table: Table, name: str, server: OverHttp) -> None:
    answers = [server.ask("POST", "/api/v1/nearby/", body) for body in [PLACE, POSITION] * IN_A_ROW]
    good = sum(one.status == 200 and bool(one.told["features"]) for one in answers)
    table.promise(
        f"PostgreSQL {name}: found by place and position",
        f"{good} of {len(answers)}",
        held=good == len(answers),
    )
    stale = sum(_is_stale(one) for one in answers)
    table.promise("marked stale, with as_of", f"{stale} of {len(answers)}", held=stale == good)
    known = sum(
        feature["properties"]["availability"]["state"] != "unknown"
        for one in answers
        for feature in one.told["features"]
    )
    table.promise("availability told though too old", known, held=not known)
    ready = server.ask("GET", "/readyz")
    parts = ready.told["parts"]
    true = ready.status == 503 and ready.told["stale"] and parts["index"] == "up"
    table.promise("/readyz", f"{ready.status}, {parts}", held=true and parts["database"] == "down")
    alive = server.ask("GET", "/healthz").status
    table.promise("/healthz", alive, held=alive == 200)


def _is_stale(answer: Answer) -> bool:
    search = answer.told["search"]
    return bool(search["stale"] and search["as_of"])


def _heals(table: Table, name: str, home: Home) -> None:
    server = OverHttp(f"http://127.0.0.1:{home.port}")

    def fresh() -> bool:
        answer = server.ask("POST", "/api/v1/nearby/", PLACE)
        return answer.status == 200 and not _is_stale(answer)

    took = seconds_until(fresh, in_a_row=IN_A_ROW, patience_s=PATIENCE_S)
    table.promise(
        f"PostgreSQL {name}: fresh after it came back, s", f"{took:.1f}", held=took < PATIENCE_S
    )


def _refused(table: Table, home: Home, spoilt: str, spoil: Callable[[Path], object]) -> None:
    """A start with a spoilt snapshot, and no database."""
    print(f"A start without the database and a snapshot {spoilt} …", flush=True)
    folder = Path(home.settings["INDEX_FOLDER"])
    good = folder.with_name("good")
    shutil.rmtree(good, ignore_errors=True)
    shutil.copytree(folder, good)
    for file in [*folder.glob("*.index"), *folder.glob("*.places")]:
        spoil(file)
    home.web.start()
    server = OverHttp(f"http://127.0.0.1:{home.port}")
    seconds_until(lambda: _alive(server), in_a_row=IN_A_ROW, patience_s=PATIENCE_S)
    answers = [server.ask("POST", "/api/v1/nearby/", body) for body in [PLACE, POSITION] * IN_A_ROW]
    told = {(one.status, one.told["type"], bool(one.headers.get("retry-after"))) for one in answers}
    held = told == {(503, "/problems/starting", True)} and "operating.md" in answers[0].text
    table.promise(f"snapshot {spoilt}: answers", told, held=held and not home.web.has_ended())
    home.web.stop()
    shutil.rmtree(folder)
    good.rename(folder)


def _alive(server: OverHttp) -> bool:
    try:
        return server.ask("GET", "/healthz").status == 200
    except OSError:
        return False


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


SPOILS: dict[str, Callable[[Path], object]] = {
    "taken away": lambda file: file.unlink(),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "with one other byte": _flip,
    "of another program": lambda file: file.write_bytes(b"PK\x03\x04" * 1000),
}
