"""Whether the database that is followed is still the one whose changes were read before.

The index follows by transaction id. Ids order changes within one history of one cluster, and there
they grow. They do not across two histories: a promoted standby that had not received the last
transactions of its primary gives their ids to others, a restored backup likewise, and a second
standby may lag behind the first. Who goes on reading at his last id would skip changes. So what was
read counts only while the lineage is the same; when it differs, everything is read afresh.
"""

from services.replica import followed

# A primary is the only writer of its timeline, and every promotion and recovery to a point in time
# begins a new one. pg_control_checkpoint() would tell the old one until the next checkpoint, so the
# name of the WAL file that is being written is asked.
#
# A standby's timeline can be asked of nothing that tells it promptly and to a role without special
# rights; nor would it do, for a standby that starts may show, until it has replayed its WAL once
# more, an older state than before. But as long as one standby runs it only ever goes forward, along
# one history: what it shows came through the log, and it can follow a new primary only from what
# both have in common. So the run of that server is its lineage: its start, to the microsecond.
LINEAGE = """
    SELECT system_identifier::text || CASE
        WHEN pg_is_in_recovery()
        THEN ' standby since ' || extract(epoch FROM pg_postmaster_start_time())::text
        ELSE ' timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    END
    FROM pg_control_system()
"""

# Whether a crash now could give no id below the snapshot's xmin to another transaction. A
# transaction that only aborted is not waited for by any flush: if the server is killed before its
# WAL reaches the disk, the next one gets its id. A standby replays only what is on a disk already.
ALL_ON_DISK = """
    CASE WHEN pg_is_in_recovery() THEN true
         ELSE pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() END
"""


def lineage() -> str:
    """The cluster and its timeline, or the run of a standby, that is read here.

    Two readings with equal lineages saw states of one history, the later one not older. Any role
    may ask. The same after a restart of a primary; another after one of a standby.
    """
    with followed().cursor() as cursor:
        cursor.execute(LINEAGE)
        return str(cursor.fetchone()[0])
