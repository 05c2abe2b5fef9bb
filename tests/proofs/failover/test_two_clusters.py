"""The lineage on a real primary and its standby, before and after the one is killed.

Some seconds long: ``-m "not two_clusters"`` leaves it out. The long form: ``make prove-failover``.
"""

import os
from collections.abc import Iterator

import psycopg
import pytest
from checkout import checkout_here
from postgres import DATABASE, ROLE

from services.index import lineage as lineages
from services.index.following import NOW
from services.index.lineage import continues, lineage
from tests.proofs.cluster import Cluster
from tests.proofs.failover.clusters import Standby, follow_in_step, two_clusters

pytestmark = pytest.mark.two_clusters


@pytest.fixture
def clusters() -> Iterator[tuple[Cluster, Standby]]:
    checkout = checkout_here(os.environ)
    with two_clusters(checkout.root, checkout.data / f"two-{os.getpid()}") as (primary, standby):
        primary.sql("CREATE ROLE plain")
        primary.sql("CREATE TABLE written (xid xid8)")
        follow_in_step(primary, standby)
        yield primary, standby


def lineage_of(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    with psycopg.connect(host=cluster.host, user=ROLE, dbname=DATABASE) as connection:
        connection.execute("SET ROLE plain")  # no rights of any kind are needed
        connection.execute(NOW)
        monkeypatch.setattr(lineages, "followed", lambda: connection)
        return lineage()


def floor_of(cluster: Cluster) -> tuple[int, bool]:
    floor, on_disk = cluster.sql(NOW)[0]
    return int(floor), on_disk


def test_a_promoted_standby_is_another_lineage_than_its_primary_and_goes_on_from_itself(
    clusters: tuple[Cluster, Standby], monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, standby = clusters
    first, followed = (lineage_of(one, monkeypatch) for one in clusters)
    assert not continues(first, followed)
    assert not continues(followed, first)
    floor_is_that_of_what_ended(primary, standby)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        standby.sql("LISTEN anything")

    primary.crash_and_restart()
    assert lineage_of(primary, monkeypatch) != first
    assert continues(first, lineage_of(primary, monkeypatch))

    primary.kill()
    standby.set("synchronous_standby_names", "")
    standby.promote()
    promoted = lineage_of(standby, monkeypatch)
    assert continues(followed, promoted)
    assert not continues(first, promoted)
    standby.sql("INSERT INTO written VALUES (pg_current_xact_id())")


def floor_is_that_of_what_ended(primary: Cluster, standby: Cluster) -> None:
    """Below a transaction that is open, on both; above all of them when it has ended."""
    with psycopg.connect(host=primary.host, user=ROLE, dbname=DATABASE) as slow:
        row = slow.execute(
            "INSERT INTO written VALUES (pg_current_xact_id()) RETURNING xid"
        ).fetchone()
        assert row is not None
        early = primary.sql("INSERT INTO written VALUES (pg_current_xact_id()) RETURNING xid")
        replayed(primary, standby)
        assert standby.sql("SELECT xid FROM written") == early
        assert floor_of(standby) == (int(row[0]), True)
        assert floor_of(primary)[0] == int(row[0])
    replayed(primary, standby)
    assert floor_of(standby)[0] > int(early[0][0])


def replayed(primary: Cluster, standby: Cluster) -> None:
    """Wait until the standby shows what the primary has committed."""
    [(written,)] = primary.sql("SELECT pg_current_wal_flush_lsn()::text")
    for _ in range(1_000):
        if standby.sql("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written) == [(True,)]:
            return
    raise AssertionError("not replayed")
