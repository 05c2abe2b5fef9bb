"""A primary and a standby on this machine, of the programs and settings that ``make run`` uses."""

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres import ROLE

from tests.proofs.cluster import Cluster

SLOT = "standby"  # also the name under which the primary knows its standby


class Standby(Cluster):
    """A copy of another cluster that follows it."""

    def __init__(self, root: Path, home: Path, primary: Cluster) -> None:
        super().__init__(root, home)
        self.primary = primary

    def _make(self) -> None:
        source = f"host={self.primary.host} user={ROLE} application_name={SLOT}"
        self._run(
            "pg_basebackup",
            *("-d", source, "-D", self.cluster, "-R", "-X", "stream", "-c", "fast"),
            *("-C", "-S", SLOT),
        )


@contextmanager
def two_clusters(root: Path, home: Path) -> Iterator[tuple[Cluster, Standby]]:
    """An empty primary that runs, and a standby that is not made yet; all gone at the end."""
    shutil.rmtree(home, ignore_errors=True)
    primary = Cluster(root, home / "primary")
    standby = Standby(root, home / "standby", primary)
    both = (primary, standby)
    try:
        for cluster in both:
            shutil.rmtree(cluster.checkout.servers, ignore_errors=True)
            cluster.checkout.servers.mkdir(parents=True)
            cluster.checkout.servers.chmod(0o711)
        primary.start()
        yield both
    finally:
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, home, ignore_errors=True)
            for cluster in both:
                last.callback(cluster.clear_away)


def follow_in_step(primary: Cluster, standby: Cluster) -> None:
    """Start the standby; from then on a commit is answered only when both have it on disk.

    The setting is copied with everything else, as it would be where both servers are set up alike.
    """
    primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{SLOT}'")
    standby.start()
    primary.sql("SELECT pg_reload_conf()")
