"""What must hold of a restored database, and of what serves it."""

from tests.proofs.asking import OverHttp
from tests.proofs.backup.clusters import Vault
from tests.proofs.backup.work import Phone
from tests.proofs.cluster import Cluster
from tests.proofs.failover.promises import index_agrees
from tests.proofs.table import Table

STORED = "SELECT id::text FROM services_availabilityreport WHERE id = ANY(%s::uuid[])"
# Where listings are, and towns. Of whoever searched there is no column.
PLACES = {"services_site", "services_siteevent", "services_place", "spatial_ref_sys"}
POSITIONS = """
    SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = 'public' AND (udt_name IN ('geometry', 'geography', 'point', 'inet')
       OR column_name ~ '^(lat|lon|latitude|longitude|ip|ip_address|user_agent|referr?er)$')
"""
EMPTY_TABLES = ("axes_accessattempt", "axes_accesslog", "axes_accessfailurelog")


def judge_rows(
    table: Table, restored: Cluster, moment: str, before: set[str], later: set[str]
) -> None:
    """What was acknowledged by the moment is there, and nothing from after it."""
    found = {id_ for (id_,) in restored.sql(STORED, list(before | later))}
    lost = before - found
    table.promise(
        f"acknowledged reports lost, of {len(before)} until the moment", len(lost),
        held=not lost and bool(before),
    )  # fmt: skip
    [(after,)] = restored.sql(
        "SELECT count(*) FROM services_availabilityreport WHERE received_at > %s::timestamptz",
        moment,
    )
    table.promise(f"reports from after it, of {len(later)} told then", after, held=after == 0)
    [(alike,)] = restored.sql(
        "SELECT count(*) = count(DISTINCT id) FROM services_availabilityreport"
    )
    table.promise("no report stands twice", alike, held=alike)


def judge_server(table: Table, restored: Cluster, server: OverHttp, phone: Phone) -> None:
    """The index tells what the database holds; a phone from before is sent for a pack."""
    index_agrees(table, restored, server, set())
    status, told = phone.ask(server)
    kind = told.get("type") if isinstance(told, dict) else None
    table.promise(
        "a phone that read beyond the moment is told", f"{status} {kind}",
        held=(status, kind) == (410, "/problems/cursor-expired"),
    )  # fmt: skip
    healed = phone.takes_a_pack(server)
    table.promise("with the pack that it takes then it reads on", healed, held=healed == 200)


def judge_positions(table: Table, restored: Cluster, vault: Vault) -> None:
    """There is no column for where anybody searched, and nobody can read a backup who finds it."""
    columns = {
        (name, column) for name, column in restored.sql(POSITIONS) if name not in PLACES
    }  # views of PostGIS among them
    ours = {one for one in columns if not one[0].startswith(("geo", "raster", "axes_"))}
    table.promise("columns that could hold a searcher's position", sorted(ours) or 0, held=not ours)
    rows = sum(restored.sql(f"SELECT count(*) FROM {name}")[0][0] for name in EMPTY_TABLES)
    table.promise("rows in tables that could hold an address", rows, held=rows == 0)
    sealed = [one.read_bytes()[:8] == b"Salted__" for one in [*vault.archived(), *vault.copies()]]
    table.promise(f"files encrypted, of {len(sealed)}", sum(sealed), held=all(sealed))
