"""The ranking as one SQL statement on PostGIS: slow, plain, and written apart from the index.

Tests and benchmarks compare the index with it. It is never used for a searcher, because it sends
the position to the database.
"""

import contextlib
import datetime as dt
import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from services import ranking
from services.hours import LOOK_AHEAD, Schedule
from services.index.asking import Query
from services.listing import listed_services
from services.models import Hours
from services.vocabulary import KIND_FACTS


@dataclass(frozen=True, slots=True)
class Ranked:
    """A service with its expected minutes and its distance in metres (None without a point)."""

    id: uuid.UUID
    expected_minutes: float
    distance_m: float | None


# Openings come as rows, since SQL cannot read OSM opening hours: POSIX seconds, by service.
OPENINGS = """
    CREATE TEMPORARY TABLE reference_openings (
        service uuid NOT NULL, type text NOT NULL, opens float8, closes float8
    ) ON COMMIT DROP
"""

RANKED = """
WITH facts (kind, prior, half_life) AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(priors)s::float8[], %(half_lives)s::float8[])
),
wish (fact, wanted) AS (SELECT * FROM unnest(%(wishes)s::text[], %(answers)s::bool[])),
here (point) AS (SELECT ST_MakePoint(%(lon)s, %(lat)s)::geography),
listed AS (
    SELECT service.*, site.time_zone, site.delivery, facts.half_life,
           coalesce(service.long_run_chance, facts.prior) AS prior,
           CASE site.visibility WHEN 'public' THEN site.location
                                WHEN 'approximate' THEN site.displaced_location END AS point,
           site.country, site.region,
           service.access || jsonb_strip_nulls(jsonb_build_object('low_barrier', CASE
               WHEN service.access @> '{"walk_in": false}'
                 OR service.access @> '{"same_day_start": false}'
                 OR service.access @> '{"id_required": true}'
                 OR service.access @> '{"abstinence_required": true}' THEN false
               WHEN service.access @> '{"walk_in": true, "same_day_start": true,
                                         "id_required": false, "abstinence_required": false}'
               THEN true END)) AS answers,
           CASE WHEN service.closed_until > %(at)s THEN 'closed_temporarily'
                WHEN service.expires_at > %(at)s THEN service.state ELSE 'unknown' END AS told
    FROM services_service AS service
    JOIN services_site AS site ON site.id = service.site_id
    JOIN facts USING (kind)
    WHERE service.retired_at IS NULL AND site.retired_at IS NULL
),
away AS (
    SELECT listed.*, ST_Distance(listed.point, here.point) AS metres FROM listed, here
),
reached AS (
    SELECT *, CASE WHEN point IS NOT NULL THEN metres / 1000 * %(detour)s / %(speed)s * 60
                   WHEN delivery = 'remote' THEN 0 ELSE %(area_travel)s END AS travel
    FROM away
    WHERE (point IS NOT NULL
           AND (%(max_m)s::float8 IS NULL OR metres <= %(max_m)s))
       OR (point IS NULL AND (country, region) IN (
               SELECT * FROM unnest(%(countries)s::text[], %(regions)s::text[]))
           AND (delivery = 'remote' OR NOT %(strict)s OR %(max_m)s::float8 IS NULL))
),
fitting AS (
    SELECT * FROM reached WHERE NOT EXISTS (
        SELECT 1 FROM wish
        WHERE (answers ->> fact)::bool IS DISTINCT FROM wanted
          AND (%(strict)s OR (answers ->> fact) IS NOT NULL)
    )
    AND (NOT %(available_only)s OR told IN ('available', 'limited')
         OR (told = 'unknown' AND NOT %(strict)s))
    AND (NOT %(open_now)s OR told <> 'closed_temporarily')
    AND (NOT %(open_now)s
         OR EXISTS (SELECT 1 FROM reference_openings AS o WHERE o.service = reached.id
                    AND o.type = 'door' AND o.opens <= %(t)s AND o.closes > %(t)s)
         OR (NOT %(strict)s AND NOT EXISTS (SELECT 1 FROM reference_openings AS o
                    WHERE o.service = reached.id AND o.type = 'door')))
),
timed AS (
    SELECT fitting.*, hours.known, hours.usable,
           EXTRACT(isodow FROM %(at)s::timestamptz AT TIME ZONE time_zone) AS weekday,
           EXTRACT(hour FROM %(at)s::timestamptz AT TIME ZONE time_zone) AS hour
    FROM fitting, LATERAL (
        SELECT count(*) > 0 AS known,
               min(CASE WHEN o.closes - (%(t)s + travel * 60) >= %(stay)s * 60
                             AND o.opens <= %(t)s + travel * 60 THEN travel
                        WHEN o.opens > %(t)s + travel * 60
                        THEN (o.opens - %(t)s) / 60 END) AS usable
        FROM reference_openings AS o WHERE o.service = fitting.id AND o.type = 'care'
    ) AS hours
),
chances AS (
    SELECT *,
        CASE WHEN NOT known THEN 0 WHEN usable <= %(horizon)s THEN usable - travel
             ELSE %(horizon)s END AS wait,
        CASE WHEN told = 'closed_temporarily' THEN 0
             WHEN known THEN CASE WHEN usable <= %(horizon)s THEN 1.0 ELSE %(closed_known)s END
             WHEN weekday <= 5 AND hour >= 9 AND hour < 17 THEN %(office)s
             ELSE %(otherwise)s END AS open,
        power(2.0::float8, greatest(-1000, least(0,
              -extract(epoch FROM %(at)s - evidence_at)::float8 / 60 / half_life))) AS fade
    FROM timed
),
posterior AS (
    SELECT *, (%(strength)s * prior + evidence_for * coalesce(fade, 0))
              / (%(strength)s + (evidence_for + evidence_against) * coalesce(fade, 0)) AS served
    FROM chances
)
SELECT id, (travel + %(wait_weight)s * wait + %(attempt)s)
           / greatest(%(least_chance)s, open * served) AS minutes, metres
FROM posterior ORDER BY minutes, coalesce(metres, 0), id LIMIT %(limit)s
"""


def ranked(query: Query) -> list[Ranked]:
    """The best services for a query, by brute force over all listed ones."""
    with openings_known(query.at):
        return ranked_with_openings(query)


@contextlib.contextmanager
def openings_known(at: dt.datetime) -> Iterator[None]:
    """A transaction in which SQL knows when doors are open from ``at`` on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS reference_openings")
        cursor.execute(OPENINGS)
        rows = list(_openings(at))  # before COPY, which keeps the connection to itself
        with cursor.copy("COPY reference_openings FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("CREATE INDEX ON reference_openings (service)")
        cursor.execute("ANALYZE reference_openings")
        yield


def ranked_with_openings(query: Query) -> list[Ranked]:
    """The same within ``openings_known``, for several queries about one moment."""
    with connection.cursor() as cursor:
        cursor.execute(RANKED, _parameters(query))
        return [Ranked(*row) for row in cursor.fetchall()]


Opening = tuple[uuid.UUID, str, float | None, float | None]


def _openings(at: dt.datetime) -> Iterator[Opening]:
    """Openings of every service whose hours are known; one empty row for a door never open."""

    @functools.cache
    def openings(schedule: Schedule) -> list[tuple[float | None, float | None]]:
        found = schedule.openings(at, at + LOOK_AHEAD)
        return [(opens.timestamp(), closes.timestamp()) for opens, closes in found] or [
            (None, None)
        ]

    with_hours = Hours.objects.exclude(rule="").values_list("service_id", flat=True)
    for service in listed_services(set(with_hours)):
        schedules = {"care": service.care_schedule(), "door": service.door_schedule()}
        for type_, schedule in schedules.items():
            if schedule is not None:
                yield from ((service.id, type_, *times) for times in openings(schedule))


def _parameters(query: Query) -> dict[str, Any]:
    facts = {kind: KIND_FACTS[kind] for kind in query.kinds}
    areas = sorted(query.areas)
    return {
        "kinds": [kind.value for kind in facts],
        "priors": [fact.prior for fact in facts.values()],
        "half_lives": [fact.half_life.total_seconds() / 60 for fact in facts.values()],
        "wishes": list(query.access),
        "answers": list(query.access.values()),
        "countries": [country for country, _ in areas],
        "regions": [region for _, region in areas],
        "lat": query.lat,
        "lon": query.lon,
        "at": query.at,
        "t": query.at.timestamp(),
        "speed": ranking.SPEED_KMH[query.mode],
        "max_m": None if query.max_km is None else query.max_km * 1000,
        "strict": query.strict,
        "available_only": query.available_only,
        "open_now": query.open_now,
        "limit": query.limit,
        "detour": ranking.DETOUR,
        "wait_weight": ranking.WAIT_WEIGHT,
        "attempt": ranking.ATTEMPT_MINUTES,
        "horizon": ranking.HORIZON_MINUTES,
        "stay": ranking.STAY_MINUTES,
        "least_chance": ranking.LEAST_CHANCE,
        "strength": ranking.PRIOR_STRENGTH,
        "closed_known": ranking.CLOSED_KNOWN,
        "office": ranking.OPEN_UNKNOWN_OFFICE_HOURS,
        "otherwise": ranking.OPEN_UNKNOWN_OTHERWISE,
        "area_travel": ranking.AREA_TRAVEL_MINUTES,
    }
