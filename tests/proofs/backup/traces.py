"""The census of ``make prove-privacy`` over a backup, and over the database restored from it."""

from collections.abc import Iterator

from tests.proofs.backup.clusters import Restored, Vault
from tests.proofs.cluster import Cluster
from tests.proofs.privacy import rounds
from tests.proofs.privacy.asking import Door
from tests.proofs.privacy.canaries import canaries
from tests.proofs.privacy.census import SHOWN, census, missed, told, unknown
from tests.proofs.privacy.database import dumped, written_out
from tests.proofs.privacy.leaks import Leak
from tests.proofs.privacy.needles import Needles
from tests.proofs.privacy.searches import Listed
from tests.proofs.privacy.sinks import Piece, files_below
from tests.proofs.table import Table

SEED, FIRST = 20261127, 40_000
COUNT, SPARE, LEAKS = 300, 60, 4
BASE, LOG = "backup: base", "backup: log"
FILES, DUMP = "restored: files", "restored: dump"
ONE_LISTED = """
    SELECT service.id::text, site.id::text, site.organization_id::text
    FROM services_service AS service JOIN services_site AS site ON site.id = service.site_id LIMIT 1
"""


class Traces:
    """Searchers with values of their own, some leaks made on purpose, and the look for both."""

    def __init__(self, cluster: Cluster) -> None:
        """Of candidates nobody searches of whom a value stands there already, by chance."""
        self._leaks = canaries(FIRST, LEAKS, SEED)
        some = canaries(FIRST + LEAKS, COUNT + SPARE, SEED)
        written_out(cluster)
        found = census(_files(cluster), Needles(some))
        self.searchers = unknown(some, COUNT, found.of(some))
        self.record = rounds.Record()

    def leak(self, cluster: Cluster, *, late: bool) -> None:
        """Store where somebody searched: before the base backup, and after it, in the log alone."""
        cluster.sql("CREATE TABLE IF NOT EXISTS leak (one float8, other text)")
        for one in self._leaks[2:] if late else self._leaks[:2]:
            cluster.sql("INSERT INTO leak VALUES (%s, %s)", one.lat, f"at {one.lon:.4f}")

    def search(self, cluster: Cluster, port: int, token: str) -> None:
        """In every way there is."""
        [(service, site, organization)] = cluster.sql(ONE_LISTED)
        doors, listed = [Door("straight", port)], Listed(service, site, organization, token)
        rounds.search(self.searchers, doors, listed, self.record)

    def judge(self, table: Table, restored: Restored, vault: Vault) -> None:
        """Read the backup, unpacked, the restored server's files, and its dump."""
        written_out(restored)
        everybody = [*self._leaks, *self.searchers]
        found = census(_pieces(restored, vault), Needles(everybody, self.record.paths))
        early, _, late, _ = self._leaks
        leaks = {
            Leak(BASE, "lat", "little-endian double", _made): early,
            Leak(LOG, "lat", "little-endian double", _made): late,
            Leak(FILES, "lon", "rounded to 4", _made): late,
            Leak(DUMP, "lon", "rounded to 4", _made): early,
        }
        unseen = missed(found, list(leaks), list(leaks.values()))
        table.promise("leaks made on purpose that were not found", unseen or 0, held=not unseen)
        table.figure("answers to the searchers", self.record.by_status("searches"))
        hits = told(found.of(self.searchers))
        size = sum(found.read.values()) / 1e6
        table.promise(
            f"traces of {len(self.searchers)} searchers in {size:.0f} MB of backup and restored",
            len(hits),
            held=not hits,
        )
        for line in hits[:SHOWN]:
            table.promise("  a trace", line, held=False)


def _made(_: object) -> None:
    """The leaks are made while people search."""


def _files(cluster: Cluster) -> Iterator[Piece]:
    for piece in files_below([cluster.cluster]):
        yield Piece(FILES, piece.where, piece.content)


def _pieces(restored: Restored, vault: Vault) -> Iterator[Piece]:
    for sink, files in ((BASE, vault.copies()), (LOG, vault.archived())):
        for file in files:
            yield Piece(sink, file.name, vault.plain(file))
    yield from _files(restored)
    yield Piece(DUMP, "all tables", dumped(restored.host))
