"""``make prove-backup``: back up under load, lose the cluster, restore to a moment, count."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
from checkout import Checkout, checkout_here

from services.acting import this_process_is_the_system
from tests.proofs.backup.clusters import Archived, Restored, archived_cluster, prepare
from tests.proofs.backup.judge import judge_positions, judge_rows, judge_server
from tests.proofs.backup.work import Phone, manage, services_of, settings_for
from tests.proofs.cluster import Cluster
from tests.proofs.failover.load import Load
from tests.proofs.table import Table, end
from tests.proofs.web import web

if TYPE_CHECKING:
    from tests.proofs.backup.traces import Traces

BEFORE_S, DURING_S, AFTER_S = 4.0, 6.0, 4.0


@dataclass
class Story:
    """What happened before the cluster was lost.

    Attributes:
        backup: the base backup's file.
        moment: by the database's clock, as PostgreSQL writes it.
        before, later: ids of reports acknowledged before that moment, and after.
        phone: one that read changes until then.
        traces: of people who searched all the while.
    """

    backup: Path
    moment: str
    before: set[str]
    later: set[str]
    phone: Phone
    traces: "Traces"


def main() -> None:
    """Exit code 1 if a promise does not hold."""
    this_process_is_the_system()
    django.setup()
    checkout = checkout_here(os.environ)
    home = checkout.data / "backup"
    with archived_cluster(checkout.root, home) as cluster:
        story = _work(checkout, cluster, home)
        print("Losing the cluster …", flush=True)
        cluster.kill()
        shutil.rmtree(cluster.cluster)
        kept = _restore(checkout, cluster, story, home)
    end(kept=kept)


def _work(checkout: Checkout, cluster: Archived, home: Path) -> Story:
    """People search and report; meanwhile a base backup is made; then comes the moment."""
    from tests.proofs.backup.traces import Traces

    settings = settings_for(cluster, home)
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "shell", "-c", "from tests.proofs.sync.world import a_world; a_world(25)")
    manage(settings, "build_packs")
    token = manage(settings, "create_account", "--role", "outreach")
    traces = Traces(cluster)
    with web(checkout, settings) as server:
        load, phone = Load(server, token, services_of(server)), Phone(server)
        with load:
            time.sleep(BEFORE_S)
            print("Making a base backup under load …", flush=True)
            traces.leak(cluster, late=False)
            backup = cluster.back_up()
            traces.leak(cluster, late=True)
            traces.search(cluster, server.port, token)
            time.sleep(DURING_S)
            phone.read()
            before = set(load.acknowledged)
            [(moment,)] = cluster.sql("SELECT clock_timestamp()::text")
            time.sleep(AFTER_S)
        cluster.until_archived()
        return Story(backup, moment, before, load.acknowledged - before, phone, traces)


def _restore(checkout: Checkout, lost: Archived, story: Story, home: Path) -> bool:
    table = Table()
    assert lost.vault is not None
    restored = Restored(lost.checkout.root, home / "new", lost.vault, story.backup, story.moment)
    prepare(restored)
    began = time.monotonic()
    try:
        restored.start()
        restored.until_promoted()
        table.figure(
            "unpacked, rolled forward and promoted in, s", f"{time.monotonic() - began:.1f}"
        )
        judge_rows(table, restored, story.moment, story.before, story.later)
        _judge_what_it_serves(table, checkout, restored, story, home)
        judge_positions(table, restored, lost.vault)
        story.traces.judge(table, restored, lost.vault)
        return table.show("Restored to a moment from a base backup and the archived log")
    finally:
        restored.clear_away()


def _judge_what_it_serves(
    table: Table, checkout: Checkout, restored: Cluster, story: Story, home: Path
) -> None:
    settings = settings_for(restored, home)
    said = manage(settings, "forget")
    table.promise("what is over is forgotten again", said, held="forgotten" in said)
    manage(settings, "build_packs")
    with web(checkout, settings) as server:
        judge_server(table, restored, server, story.phone)


if __name__ == "__main__":
    main()
