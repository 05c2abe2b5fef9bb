"""The long form of the log's proof: over HTTP, against the production server."""

import threading
import time

from locator_offline import Transport
from services.models import Change, Pack
from tests.proofs.sync.home import Home
from tests.proofs.sync.log import Log, packs_built, pullers_in, write_by
from tests.proofs.sync.world import REGIONS, a_world
from tests.proofs.sync.writers import Writer, in_a_thread

CHANGES, WRITERS, PULLERS = 100_000, 16, 10
TAKE_PACKS = 2  # of the pullers: instead of many pages
LONGEST_S = 400.0  # then the writers stop; fewer changes than promised are no proof
SITES_A_REGION = 250
IMPORTED_SITES = 40
IMPORT_SECONDS = 10.0
IMPORT_BEGINS_AT = CHANGES // 4
PACKS_EVERY_S = 5.0
MOST = 60  # services changed by one statement


def prove_log(home: Home) -> bool:
    """Write, pull, and judge; whether every promise held."""
    print(f"Log: {WRITERS} writers, {PULLERS} pullers, {CHANGES:,} changes …", flush=True)
    began = time.monotonic()
    world = a_world(SITES_A_REGION)
    packs_built()
    home.start_programs()
    imported, shared = world.parted(IMPORTED_SITES)
    server = f"http://127.0.0.1:{home.port}"
    regions = sorted(_regions())
    pullers = pullers_in(home.folder / "pullers", regions, PULLERS, lambda: Transport(server))
    for number, puller in enumerate(pullers):
        puller.sync.take(puller.region)
        puller.reads_all = number >= TAKE_PACKS
    joins_at = [number * CHANGES // (2 * PULLERS) for number in range(PULLERS)]
    importer = Writer(0, imported, MOST)
    writers = [Writer(number, shared, MOST) for number in range(1, WRITERS)]
    log = Log(world, pullers, joins_at)
    table = log.run(lambda: _write(log, writers, importer))
    written = _written(log)
    table.promise("changes asked for", CHANGES, held=written >= CHANGES)
    for name in sorted(writers[0].counts):
        table.figure(f"transactions: {name}", sum(one.counts.get(name, 0) for one in writers))
    table.figure("transactions ended by the database", sum(one.failed for one in writers))
    table.figure("seconds", f"{time.monotonic() - began:.0f}")
    return table.show(
        f"Log: {WRITERS} writers at once, an import of {IMPORT_SECONDS:.0f} s among them"
    )


def _regions() -> set[str]:
    held = set(Pack.objects.values_list("region", flat=True))
    return {one for one in held if any(f"US-{region}" in one.split(".") for region in REGIONS)}


def _write(log: Log, writers: list[Writer], importer: Writer) -> None:
    """All write until there are as many changes as asked for; packs are built meanwhile."""
    over, ends = threading.Event(), time.monotonic() + LONGEST_S
    others = [in_a_thread(lambda: _import(log, importer)), in_a_thread(lambda: _build(log, over))]
    try:
        write_by(writers, is_over=lambda _: _is_written(log, ends))
        others[0].join()
    finally:
        over.set()
        others[1].join()


def _written(log: Log) -> int:
    return Change.objects.filter(pk__gt=log.first).count() if log.changes() >= CHANGES else 0


def _is_written(log: Log, ends: float) -> bool:
    return time.monotonic() > ends or _written(log) >= CHANGES


def _import(log: Log, importer: Writer) -> None:
    while log.changes() < IMPORT_BEGINS_AT:
        importer.write_one()
    print("  the import begins", flush=True)
    ends = time.monotonic() + IMPORT_SECONDS
    importer.import_all(is_over=lambda: time.monotonic() > ends)


def _build(log: Log, over: threading.Event) -> None:
    while not over.wait(PACKS_EVERY_S):
        print(f"  {log.changes():,} changes; packs built: {len(packs_built())}", flush=True)
