"""The moderators' list of what visitors say is wrong."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.models import Service, VisitOutcome
from services.vocabulary import Kind, Outcome, Role
from tests.builders import a_report, a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LIST = "/admin/disputed/"


@pytest.fixture
def moderator() -> Client:
    return signed_in(an_account(Role.MODERATOR, is_staff=True))


def a_visit(service: Service, outcome: Outcome, *, ago: dt.timedelta = DAY) -> None:
    VisitOutcome.objects.create(
        id=uuid.uuid4(), service=service, outcome=outcome, received_at=timezone.now() - ago
    )


def disputed(service: Service) -> Service:
    Service.objects.filter(pk=service.pk).update(disputed=True)
    return service


def listed(client: Client, query: str = "") -> list[Service]:
    response = client.get(LIST + query)
    assert response.status_code == 200
    return [row.service for row in response.context["rows"]]


def test_what_is_disputed_or_lately_found_wrong_is_listed_newest_first(moderator: Client) -> None:
    argued = disputed(a_service())
    a_visit(argued, Outcome.TURNED_AWAY, ago=3 * DAY)
    closed, wrong = a_service(kind=Kind.DETOX), a_service(kind=Kind.TESTING)
    a_visit(closed, Outcome.CLOSED, ago=2 * DAY)
    a_visit(wrong, Outcome.WRONG_INFO)
    assert listed(moderator) == [wrong, closed, argued]


def test_who_is_only_turned_away_or_served_disputes_nothing(moderator: Client) -> None:
    a_visit(a_service(), Outcome.TURNED_AWAY)
    a_visit(a_service(), Outcome.SERVED)
    a_visit(a_service(), Outcome.CLOSED, ago=31 * DAY)
    assert listed(moderator) == []
    assert b"Nobody says that anything is wrong" in moderator.get(LIST).content


def test_visits_of_the_last_month_are_counted(moderator: Client) -> None:
    service = disputed(a_service())
    a_report(service)
    for outcome in (Outcome.TURNED_AWAY, Outcome.TURNED_AWAY, Outcome.CLOSED):
        a_visit(service, outcome)
    a_visit(service, Outcome.WRONG_INFO, ago=40 * DAY)
    found: Any = listed(moderator)[0]
    counts = (found.times_turned_away, found.times_closed, found.times_wrong_info)
    assert counts == (2, 1, 0)


def test_what_is_off_the_lists_is_nothing_to_look_after(moderator: Client) -> None:
    a_visit(a_service(retired_at=timezone.now()), Outcome.CLOSED)
    a_visit(a_service(a_site(retired_at=timezone.now())), Outcome.CLOSED)
    assert listed(moderator) == []


def test_a_long_list_comes_in_pages(moderator: Client) -> None:
    for _ in range(51):
        disputed(a_service())
    first, second = listed(moderator), listed(moderator, "?page=2")
    assert (len(first), len(second)) == (50, 1)
    assert second[0] not in first
    assert listed(moderator, "?page=none") == first


def test_the_list_asks_as_often_for_many_as_for_few(
    moderator: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        for _ in range(3):
            a_visit(a_service(a_site(organization=an_organization())), Outcome.CLOSED)
        with django_assert_num_queries(QUERIES):
            moderator.get(LIST)


QUERIES = 7


def test_the_number_stands_where_moderators_arrive(moderator: Client) -> None:
    a_visit(a_service(), Outcome.WRONG_INFO)
    assert b"Disputed or wrong: 1" in moderator.get(reverse("admin:index")).content


@pytest.mark.parametrize("role", [Role.CLINIC_STAFF, Role.CLINIC_ADMIN])
def test_clinics_are_sent_to_their_own_page(role: Role) -> None:
    service = disputed(a_service(name="Kestrel beds"))
    response = signed_in(an_account(role, is_staff=True)).get(LIST, follow=True)
    assert response.redirect_chain == [(reverse("admin:index"), 302)]
    assert service.name not in response.content.decode()


def test_who_is_not_signed_in_is_asked_to() -> None:
    assert Client().get(LIST).status_code == 302
