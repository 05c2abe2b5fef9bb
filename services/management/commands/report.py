"""``./manage.py report``: say what a service's availability is, from a shell or a script."""

import datetime as dt
import uuid
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from services.availability import (
    Observation,
    ReportConflictError,
    ReportRefusedError,
    report_availability,
)
from services.models import AvailabilityReport, Service
from services.vocabulary import Availability, Reporter

STATES = [state for state in Availability.values if state != Availability.UNKNOWN]
REPORTERS = [Reporter.CLINIC_STAFF.value, Reporter.OUTREACH.value]


class Command(BaseCommand):
    """Reports the availability of one service."""

    help = "Report the availability of a service: ./manage.py report <id> available --remaining 3"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be said."""
        parser.add_argument("service", type=uuid.UUID, help="the service's id")
        parser.add_argument("state", choices=STATES)
        parser.add_argument("--remaining", type=int, help="units free, such as beds")
        parser.add_argument("--wait-days", type=int, help="days until one may be free")
        parser.add_argument("--note", default="", help="for people who look for care")
        parser.add_argument("--observed-at", type=_moment, help="when it was seen; default now")
        parser.add_argument("--role", choices=REPORTERS, default=REPORTERS[0])
        parser.add_argument("--id", type=uuid.UUID, help="repeat a report under its id")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Store the report and say what the service's listing says now."""
        observation = Observation(
            id=options["id"] or uuid.uuid4(),
            state=Availability(options["state"]),
            observed_at=options["observed_at"] or timezone.now(),
            remaining=options["remaining"],
            wait_days=options["wait_days"],
            note=options["note"],
        )
        try:
            report, _ = report_availability(
                service_id=options["service"],
                observation=observation,
                reporter=Reporter(options["role"]),
                channel=AvailabilityReport.Channel.COMMAND,
            )
        except Service.DoesNotExist as error:
            raise CommandError("No listed service has this id.") from error
        except ReportRefusedError as error:
            raise CommandError(f"--{error.field.replace('_', '-')}: {error}") from error
        except ReportConflictError as error:
            raise CommandError("This --id was used for another report: take a new one.") from error
        service = report.service
        service.refresh_from_db()
        self.stdout.write(
            f"{service}: {service.state}, as of {service.as_of:%Y-%m-%d %H:%M %Z}, "
            f"until {service.expires_at:%Y-%m-%d %H:%M %Z} (report {report.pk})"
        )


def _moment(text: str) -> dt.datetime:
    moment = parse_datetime(text)
    if moment is None or timezone.is_naive(moment):
        raise ArgumentTypeError("give a time with offset, such as 2026-11-23T14:00:00-05:00")
    return moment
