"""PostGIS asked directly: nearest neighbours by distance alone, and the ranking as one would write.

Prepared statements on one connection that stays open, and mostly nothing read but ids: nothing here
pays for Django, a pool or the making of an answer.
"""

import contextlib
import datetime as dt
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from services import ranking
from services.index import Query
from services.search import Search
from services.vocabulary import KIND_FACTS, Kind
from tests.bench import names
from tests.bench.openings import write_openings

LISTED = """
    FROM services_service AS service JOIN services_site AS site ON site.id = service.site_id
    WHERE service.retired_at IS NULL AND site.retired_at IS NULL AND site.location IS NOT NULL
"""
HERE = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"


class _Prepared:
    """A statement asked again and again."""

    name = ""
    order = f"site.location <-> {HERE}::geography"
    filtered = True

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Connect."""
        self.connection: psycopg.Connection[Any] = psycopg.connect(autocommit=True)

    def answer(self, search: Search, at: dt.datetime) -> list[Any]:
        """The ids, in order."""
        statement, parameters = self.statement(search), parameters_of(search, at)
        return self.connection.execute(statement, parameters, prepare=True).fetchall()

    def statement(self, search: Search) -> str:
        """The statement for a search; a filter that is not asked for does not stand in it."""
        wishes = wishes_of(search) if self.filtered else ""
        return f"SELECT service.id {LISTED} {wishes} ORDER BY {self.order} LIMIT %(limit)s"

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()


def wishes_of(search: Search) -> str:
    """Kinds and access facts as SQL."""
    kinds = "AND service.kind = ANY(%(kinds)s::text[])" if search.kinds else ""
    return f"{kinds} {'AND service.access @> %(access)s' if search.access else ''}"


def parameters_of(search: Search, at: dt.datetime) -> dict[str, Any]:
    """What the statements name."""
    return {
        "lat": search.lat,
        "lon": search.lon,
        "limit": search.limit,
        "kinds": [kind.value for kind in search.kinds],
        "access": Jsonb(search.access),
        "at": at,
    }


class KnnOnGeography(_Prepared):
    """The nearest that match, on the column as it is."""

    name = names.KNN


class KnnUnfiltered(_Prepared):
    """The nearest of all, whatever was asked for: the least that PostGIS can do."""

    name = names.UNFILTERED
    filtered = False


class KnnWithRows(_Prepared):
    """The nearest that match, and what an answer tells of them: as rows, not yet as JSON."""

    name = names.WITH_ROWS

    def statement(self, search: Search) -> str:
        """The nearest first, then their rows with their numbers."""
        nearest = super().statement(search)
        return f"""
            SELECT service.*, site.*, organization.name, phones.numbers
            FROM ({nearest}) AS nearest
            JOIN services_service AS service USING (id)
            JOIN services_site AS site ON site.id = service.site_id
            JOIN services_organization AS organization ON organization.id = site.organization_id,
            LATERAL (SELECT array_agg(number) AS numbers FROM services_phone AS phone
                     WHERE phone.site_id = site.id) AS phones
        """


class KnnOnGeometry(_Prepared):
    """The nearest that match in degrees, with an index on the cast: fast, and not by distance."""

    name = names.ON_GEOMETRY
    order = f"site.location::geometry <-> {HERE}"


WITHIN_M = 50_000

RANKED = f"""
    SELECT service.id, metres
    FROM services_service AS service
    JOIN services_site AS site ON site.id = service.site_id
    JOIN bench_kind AS facts ON facts.kind = service.kind
    LEFT JOIN services_hours AS hours ON hours.service_id = service.id AND hours.type = 'open'
    LEFT JOIN bench_openings AS doors
           ON doors.rule = hours.rule AND doors.time_zone = site.time_zone,
    LATERAL (SELECT ST_Distance(site.location, {HERE}::geography) AS metres) AS away,
    LATERAL (SELECT power(2.0::float8, greatest(-1000, least(0, -extract(epoch FROM
        %(at)s::timestamptz - service.evidence_at)::float8 / 60 / facts.half_life))) AS fade) AS old
    WHERE service.retired_at IS NULL AND site.retired_at IS NULL
      AND ST_DWithin(site.location, {HERE}::geography, {WITHIN_M}) {{wishes}}
    ORDER BY (metres / 1000 * {ranking.DETOUR} / {ranking.SPEED_KMH["transit"]} * 60
              + {ranking.ATTEMPT_MINUTES}) / greatest({ranking.LEAST_CHANCE},
        CASE WHEN doors.open IS NULL THEN 0.5 WHEN doors.open @> %(at)s::timestamptz THEN 1
             ELSE 0.1 END
        * (2 * facts.prior + service.evidence_for * coalesce(fade, 0))
        / (2 + (service.evidence_for + service.evidence_against) * coalesce(fade, 0))), service.id
    LIMIT %(limit)s
"""


class Ranked(_Prepared):
    """What a good engineer would write: a radius, the chance of being served, hours simplified.

    Open hours are ranges of two weeks in a table of distinct schedules; there is no waiting, and
    nothing is found beyond the radius.
    """

    name = names.RANKED

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Write the openings of every schedule, and what is known of kinds."""
        super().prepare(moments)
        write_openings(self.connection, min(moments))
        self.connection.execute(
            "CREATE TEMPORARY TABLE bench_kind (kind text PRIMARY KEY, prior float8, "
            "half_life float8)"
        )
        for kind in Kind:
            facts = KIND_FACTS[kind]
            row = [kind.value, facts.prior, facts.half_life.total_seconds() / 60]
            self.connection.execute("INSERT INTO bench_kind VALUES (%s, %s, %s)", row)
        self.connection.execute("ANALYZE bench_kind")

    def statement(self, search: Search) -> str:
        """With its radius and its order."""
        return RANKED.format(wishes=wishes_of(search))


class ExactInSql:
    """The same answer as ours, by brute force: ``services.reference``."""

    name = names.EXACT

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Nothing: openings are written when the moment asked about changes."""
        self.known: tuple[dt.datetime, contextlib.ExitStack] | None = None

    def answer(self, search: Search, at: dt.datetime) -> object:
        """The best by the very ranking."""
        from services import reference

        query = Query(
            lat=search.lat or 0.0,
            lon=search.lon or 0.0,
            at=at,
            kinds=search.kinds or tuple(Kind),
            access=search.access,
            strict=search.strict,
            limit=search.limit,
        )
        return reference.ranked_with_openings(query)

    def about(self, at: dt.datetime) -> None:
        """Let SQL know the openings from a moment on."""
        from services import reference

        self.close()
        stack = contextlib.ExitStack()
        stack.enter_context(reference.openings_known(at))
        self.known = (at, stack)

    def close(self) -> None:
        """End the transaction that holds the openings."""
        if self.known:
            self.known[1].close()
            self.known = None
