"""The moderators' list of what visitors say is wrong."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.models import Service, VisitOutcome
from services.vocabulary import Outcome, Role
from tests.builders import a_service, an_account
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def client() -> Client:
    return signed_in(an_account(Role.MODERATOR, is_staff=True))


def an_outcome(service: Service, outcome: Outcome, *, ago: dt.timedelta) -> None:
    VisitOutcome.objects.create(
        id=uuid.uuid4(), service=service, outcome=outcome, received_at=timezone.now() - ago
    )


def listed(client: Client) -> list[Any]:
    return [row.service for row in client.get(reverse("admin:disputed")).context["rows"]]


def test_what_visitors_found_wrong_is_listed_the_newest_first(client: Client) -> None:
    older, newer, served, long_ago = (a_service() for _ in range(4))
    an_outcome(older, Outcome.WRONG_INFO, ago=3 * DAY)
    an_outcome(newer, Outcome.CLOSED, ago=DAY)
    an_outcome(served, Outcome.SERVED, ago=DAY)
    an_outcome(long_ago, Outcome.WRONG_INFO, ago=40 * DAY)
    assert listed(client) == [newer, older]


def test_each_is_counted_by_what_was_found(client: Client) -> None:
    service = a_service(disputed=True)
    for outcome, times in ((Outcome.TURNED_AWAY, 3), (Outcome.CLOSED, 2), (Outcome.WRONG_INFO, 1)):
        for _ in range(times):
            an_outcome(service, outcome, ago=DAY)
    an_outcome(service, Outcome.CLOSED, ago=40 * DAY)
    found = listed(client)[0]
    counts = found.times_turned_away, found.times_closed, found.times_wrong_info
    assert counts == (3, 2, 1)


def test_a_disputed_service_is_listed_whatever_else_is_known(client: Client) -> None:
    service = a_service(disputed=True)
    a_service(disputed=True, retired_at=timezone.now())
    assert listed(client) == [service]
    assert b"Disputed or wrong: 1" in client.get(reverse("admin:index")).content


def test_the_list_asks_as_often_for_many_as_for_few(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        an_outcome(a_service(), Outcome.CLOSED, ago=DAY)
    with django_assert_max_num_queries(8):
        assert len(listed(client)) == 6


def test_staff_of_a_clinic_are_led_to_their_own_page() -> None:
    service = a_service(name="Kestrel", disputed=True)
    clinic = signed_in(an_account(Role.CLINIC_ADMIN, is_staff=True))
    response = clinic.get(reverse("admin:disputed"), follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    assert str(service.name) not in response.content.decode()
