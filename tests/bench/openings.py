"""When doors are open, as ranges that SQL understands: for the ranking that PostGIS works out."""

import datetime as dt
from typing import Any

import psycopg

from services.hours import schedule_of

DAYS = 14
MADE = """
    CREATE TEMPORARY TABLE bench_openings (
        rule text, time_zone text, open tstzmultirange, PRIMARY KEY (rule, time_zone)
    )
"""
DISTINCT = """
    SELECT DISTINCT hours.rule, site.time_zone FROM services_hours AS hours
    JOIN services_service AS service ON service.id = hours.service_id
    JOIN services_site AS site ON site.id = service.site_id
"""


def write_openings(connection: psycopg.Connection[Any], start: dt.datetime) -> None:
    """Openings of every distinct schedule for two weeks, in a table of this connection."""
    connection.execute(MADE)
    end = start + dt.timedelta(days=DAYS)
    schedules = connection.execute(DISTINCT).fetchall()
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY bench_openings FROM STDIN") as copy,
    ):
        for rule, time_zone in schedules:
            schedule = schedule_of(rule, [], time_zone=time_zone, country="US")
            openings = schedule.openings(start, end) if schedule else []
            ranges = (f'["{a.isoformat()}","{b.isoformat()}")' for a, b in openings)
            copy.write_row([rule, time_zone, "{" + ",".join(ranges) + "}"])
    connection.execute("ANALYZE bench_openings")
