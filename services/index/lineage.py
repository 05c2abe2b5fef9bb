"""Which database this is."""

from django.db import connection


def lineage() -> str:
    """Names the database for good: another cluster or another database has another name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database"
            " WHERE datname = current_database()) FROM pg_control_system()"
        )
        return "-".join(str(part) for part in cursor.fetchone())
