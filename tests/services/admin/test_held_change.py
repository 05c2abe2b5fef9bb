"""Dangerous changes in the admin: they wait, and a second person decides them here."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from services.admin.service import ServiceAdmin
from services.models import HeldChange, Organization, Phone, Service, Site, User
from services.vocabulary import Kind, Role
from tests.builders import a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in
from tests.services.admin.forms import submit, values_on

pytestmark = pytest.mark.django_db

OLD, NEW = "+12155550100", "+12155550177"


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def site(clinic: Organization) -> Site:
    return a_site(organization=clinic)


@pytest.fixture
def asker(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic, is_staff=True)


@pytest.fixture
def asking(asker: User) -> Client:
    return signed_in(asker)


@pytest.fixture
def second(clinic: Organization) -> Client:
    return signed_in(an_account(Role.CLINIC_STAFF, clinic, is_staff=True))


def page(row: Any) -> str:
    return reverse(f"admin:services_{row._meta.model_name}_change", args=[row.pk])


def decide(client: Client, held: HeldChange, decision: str) -> Any:
    url = reverse(f"admin:services_heldchange_{decision}", args=[held.pk])
    return client.post(url, follow=True)


def asked(asking: Client, site: Site) -> HeldChange:
    submit(asking, page(site), "site_form", **{"phones-0-number": NEW})
    return HeldChange.objects.get()


def number_of(site: Site) -> str:
    return str(Phone.objects.get(site=site).number)


def test_a_number_changed_on_a_page_waits_and_the_page_says_so(asking: Client, site: Site) -> None:
    answer = submit(asking, page(site), "site_form", **{"phones-0-number": NEW, "name": "New name"})
    told = asking.get(answer["Location"]).content.decode()
    assert "Waits for a second person" in told
    site.refresh_from_db()
    assert (number_of(site), site.name) == (OLD, "New name")
    assert HeldChange.objects.get().reasons == ["phones"]


def test_a_point_dragged_far_waits(asking: Client, site: Site) -> None:
    before = site.location
    submit(asking, page(site), "site_form", location_lat="39.99", address="9 New Street")
    site.refresh_from_db()
    assert site.location == before
    assert set(HeldChange.objects.get().changes) == {"location", "address"}


@pytest.mark.parametrize("what", ["site", "service"])
def test_what_clinic_staff_retire_waits(asking: Client, site: Site, what: str) -> None:
    row: Site | Service = site if what == "site" else a_service(site)
    url = reverse(f"admin:services_{what}_changelist")
    asking.post(url, {"action": "retire_chosen", "_selected_action": [str(row.pk)]})
    row.refresh_from_db()
    assert row.retired_at is None
    assert HeldChange.objects.get().reasons == ["unlisted"]


def test_a_second_person_sees_before_and_after_and_approves(
    asking: Client, second: Client, site: Site
) -> None:
    held = asked(asking, site)
    told = second.get(page(held)).content.decode()
    assert OLD in told
    assert NEW in told
    assert "Approve" in told
    assert "Approved" in decide(second, held, "approve").content.decode()
    assert number_of(site) == NEW


def test_who_asked_sees_no_button_to_approve_and_cannot(asking: Client, site: Site) -> None:
    held = asked(asking, site)
    told = asking.get(page(held)).content.decode()
    assert "/approve/" not in told
    assert "Take it back" in told
    decide(asking, held, "approve")
    assert number_of(site) == OLD
    decide(asking, held, "reject")
    held.refresh_from_db()
    assert held.state == HeldChange.State.REJECTED


def test_looking_decides_nothing(asking: Client, second: Client, site: Site) -> None:
    held = asked(asking, site)
    for decision in ("approve", "reject"):
        url = reverse(f"admin:services_heldchange_{decision}", args=[held.pk])
        assert second.get(url).status_code == 403
    held.refresh_from_db()
    assert held.state == HeldChange.State.WAITING


def test_a_stranger_finds_nothing_to_decide(asking: Client, site: Site) -> None:
    held = asked(asking, site)
    stranger = signed_in(an_account(Role.CLINIC_ADMIN, is_staff=True))
    for decision in ("approve", "reject"):
        assert decide(stranger, held, decision).status_code == 404


def test_decided_twice_is_said(asking: Client, second: Client, site: Site) -> None:
    held = asked(asking, site)
    decide(second, held, "reject")
    assert "decided before" in decide(second, held, "approve").content.decode()


def test_a_moderators_page_waits_for_nobody(client: Client, site: Site) -> None:
    submit(client, page(site), "site_form", **{"phones-0-number": NEW})
    assert number_of(site) == NEW
    assert not HeldChange.objects.exists()


def test_a_page_that_stood_open_keeps_the_number_that_another_added(
    client: Client, site: Site
) -> None:
    said = values_on(client, page(site), "site_form") | {"phones-0-label": "intake"}
    Phone.objects.create(site=site, number="988", label="crisis", position=1)
    client.post(page(site), said)
    assert list(site.phones.values_list("label", flat=True)) == ["intake", "crisis"]


def test_an_edit_that_another_made_impossible_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = a_service(kind=Kind.DETOX, min_age=12)
    said = values_on(client, page(service), "service_form") | {"max_age": "15"}

    read = ServiceAdmin.save_form

    def overtaken(*given: Any, **named: Any) -> Any:
        Service.objects.update(min_age=18)
        return read(*given, **named)

    monkeypatch.setattr(ServiceAdmin, "save_form", overtaken)
    answer = client.post(page(service), said, follow=True)
    assert "Nothing was saved" in answer.content.decode()
    service.refresh_from_db()
    assert service.max_age is None


def test_the_list_takes_as_many_queries_however_many_there_are(
    asking: Client, clinic: Organization, django_assert_max_num_queries: Any
) -> None:
    url = reverse("admin:services_heldchange_changelist")
    for _ in range(5):
        held_site = a_site(organization=clinic)
        submit(asking, page(held_site), "site_form", **{"phones-0-number": NEW})
    with django_assert_max_num_queries(14):
        assert asking.get(url).context["cl"].result_count == 5
