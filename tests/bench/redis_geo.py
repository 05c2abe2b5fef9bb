"""Redis: GEOSEARCH for the two hundred nearest, ranked again in Python. Fast, and not exact."""

import datetime as dt
import itertools
import os
from collections.abc import Iterator
from typing import Any, cast

import orjson
import psycopg
import redis

from services.ranking import ATTEMPT_MINUTES, LEAST_CHANCE, success_chance
from services.search import Search
from services.vocabulary import KIND_FACTS, Kind
from tests.bench import names

DATABASE = 9  # of this checkout's Redis; 0 is the queue's
EVERYTHING = "bench:geo"
WITHIN_KM, NEAREST, AT_ONCE = 50, 200, 5_000
MINUTES_PER_KM = 1.3 / 15 * 60  # by transit
CHANCE_OPEN = 0.7  # hours are left out: nobody reads two hundred schedules in Python

ROWS = """
    SELECT service.id::text, service.kind, ST_X(location::geometry), ST_Y(location::geometry),
           service.access, evidence_for, evidence_against, extract(epoch FROM evidence_at)::float8
    FROM services_service AS service JOIN services_site AS site ON site.id = service.site_id
    WHERE site.location IS NOT NULL
"""


class GeosearchAndRerank:
    """As many a delivery service finds what is near."""

    name = names.REDIS

    def prepare(self, moments: list[dt.datetime]) -> None:
        """Write every service to Redis: its place among all and in its kind, and its facts."""
        self.redis = redis.Redis.from_url(os.environ["REDIS_URL"], db=DATABASE)
        self.redis.flushdb()
        with psycopg.connect() as connection, connection.cursor(name="bench") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(ROWS)
            for rows in _batches(cursor):
                self._write(rows)

    def _write(self, rows: list[Any]) -> None:
        pipe = self.redis.pipeline(transaction=False)
        by_key: dict[str, list[Any]] = {}
        facts: dict[str, bytes] = {}
        for id_, kind, lon, lat, access, yes, no, seen in rows:
            for key in (EVERYTHING, f"{EVERYTHING}:{kind}"):
                by_key.setdefault(key, []).extend((lon, lat, id_))
            facts[f"bench:{id_}"] = orjson.dumps([kind, access, yes, no, seen])
        for key, members in by_key.items():
            pipe.geoadd(key, members)
        pipe.mset(facts)
        pipe.execute()

    def answer(self, search: Search, at: dt.datetime) -> list[str]:
        """Ids by expected minutes, of the nearest two hundred."""
        near: list[tuple[bytes, float]] = []
        for key in [f"{EVERYTHING}:{kind.value}" for kind in search.kinds] or [EVERYTHING]:
            near += cast(
                "list[tuple[bytes, float]]",
                self.redis.geosearch(
                    key,
                    longitude=search.lon,
                    latitude=search.lat,
                    unit="km",
                    radius=WITHIN_KM,
                    sort="ASC",
                    count=NEAREST,
                    withdist=True,
                ),
            )
        if not near:
            return []
        told = cast("list[bytes]", self.redis.mget([b"bench:" + id_ for id_, _ in near]))
        now, found = at.timestamp(), []
        for (id_, km), text in zip(near, told, strict=True):
            kind, access, yes, no, seen = orjson.loads(text)
            if any(access.get(fact) is not wanted for fact, wanted in search.access.items()):
                continue
            served = _chance(KIND_FACTS[Kind(kind)], yes, no, now - (seen or now))
            cost = km * MINUTES_PER_KM + ATTEMPT_MINUTES
            found.append((cost / max(LEAST_CHANCE, CHANCE_OPEN * served), id_.decode()))
        found.sort()
        return [id_ for _, id_ in found[: search.limit]]

    def close(self) -> None:
        """Give the memory back."""
        self.redis.flushdb()
        self.redis.close()


def _chance(facts: Any, yes: float, no: float, age_seconds: float) -> float:
    left = 2.0 ** (-max(0.0, age_seconds) / facts.half_life.total_seconds())
    return float(success_chance.py_func(facts.prior, yes, no, left))


def _batches(cursor: Any) -> Iterator[list[Any]]:
    while rows := list(itertools.islice(cursor, AT_ONCE)):
        yield rows
