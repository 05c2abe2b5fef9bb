"""An organization with a row in every table of organizations, and what raw SQL finds of it."""

import datetime as dt
import json
import uuid
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from services.acting import Acting, acting_as, as_the_system
from services.models import (
    AvailabilityReport,
    Claim,
    HeldChange,
    HoursException,
    ImportRun,
    Invitation,
    Message,
    Organization,
    Reminder,
    ReportingPlan,
    ReportLink,
    Service,
    ServiceSourcing,
    Site,
    SourceRecord,
    User,
    VisitOutcome,
)
from services.vocabulary import Availability, Kind, Outcome, Reporter, Role
from tests.builders import a_closing, a_service, a_site, a_source, an_account

# Of nobody by a key, and yet not for other organizations: mail to people, and what feeds said.
PRIVATE_ANYWAY = {"services_message", "services_importrun"}


def owned_tables() -> set[str]:
    """Tables of organizations, and of whatever refers to one of theirs; the history's, too."""
    owned: set[type[Model]] = {Organization}
    while True:
        more = {
            model
            for model in apps.get_models(include_auto_created=True)
            if model not in owned
            and any(
                (field.is_relation and field.many_to_one and field.related_model in owned)
                or (field.one_to_one and field.concrete and field.related_model in owned)
                for field in model._meta.get_fields()
            )
        }
        if not more:
            return {model._meta.db_table for model in owned} | PRIVATE_ANYWAY
        owned |= more


class Victim:
    """The organization, its people, and by table the key of one row that is its own."""

    def __init__(self) -> None:
        now, others = timezone.now(), {table: keys_of(table) for table in owned_tables()}
        self.service: Service = a_service(a_site(), Kind.DETOX, hours="Mo-Fr 08:00-16:00")
        self.site: Site = self.service.site
        self.organization = self.site.organization
        self.admin = an_account(Role.CLINIC_ADMIN, self.organization)
        self.outreach = an_account(Role.OUTREACH)
        a_closing(self.service)
        self._say(now)
        self._reach(now)
        self.keys = {
            table: (column_of(table), self._own_key(table, others[table])) for table in others
        }

    def _own_key(self, table: str, others: list[Any]) -> Any:
        if table == Organization._meta.db_table:
            return self.organization.pk
        return next(key for key in keys_of(table) if key not in others)

    def _say(self, now: dt.datetime) -> None:
        AvailabilityReport.objects.create(
            service=self.service,
            state=Availability.FULL,
            observed_at=now,
            received_at=now,
            reporter=Reporter.CLINIC_STAFF,
            channel=AvailabilityReport.Channel.API,
            account=self.admin,
        )
        VisitOutcome.objects.create(
            id=uuid.uuid4(), service=self.service, outcome=Outcome.SERVED, received_at=now
        )
        HoursException.objects.create(service=self.service, first_day=now, last_day=now)
        record = SourceRecord.objects.create(
            source=a_source(),
            key=str(uuid.uuid4()),
            content={},
            site=self.site,
            first_seen_at=now,
            last_seen_at=now,
        )
        ServiceSourcing.objects.create(record=record, service=self.service)
        ImportRun.objects.create(source=a_source(), feed="samhsa_otp", file_name="otp.csv")

    def _reach(self, now: dt.datetime) -> None:
        later, site = now + dt.timedelta(days=1), self.site
        ReportingPlan.objects.create(site=site, contact_email="front-desk@example.org")
        ReportLink.objects.create(site=site, made_at=now, expires_at=later)
        Reminder.objects.create(service=self.service, expires_at=later)
        Claim.objects.create(site=site, account=self.outreach, until=later)
        Message.objects.create(
            key=str(uuid.uuid4()),
            purpose=Message.Purpose.LINK,
            recipient="front-desk@example.org",
            subject="Link",
            body="Link",
            made_at=now,
            due_at=now,
            expires_at=later,
        )
        HeldChange.objects.create(
            organization=self.organization,
            site=site,
            changes={"name": "South"},
            reasons=["name"],
            asked_by=self.admin,
            asked_as=Role.CLINIC_ADMIN,
            asked_at=now,
            due_at=later,
        )
        Invitation.objects.create(
            email="new@example.org",
            organization=self.organization,
            role=Role.CLINIC_STAFF,
            invited_by=self.admin,
            made_at=now,
            expires_at=later,
        )


def column_of(table: str) -> str:
    """The key column of a table."""
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    return str(model._meta.pk.column) if model._meta.pk else "id"


def keys_of(table: str) -> list[Any]:
    """The keys of all rows of a table, mostly the newest first: their places are used again."""
    newest = f"SELECT {column_of(table)} FROM {table} ORDER BY xmin::text::bigint DESC, ctid DESC"  # noqa: S608
    with as_the_system(), connection.cursor() as cursor:
        cursor.execute(newest)
        return [key for (key,) in cursor.fetchall()]


def acting_for(account: User) -> Acting:
    """What a request with its token acts as."""
    return Acting(f"account {account.pk}")


def reached(somebody: Acting, statement: str, *values: Any) -> int:
    """How many rows a statement reaches on somebody's behalf."""
    with acting_as(somebody), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


class RawSql:
    """Statements on one row, on somebody's behalf; each says how many rows it reached."""

    def __init__(self, somebody: Acting, table: str, key: tuple[str, Any]) -> None:
        self.somebody, self.table, (self.column, self.value) = somebody, table, key

    def select(self) -> int:
        return self._run(f"SELECT 1 FROM {self.table} WHERE {self.column} = %s", self.value)  # noqa: S608

    def update(self) -> int:
        same = f"UPDATE {self.table} SET {self.column} = {self.column} WHERE {self.column} = %s"  # noqa: S608
        return self._run(same, self.value)

    def delete(self) -> int:
        return self._run(f"DELETE FROM {self.table} WHERE {self.column} = %s", self.value)  # noqa: S608

    def insert(self) -> int:
        """Another row like it."""
        with as_the_system(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT row_to_json(t)::text FROM {self.table} t WHERE {self.column} = %s",  # noqa: S608
                [self.value],
            )
            row = json.loads(cursor.fetchone()[0])
        row[self.column] = str(uuid.uuid4()) if isinstance(self.value, uuid.UUID) else 2_000_000_000
        into = (
            f"INSERT INTO {self.table} SELECT * FROM json_populate_record(NULL::{self.table}, %s)"  # noqa: S608
        )
        return self._run(into, json.dumps(row))

    def _run(self, statement: str, value: Any) -> int:
        return reached(self.somebody, statement, value)
