"""Whether the database that is followed is still the one whose changes were read before.

The index follows by transaction id. Ids order changes within one history of one cluster, and there
they grow. They do not across two histories: a promoted standby that had not received the last
transactions of its primary gives their ids to others, a restored backup likewise, and a second
standby may lag behind the first. Who goes on reading at his last id would skip changes. So what was
read counts only while its history goes on; else everything is read afresh.
"""

from services.replica import followed

# The timeline is asked of the name of the WAL file that is being written: pg_control_checkpoint()
# tells the old one from a promotion until the next checkpoint. Nothing tells a standby's timeline
# promptly and to a role without special rights; see ``continues`` for what is compared instead.
LINEAGE = """
    SELECT concat_ws('/', system_identifier, database.oid, to_regclass('services_change')::oid),
           extract(epoch FROM pg_postmaster_start_time()), CASE
        WHEN pg_is_in_recovery() THEN 'standby'
        ELSE 'timeline-' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    END
    FROM pg_control_system(), pg_database AS database WHERE datname = current_database()
"""

# Whether a crash now could give no id below the snapshot's xmin to another transaction. A
# transaction that only aborted is not waited for by any flush: if the server is killed before its
# WAL reaches the disk, the next one gets its id. A standby replays only what is on a disk already.
ALL_ON_DISK = """
    CASE WHEN pg_is_in_recovery() THEN true
         ELSE pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() END
"""


def lineage() -> str:
    """The database that is read here, when its server started, and its timeline if it is a primary.

    The database is named by its cluster, itself and its change log, all by numbers that are never
    given again: one made anew under the same name is another.

    Any role may ask. To be kept beside what was read; two of them go to ``continues``.
    """
    with followed().cursor() as cursor:
        cursor.execute(LINEAGE)
        return " ".join(str(part) for part in cursor.fetchone())


def continues(before: str, now: str) -> bool:
    """Whether the second of two lineages reads the history of the first, at a later moment.

    So it is while one server runs. A standby only ever goes forward, also into being a primary:
    what it has shown came through the log, and no transaction of the log loses its id. So it is
    also between two primaries with one timeline, before and after a restart: a timeline has one
    writer, and every promotion and every recovery to a point in time begins another.

    It is not for sure between two runs of a standby. One that starts may show an older state than
    before, until it has replayed its WAL once more.
    """
    cluster, started, timeline = before.split()
    cluster_now, started_now, timeline_now = now.split()
    same_writer = timeline == timeline_now != "standby"
    return cluster == cluster_now and (started == started_now or same_writer)
