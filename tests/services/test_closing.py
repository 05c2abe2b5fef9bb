"""Closing for a time, and what ends it."""

import datetime as dt
import itertools
import random
import uuid
from typing import Any

import pytest
from django.utils import timezone

from services.availability import withdraw
from services.closed import close_newcomers
from services.closing import (
    Claim,
    ClosingConflictError,
    ClosingRefusedError,
    close,
    reopen,
    reopen_as,
)
from services.editing import edit_site, list_again, retire
from services.index import Query, live_index
from services.models import AvailabilityReport, Closing, Message, Organization, Service, Site
from services.told import word_of
from services.vocabulary import Availability, Kind, Reporter, Role
from tests.builders import (
    PHILADELPHIA,
    a_closing,
    a_report,
    a_service,
    a_site,
    an_account,
    an_organization,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def told(service: Service, *, later: dt.timedelta = dt.timedelta(0)) -> str:
    """The state as anyone is told it."""
    return word_of(Service.objects.get(pk=service.pk)).state_at(timezone.now() + later)


def reopened(closing: Closing) -> bool:
    return reopen(closing_id=closing.pk, account=None)[1]


def test_a_closed_service_opens_again_by_the_hour_alone_with_its_word() -> None:
    service = a_service()
    a_report(service, Availability.AVAILABLE, remaining=2)
    closing = a_closing(service, days=1)
    assert told(service) == Availability.CLOSED_TEMPORARILY
    word = word_of(Service.objects.get(pk=service.pk)).at(timezone.now())
    assert word["expires_at"] == closing.until
    assert word["reported_by"] == Reporter.CLINIC_STAFF
    assert told(service, later=DAY + HOUR) == Availability.AVAILABLE
    assert told(service, later=5 * DAY) == Availability.UNKNOWN


def test_a_site_or_an_organization_closes_with_all_its_services_and_no_other() -> None:
    site = a_site()
    ours = [a_service(site, kind) for kind in (Kind.METHADONE, Kind.NALOXONE)]
    sister, other = a_service(a_site(organization=site.organization)), a_service()
    closing = a_closing(site)
    assert {told(one) for one in ours} == {Availability.CLOSED_TEMPORARILY}
    assert told(sister) == told(other) == Availability.UNKNOWN
    assert reopened(closing)
    a_closing(site.organization)
    assert {told(one) for one in [*ours, sister]} == {Availability.CLOSED_TEMPORARILY}
    assert told(other) == Availability.UNKNOWN


def test_of_overlapping_closings_the_latest_end_counts_and_one_reopened_leaves_the_other() -> None:
    service = a_service()
    long, short = a_closing(service.site.organization, days=7), a_closing(service, days=1)
    assert told(service, later=6 * DAY) == Availability.CLOSED_TEMPORARILY
    assert reopened(long)
    assert told(service) == Availability.CLOSED_TEMPORARILY
    assert told(service, later=2 * DAY) == Availability.UNKNOWN
    assert reopened(short)
    assert not reopened(short)
    assert told(service) == Availability.UNKNOWN


def test_a_site_closed_beside_its_organization_opens_when_both_do_in_any_order() -> None:
    for first in (0, 1):
        service = a_service()
        closings = [a_closing(service.site.organization, days=2), a_closing(service.site)]
        assert reopened(closings[first])
        assert told(service) == Availability.CLOSED_TEMPORARILY
        assert reopened(closings[1 - first])
        assert told(service) == Availability.UNKNOWN


def test_a_closing_belongs_to_who_runs_the_site_now() -> None:
    service, away = a_service(), an_organization()
    home = service.site.organization
    closing = a_closing(service.site)
    edit_site(site_id=service.site_id, changes={"organization": away})
    assert told(service) == Availability.CLOSED_TEMPORARILY
    assert not Closing.objects.about(home).exists()
    with pytest.raises(Closing.DoesNotExist):
        reopen_as(closing_id=closing.pk, account=an_account(Role.CLINIC_STAFF, home))
    reopen_as(closing_id=closing.pk, account=an_account(Role.CLINIC_STAFF, away))
    assert told(service) == Availability.UNKNOWN


def test_a_newer_report_ends_it_for_that_service_alone() -> None:
    site = a_site()
    one, other = a_service(site, Kind.METHADONE), a_service(site, Kind.NALOXONE)
    a_closing(site)
    a_report(one, Availability.LIMITED)
    assert told(one) == Availability.LIMITED
    assert told(other) == Availability.CLOSED_TEMPORARILY


def test_an_older_report_that_comes_late_does_not_end_it() -> None:
    service = a_service()
    a_closing(service)
    a_report(service, Availability.LIMITED, ago=HOUR)
    assert told(service) == Availability.CLOSED_TEMPORARILY


def test_a_report_from_a_clock_that_runs_ahead_does_not_keep_it_open() -> None:
    service = a_service()
    a_report(service, Availability.LIMITED, ago=-HOUR)
    a_closing(service)
    assert told(service) == Availability.CLOSED_TEMPORARILY


def test_who_finds_it_closed_too_does_not_end_it_early() -> None:
    service = a_service()
    a_closing(service, days=7)
    a_report(service, Availability.CLOSED_TEMPORARILY)
    assert told(service, later=6 * DAY) == Availability.CLOSED_TEMPORARILY


def test_a_report_taken_back_closes_it_again() -> None:
    service = a_service()
    a_closing(service)
    report = a_report(service, Availability.LIMITED)
    withdraw(AvailabilityReport.objects.filter(pk=report.pk), by=None)
    assert told(service) == Availability.CLOSED_TEMPORARILY


def test_a_closing_made_after_the_report_closes_it_again() -> None:
    service = a_service()
    a_closing(service, days=7)
    a_report(service, Availability.LIMITED)
    a_closing(service, days=1)
    assert told(service) == Availability.CLOSED_TEMPORARILY
    assert told(service, later=DAY + HOUR) == Availability.LIMITED


def test_what_is_listed_again_at_a_closed_site_is_closed() -> None:
    service = a_service()
    a_service(service.site, Kind.NALOXONE)
    retire(model=Service, pk=service.pk)
    a_closing(service.site)
    list_again(model=Service, pk=service.pk)
    assert told(service) == Availability.CLOSED_TEMPORARILY


def test_a_service_that_comes_to_a_closed_site_is_closed(django_assert_num_queries: Any) -> None:
    site = a_site()
    a_closing(site.organization)
    service = a_service(site)
    close_newcomers([site.pk])
    assert told(service) == Availability.CLOSED_TEMPORARILY
    Closing.objects.all().delete()
    with django_assert_num_queries(1):
        close_newcomers([site.pk])


def test_a_site_that_goes_to_another_organization_is_closed_as_that_one_is() -> None:
    service, away = a_service(), an_organization()
    a_closing(service.site.organization)
    edit_site(site_id=service.site_id, changes={"organization": away})
    assert told(service) == Availability.UNKNOWN
    a_closing(away)
    assert told(service) == Availability.CLOSED_TEMPORARILY


def test_the_same_id_is_one_closing_for_ever() -> None:
    service, account = a_service(), an_account(Role.MODERATOR)
    claim = Claim(id=uuid.uuid4(), until=timezone.now() + DAY, reason="Flood")

    def again(**other: Any) -> tuple[Closing, bool]:
        said: dict[str, Any] = {
            "scope": service,
            "claim": claim,
            "closed_by": Reporter.CLINIC_STAFF,
            "account": account,
        }
        return close(**said | other)

    assert again()[1]
    assert not again()[1]
    others: list[dict[str, Any]] = [
        {"scope": service.site},
        {"claim": Claim(id=claim.id, until=claim.until + HOUR, reason="Flood")},
        {"account": None},
    ]
    for other in others:
        with pytest.raises(ClosingConflictError):
            again(**other)
    assert Closing.objects.count() == 1


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [(-HOUR, "", "until"), (367 * DAY, "", "until"), (DAY, "x" * 201, "reason")],
)
def test_what_cannot_be_is_refused(until: dt.timedelta, reason: str, field: str) -> None:
    with pytest.raises(ClosingRefusedError) as refusal:
        a_closing(a_service(), days=until / DAY, reason=reason)
    assert refusal.value.field == field


def test_what_is_retired_is_not_closed() -> None:
    service = a_service()
    retire(model=Site, pk=service.site_id)
    with pytest.raises(Site.DoesNotExist):
        a_closing(service.site)
    with pytest.raises(Service.DoesNotExist):
        a_closing(service)


def test_the_others_in_the_organization_hear_of_it_once() -> None:
    home = an_organization()
    closer = an_account(Role.CLINIC_STAFF, home, email="closer@example.org")
    an_account(Role.CLINIC_ADMIN, home, email="admin@example.org")
    an_account(Role.CLINIC_STAFF, home)
    an_account(Role.CLINIC_STAFF, email="elsewhere@example.org")
    closing = a_closing(home, account=closer, reason="Burst pipe")
    message = Message.objects.get()
    assert message.recipient == "admin@example.org"
    assert closer.username in message.body
    assert "Burst pipe" in message.body
    assert str(home) in message.subject
    assert message.expires_at == closing.until


def test_where_nobody_else_is_moderators_hear_of_it() -> None:
    home = an_organization()
    closer = an_account(Role.CLINIC_STAFF, home, email="closer@example.org")
    an_account(Role.MODERATOR, email="moderator@example.org")
    a_closing(home, account=closer)
    assert Message.objects.get().recipient == "moderator@example.org"


def some_closings(dice: random.Random) -> None:
    """Services around Philadelphia, some closed in some way, around now."""
    lat, lon = PHILADELPHIA
    organizations = [an_organization() for _ in range(4)]
    for n in range(24):
        at = lat + dice.gauss(0, 0.1), lon + dice.gauss(0, 0.1)
        site = a_site(*at, organization=organizations[n % 4])
        for kind in (Kind.METHADONE, Kind.NALOXONE):
            a_service(site, kind, hours=dice.choice(["", "24/7", "Mo-Fr 08:00-16:00"]))
    scopes: list[Any] = [
        organizations[0],
        *dice.sample(list(Site.objects.order_by("pk")), 6),
        *dice.sample(list(Service.objects.order_by("pk")), 12),
    ]
    closings = [a_closing(scope, days=dice.uniform(0.1, 3)) for scope in scopes]
    for closing in dice.sample(closings, 5):
        reopened(closing)
    for service in dice.sample(list(Service.objects.order_by("pk")), 10):
        a_report(service, Availability.AVAILABLE)


def test_index_and_reference_agree_around_the_end_of_closings() -> None:
    some_closings(random.Random(5))
    live_index.load()
    ends = Service.objects.exclude(closed_until=None).values_list("closed_until", flat=True)
    second = dt.timedelta(seconds=1)
    moments = [end + step for end in set(ends) if end for step in (-second, second)]
    assert len(moments) > 10
    options: list[dict[str, Any]] = [{}, {"open_now": True}, {"available_only": True}]
    for at, more in itertools.product(moments, options):
        query = Query(lat=PHILADELPHIA[0], lon=PHILADELPHIA[1], at=at, kinds=tuple(Kind), **more)
        hits = live_index.index.find(query)
        reference = Service.objects.ranked_reference(query)
        assert [hit.id for hit in hits] == [row.id for row in reference]
        assert [hit.expected_minutes for hit in hits] == pytest.approx(
            [row.expected_minutes for row in reference], abs=1e-6, rel=1e-9
        )


def test_an_organization_without_a_service_can_close_and_its_first_one_is_closed() -> None:
    home = an_organization()
    a_closing(Organization.objects.get(pk=home.pk))
    site = a_site(organization=home)
    service = a_service(site)
    close_newcomers([site.pk])
    assert told(service) == Availability.CLOSED_TEMPORARILY
