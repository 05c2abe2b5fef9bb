"""The log under writers at once, in short. The long form: ``make prove-sync``."""

from pathlib import Path
from typing import Any

import pytest

from services.models import Pack
from services.packs import regions
from tests.proofs.sync.log import Log, packs_built, pullers_in, write_by
from tests.proofs.sync.pullers import Domain
from tests.proofs.sync.world import a_world
from tests.proofs.sync.writers import Writer, in_a_thread

WRITERS, PULLERS = 4, 2  # with the import and this thread no more than the pool has connections
TRANSACTIONS = 10  # of each writer
MOST = 6  # services changed by one statement


@pytest.mark.django_db(transaction=True)
def test_no_change_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "ENOUGH", 20)
    world = a_world(sites_a_region=10)
    packs_built()
    names = sorted(set(Pack.objects.values_list("region", flat=True)))
    assert len(names) >= PULLERS
    imported, shared = world.parted(4)
    pullers = pullers_in(tmp_path, names, PULLERS, Domain)
    for puller in pullers:
        puller.hold_pack()
    writers = [Writer(number, shared, MOST) for number in range(WRITERS)]

    def half_is_written() -> bool:
        return sum(sum(one.counts.values()) for one in writers) >= WRITERS * TRANSACTIONS / 2

    def write() -> None:
        importer = Writer(WRITERS, imported, MOST)
        long = in_a_thread(lambda: importer.import_all(is_over=half_is_written))
        write_by(writers, is_over=lambda one: sum(one.counts.values()) == TRANSACTIONS)
        long.join()

    log = Log(world, pullers, joins_at=[0, 50])
    table: Any = log.run(write)
    assert log.changes() > 100
    assert table.show("Writers and pullers at once")
