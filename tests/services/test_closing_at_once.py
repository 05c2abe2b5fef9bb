"""Closings and reports that arrive at the same moment."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from services.closed import standing_closing
from services.closing import Claim, close
from services.models import AvailabilityReport, Closing, Service
from services.vocabulary import Availability, Kind, Reporter
from tests.builders import a_report, a_service, a_site, an_organization

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(acts: list[Callable[[], object]]) -> list[BaseException]:
    """Run every act on a connection of its own, together; returns what went wrong."""
    start, wrong = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_one_id_sent_ten_times_at_once_is_one_closing_even_of_an_empty_organization() -> None:
    home = an_organization()
    claim = Claim(id=uuid.uuid4(), until=timezone.now() + dt.timedelta(days=1))
    said = {"scope": home, "claim": claim, "closed_by": Reporter.CLINIC_STAFF, "account": None}
    found: list[bool] = []
    wrong = all_at_once([lambda: found.append(close(**said)[1])] * 10)  # type: ignore[arg-type]
    assert wrong == []
    assert sorted(found) == [False] * 9 + [True]


def test_closings_and_reports_at_once_leave_what_they_come_to() -> None:
    site = a_site()
    services = [a_service(site, kind) for kind in (Kind.METHADONE, Kind.NALOXONE)]

    def closes(scope: object) -> Callable[[], object]:
        claim = Claim(id=uuid.uuid4(), until=timezone.now() + dt.timedelta(days=1))
        by = Reporter.CLINIC_STAFF
        return lambda: close(scope=scope, claim=claim, closed_by=by, account=None)  # type: ignore[arg-type]

    def reports(service: Service) -> Callable[[], object]:
        return lambda: a_report(service, Availability.LIMITED)

    scopes = [site, site.organization, *services]
    acts = [*map(closes, scopes), *map(reports, services * 2)]
    assert all_at_once(acts) == []
    for service in Service.objects.all():
        newest = AvailabilityReport.objects.filter(service=service).latest("observed_at")
        standing = standing_closing(Closing.objects.covering([service]), newest.observed_at)
        assert service.closed_until == (standing.until if standing else None)
