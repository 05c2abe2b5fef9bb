"""What the charts of staleness show: how much was told day by day, and how old the words are."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.db import connection

from services.acting import as_the_system
from services.daily_reporting import ONE_DAY, WINDOW_DAYS
from services.staleness_in_sql import LISTED, OF_ORGANIZATIONS, WHICH
from services.vocabulary import KIND_FACTS

# Upper ends in hours, and what to call what lies below; the last has no end.
AGES: list[tuple[int | None, str]] = [
    (6, "< 6 h"),
    (24, "6–24 h"),
    (48, "1–2 d"),
    (168, "2–7 d"),
    (672, "1–4 wk"),
    (None, "> 4 wk"),
]
NEVER = "never"

LONGEST_WORD = max(facts.expires for facts in KIND_FACTS.values())

# A word stood at a moment if a report that stands today was observed before and had not expired.
TOLD = f"""
    WITH listed AS ({LISTED}), word AS (
        SELECT listed.id, EXTRACT(epoch FROM %(at)s - report.observed_at) AS age, kind.expires
        FROM listed
        JOIN unnest(%(kinds)s::text[], %(expires)s::float8[]) AS kind (name, expires)
            ON kind.name = listed.kind
        JOIN services_availabilityreport AS report ON report.service_id = listed.id
        WHERE report.withdrawn_at IS NULL AND report.observed_at > %(oldest)s
            AND report.observed_at <= %(at)s
    ), span AS (
        SELECT id, LEAST({WINDOW_DAYS - 1}, floor(age / 86400))::int AS first_days_ago,
            GREATEST(0, floor((age - expires) / 86400) + 1)::int AS last_days_ago
        FROM word
        OFFSET 0
    ), told AS (
        SELECT bit_or(((1 << (first_days_ago + 1)) - 1) & ~((1 << last_days_ago) - 1)) AS days
        FROM span WHERE first_days_ago >= last_days_ago GROUP BY id
    )
    SELECT (SELECT count(*) FROM listed),
        {", ".join(f"count(*) FILTER (WHERE days >> {day} & 1 = 1)" for day in range(WINDOW_DAYS))}
    FROM told
"""  # noqa: S608 - made of constants

OLD = f"""
    SELECT width_bucket(EXTRACT(epoch FROM %(at)s - as_of) / 3600, %(ends)s::numeric[]), count(*)
    FROM ({LISTED}) AS listed GROUP BY 1
"""  # noqa: S608 - made of constants

Which = Collection[uuid.UUID] | None


def told_per_day(*, at: dt.datetime, organizations: Which = None) -> list[tuple[dt.date, float]]:
    """Share of the services listed now whose word stood at this time of each of the last 30 days.

    Late reports count for the day they speak of; reports taken back since do not.

    Args:
        at: the last of these moments.
        organizations: whose services; None for all.
    """
    asked = {
        "at": at,
        "oldest": at - WINDOW_DAYS * ONE_DAY - LONGEST_WORD,
        "kinds": [kind.value for kind in KIND_FACTS],
        "expires": [facts.expires.total_seconds() for facts in KIND_FACTS.values()],
    }
    [(listed, *told)] = _rows(TOLD, asked, organizations)
    days = [(at - ago * ONE_DAY).date() for ago in range(WINDOW_DAYS)]
    shares = [count / listed if listed else 0.0 for count in told]
    return list(zip(days, shares, strict=True))[::-1]


def ages(*, at: dt.datetime, organizations: Which = None) -> list[tuple[str, int]]:
    """How many listed services have a latest word of which age, and how many have none."""
    ends = [end for end, _label in AGES if end is not None]
    counts = dict(_rows(OLD, {"at": at, "ends": ends}, organizations))
    told = [(label, counts.get(n, 0)) for n, (_end, label) in enumerate(AGES)]
    return [*told, (NEVER, counts.get(None, 0))]


def _rows(question: str, asked: dict[str, Any], organizations: Which) -> list[Any]:
    which = "" if organizations is None else OF_ORGANIZATIONS
    if organizations is not None:
        asked = asked | {"organizations": list(organizations)}
    with as_the_system(), connection.cursor() as cursor:  # numbers alone are told of reports
        cursor.execute(question.replace(WHICH, which), asked)
        rows: list[Any] = cursor.fetchall()
    return rows
