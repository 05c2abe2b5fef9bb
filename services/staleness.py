"""Staleness in the open: how old what we tell is, by organization and by state or province.

Everything is counted by PostgreSQL over listed services alone, at one moment ``at``:

- *confirmed*: the service or its site was confirmed within CONFIRMED_DAYS.
- *told*: anyone who asks is told a state: the latest word has not expired, or it is closed for now.
- *age*: hours since the latest report that stands was observed; services without one have no age.
- *never reported*: no report stands.
- *days missed*, *non-compliant*: see ``services.daily_reporting``, of the services that report at
  all. An organization complies if each of its reporting services does; None if none reports.

Days are bits: bit 0 is yesterday on the site's clock, bit 29 the thirtieth day back.
"""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from services.acting import as_the_system
from services.daily_reporting import ONE_DAY, WINDOW_DAYS, complies
from services.models import Organization, Service
from services.staleness_in_sql import (
    BY_ORGANIZATION,
    BY_REGION,
    EACH,
    OF_ORGANIZATIONS,
    TOGETHER,
    WHICH,
)

# Phones, hours and access facts of a clinic seldom change within a quarter of a year, and a round
# of calls to every clinic of a state takes a small team about that long.
CONFIRMED_DAYS = 90

# The same questions of whoever asks within them: caches can hold the answer.
MINUTES = 5


@dataclass(frozen=True, slots=True)
class Staleness:
    """What is known of a group of listed services.

    Attributes:
        services: how many are listed, at least one.
        confirmed, told, never_reported: how many of them.
        median_age_hours, p90_age_hours: of the latest word, of those that have one.
        reporting: how many had a report that stands, ever.
        days_missed: of the last 30 complete days, summed over these.
        most_days_missed: of the service that missed most; None if none reports.
        non_compliant: how many of them miss too many days.
    """

    services: int
    confirmed: int
    told: int
    never_reported: int
    median_age_hours: float | None
    p90_age_hours: float | None
    reporting: int
    days_missed: int
    most_days_missed: int | None
    non_compliant: int

    def document(self) -> dict[str, Any]:
        """As the API tells it: shares to four decimals, ages to a tenth of an hour."""
        return {
            "services": self.services,
            "confirmed_share": round(self.confirmed / self.services, 4),
            "told_share": round(self.told / self.services, 4),
            "never_reported": self.never_reported,
            "median_age_hours": _tenth(self.median_age_hours),
            "p90_age_hours": _tenth(self.p90_age_hours),
            "services_reporting": self.reporting,
            "days_missed": self.days_missed,
            "most_days_missed": self.most_days_missed,
            "services_non_compliant": self.non_compliant,
            "compliant": None if not self.reporting else not self.non_compliant,
        }


@dataclass(frozen=True, slots=True)
class ServiceStaleness:
    """What is known of one service; ``missed`` are days on its site's clock, in order."""

    id: uuid.UUID
    kind: str
    site_id: uuid.UUID
    state: str
    as_of: dt.datetime | None
    confirmed_at: dt.datetime | None
    reports: bool
    missed: list[dt.date]

    def document(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "site": str(self.site_id),
            "state": self.state,
            "as_of": self.as_of,
            "confirmed_at": self.confirmed_at,
            "days_missed": len(self.missed) if self.reports else None,
            "missed_on": self.missed,
            "compliant": complies(self.missed) if self.reports else None,
        }


def asked_at(now: dt.datetime) -> dt.datetime:
    """The last full five minutes: answers about it stay the same while caches hold them."""
    return now.replace(minute=now.minute - now.minute % MINUTES, second=0, microsecond=0)


def staleness_of_regions(*, at: dt.datetime) -> list[tuple[str, str, Staleness]]:
    """Country, region ("" where a site serves a whole country) and what is known of them."""
    rows = _rows(BY_REGION, at=at, organizations=None)
    return [(country, region, Staleness(*rest)) for country, region, *rest in rows]


def staleness_of_organizations(
    organizations: Collection[uuid.UUID], *, at: dt.datetime
) -> dict[uuid.UUID, Staleness]:
    """What is known of organizations; one without a listed service is left out."""
    rows = _rows(BY_ORGANIZATION, at=at, organizations=organizations)
    return {id_: Staleness(*rest) for id_, *rest in rows}


def staleness_of_all(
    *, at: dt.datetime, organizations: Collection[uuid.UUID] | None = None
) -> Staleness | None:
    """What is known of all listed services, or of those of some organizations; None without any."""
    rows = _rows(TOGETHER, at=at, organizations=organizations)
    return Staleness(*rows[0]) if rows[0][0] else None


def staleness_of_services(organization: uuid.UUID, *, at: dt.datetime) -> list[ServiceStaleness]:
    """What is known of each listed service of an organization, in order of id."""
    rows = _rows(EACH, at=at, organizations=[organization])
    return [
        ServiceStaleness(*[*facts, _days(missed, before=today)]) for *facts, today, missed in rows
    ]


def _days(bits: int, *, before: dt.date) -> list[dt.date]:
    """The days that bits stand for, in order."""
    back = (ago for ago in range(WINDOW_DAYS, 0, -1) if bits >> (ago - 1) & 1)
    return [before - ago * ONE_DAY for ago in back]


def with_listed_services(
    organizations: QuerySet[Organization], **of_sites: str
) -> QuerySet[Organization]:
    """Those of them that anything can be said of: with a listed service, at such a site."""
    there = {f"site__{name}": value for name, value in of_sites.items()}
    listed = Service.objects.listed().filter(site__organization=OuterRef("pk"), **there)
    return organizations.filter(Exists(listed))


def _tenth(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)


def _rows(
    question: str, *, at: dt.datetime, organizations: Collection[uuid.UUID] | None
) -> list[tuple[Any, ...]]:
    known: dict[str, Any] = {"at": at, "confirmed_since": at - CONFIRMED_DAYS * ONE_DAY}
    if organizations is not None:
        known["organizations"] = list(organizations)
    which = "" if organizations is None else OF_ORGANIZATIONS
    with as_the_system(), connection.cursor() as cursor:  # numbers alone are told of reports
        cursor.execute(question.replace(WHICH, which), known)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
