"""Who changed what, over HTTP, and putting it back."""

import uuid
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from services.editing import edit_service, edit_site
from services.history import sign_feed, sign_history
from services.models import HoursException, Service, Site, User
from services.vocabulary import Role, Visibility
from tests.api.conftest import Phone, phone_of
from tests.builders import a_closing, a_report, a_service, a_site, an_account

pytestmark = pytest.mark.django_db(transaction=True)


def edit(service: Service, account: User, **changes: Any) -> None:
    with transaction.atomic():
        sign_history(account, organization_id=service.site.organization_id)
        edit_service(service_id=service.pk, changes=changes)


def history(phone: Phone, listing: Any, query: str = "") -> Any:
    return phone.get(f"/api/v1/{listing._meta.model_name}s/{listing.pk}/history/{query}")


def revert(phone: Phone, listing: Any, change: Any) -> Any:
    path = f"/api/v1/{listing._meta.model_name}s/{listing.pk}/history/{change}/revert/"
    return phone.post(path, content_type="application/json")


@pytest.fixture
def service() -> Service:
    return a_service(access={"walk_in": True}, min_age=18, description="Old")


@pytest.fixture
def staff(service: Service) -> User:
    return an_account(Role.CLINIC_STAFF, service.site.organization)


def test_the_public_is_told_the_role_and_no_texts(
    service: Service, staff: User, phone: Phone
) -> None:
    edit(service, staff, min_age=16, description="New", access={"walk_in": False})
    newest = history(phone, service).json()["results"][0]
    assert newest["by"] == "clinic_staff"
    assert "account" not in newest
    assert {key: newest["changes"][0][key] for key in ("of", "row")} == {
        "of": "service",
        "row": None,
    }
    told = {one["field"]: (one["before"], one["after"]) for one in newest["changes"]}
    assert told == {
        "min_age": (18, 16),
        "description": (None, None),
        "access.walk_in": (True, False),
    }
    assert [one["field"] for one in newest["changes"] if one.get("withheld")] == ["description"]
    assert staff.username not in history(phone, service).content.decode()


def test_staff_and_moderators_are_told_who_and_what(service: Service, staff: User) -> None:
    edit(service, staff, description="New")
    for account in (staff, an_account(Role.MODERATOR)):
        newest = history(phone_of(account), service).json()["results"][0]
        assert newest["account"] == staff.username
        assert newest["changes"] == [
            {"of": "service", "row": None, "field": "description", "before": "Old", "after": "New"}
        ]
    stranger = history(phone_of(an_account(Role.CLINIC_ADMIN)), service).json()["results"][0]
    assert "account" not in stranger


def test_reports_are_no_part_of_it_and_closings_are(service: Service, phone: Phone) -> None:
    before = history(phone, service).json()
    a_report(service)
    assert history(phone, service).json() == before
    closing = a_closing(service, account=an_account(Role.MODERATOR))
    newest = history(phone, service).json()["results"][0]
    assert [one["field"] for one in newest["changes"]] == ["closed_until"]
    assert newest["changes"][0]["after"] == closing.until.isoformat()


def test_hours_are_named_by_type_and_exceptions_by_their_days(
    service: Service, staff: User, phone: Phone
) -> None:
    with transaction.atomic():
        sign_feed("samhsa-otp-2021")
        service.hours.create(type="dosing", rule="Mo-Fr 06:00-09:00")
        HoursException.objects.create(
            service=service, first_day="2026-12-24", last_day="2026-12-26", reason="Name of a nurse"
        )
    newest = history(phone, service).json()["results"][0]
    assert newest["by"] == "feed"
    rows = {(one["of"], one["row"]) for one in newest["changes"]}
    assert rows == {("hours", "dosing"), ("hours_exception", "2026-12-24/2026-12-26")}
    assert "nurse" not in history(phone, service).content.decode()


def test_pages_lead_on_and_tell_nothing_twice(service: Service, staff: User, phone: Phone) -> None:
    for age in range(1, 8):
        edit(service, staff, min_age=age)
    seen, path = [], f"/api/v1/services/{service.pk}/history/?limit=3"
    while path:
        page = phone.get(path).json()
        seen += [one["changes"][0]["after"] for one in page["results"][:3]]
        edit(service, staff, max_age=50 + len(seen))
        path = page["next"]
    assert seen[:7] == [7, 6, 5, 4, 3, 2, 1]
    assert len(seen) == 8  # and that it was added
    assert phone.get(f"/api/v1/services/{service.pk}/history/?cursor=x").status_code == 400


@pytest.mark.parametrize("many", [1, 9])
def test_it_takes_the_same_queries_however_long(
    service: Service, staff: User, phone: Phone, django_assert_num_queries: Any, many: int
) -> None:
    for age in range(1, many + 1):
        edit(service, staff, min_age=age)
    with django_assert_num_queries(4):
        assert len(history(phone, service).json()["results"]) == many + 1


def test_what_is_unchanged_is_not_sent_again(service: Service, phone: Phone) -> None:
    first = history(phone, service)
    assert history(phone, service)["ETag"] == first["ETag"]
    headers = {"if-none-match": first["ETag"]}
    path = f"/api/v1/services/{service.pk}/history/"
    assert phone.get(path, headers=headers).status_code == 304


def test_retired_and_missing_services_look_the_same_but_staff_read_their_own(
    service: Service, staff: User, phone: Phone
) -> None:
    with transaction.atomic():
        sign_history(staff)
        edit_service(service_id=service.pk, changes={"retired_at": timezone.now()})
    stranger = phone_of(an_account(Role.CLINIC_STAFF))
    missing = Service(pk=uuid.uuid4())
    answers = [history(one, row) for one in (phone, stranger) for row in (service, missing)]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    newest = history(phone_of(staff), service).json()["results"][0]
    assert newest["changes"] == [
        {"of": "service", "row": None, "field": "listed", "before": True, "after": False}
    ]


def test_a_bad_token_is_refused(service: Service) -> None:
    refused = history(Phone(headers={"Authorization": "Bearer no"}), service)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_a_hidden_place_is_in_no_public_history(phone: Phone) -> None:
    site = a_site(address="9 Secret Street", visibility=Visibility.APPROXIMATE)
    service, moderator = a_service(site), an_account(Role.MODERATOR)
    with transaction.atomic():
        sign_history(moderator)
        edit_site(site_id=site.pk, changes={"address": "10 Secret Street"})
        edit_service(service_id=service.pk, changes={"min_age": 18})
    assert "Secret" not in history(phone, service).content.decode()
    assert history(phone, site).status_code == 401


def test_the_history_of_a_site_is_for_its_own_staff_and_moderators(service: Service) -> None:
    site = service.site
    staff = an_account(Role.CLINIC_STAFF, site.organization)
    with transaction.atomic():
        sign_history(staff)
        edit_site(site_id=site.pk, changes={"address": "10 Market Street"})
    told = history(phone_of(staff), site).json()["results"][0]
    assert told["account"] == staff.username
    assert [one["after"] for one in told["changes"]] == ["10 Market Street"]
    assert {
        one["of"] for one in history(phone_of(staff), site).json()["results"][1]["changes"]
    } <= {
        "site",
        "phone",
    }
    stranger = phone_of(an_account(Role.CLINIC_ADMIN))
    foreign, missing = (
        history(stranger, site),
        history(stranger, service.site.__class__(pk=uuid.uuid4())),
    )
    assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_one_post_puts_a_change_back_and_again_there_is_nothing_to_do(
    service: Service, staff: User
) -> None:
    edit(service, staff, min_age=16, max_age=50)
    edit(service, staff, max_age=60)
    moderator = phone_of(an_account(Role.MODERATOR))
    change = history(moderator, service).json()["results"][1]["id"]
    done = revert(moderator, service, change)
    assert done.status_code == 200
    part = {"of": "service", "id": str(service.pk)}
    assert done.json() == {
        "reverted": [part | {"field": "min_age"}],
        "skipped": [part | {"field": "max_age", "why": "changed_since"}],
    }
    newest = history(moderator, service).json()["results"][0]
    assert (newest["by"], newest["changes"][0]["after"]) == ("moderator", 18)
    assert revert(moderator, service, change).json()["reverted"] == []
    assert len(history(moderator, service).json()["results"]) == 4


def test_staff_put_back_their_own_and_strangers_find_nothing(service: Service, staff: User) -> None:
    edit(service, an_account(Role.MODERATOR), min_age=16)
    change = history(Phone(), service).json()["results"][0]["id"]
    answers = []
    for account in (an_account(Role.CLINIC_ADMIN), an_account(Role.OUTREACH)):
        answers.append(revert(phone_of(account), service, change))
        answers.append(revert(phone_of(account), Service(pk=uuid.uuid4()), change))
    own = phone_of(staff)
    answers += [revert(own, service, uuid.uuid4()), revert(own, service.site, change)]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert revert(Phone(), service, change).status_code == 401
    assert revert(own, service, change).status_code == 200
    service.refresh_from_db()
    assert service.min_age == 18


def test_a_change_that_touched_others_is_for_moderators(service: Service, staff: User) -> None:
    moderator, other = an_account(Role.MODERATOR), a_service()
    with transaction.atomic():
        for one in (service, other):
            edit(one, moderator, min_age=16)
    change = history(Phone(), service).json()["results"][0]["id"]
    assert revert(phone_of(staff), service, change).status_code == 403
    assert revert(phone_of(moderator), service, change).status_code == 200


def test_a_site_is_put_back_with_its_phones(service: Service, staff: User) -> None:
    site, own = service.site, phone_of(staff)
    with transaction.atomic():
        sign_history(staff)
        edit_site(site_id=site.pk, changes={"name": "Vandal"})
        site.phones.all().delete()
    change = history(own, site).json()["results"][0]["id"]
    done = revert(phone_of(an_account(Role.MODERATOR)), site, change).json()
    assert {one["of"] for one in done["reverted"]} == {"site", "phone"}
    assert site.phones.count() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"visibility": "public"}, {"visibility": "phone_only"}),
        ({}, {"location": Point(-75.0, 40.0, srid=4326)}),
        ({"retired_at": timezone.now()}, {"retired_at": None}),
    ],
)
def test_no_revert_gets_round_the_second_person(
    service: Service, staff: User, before: dict[str, Any], after: dict[str, Any]
) -> None:
    site, own = service.site, phone_of(staff)
    Site.objects.filter(pk=site.pk).update(**before)
    with transaction.atomic():
        sign_history(an_account(Role.MODERATOR))
        edit_site(site_id=site.pk, changes=after)
    change = history(own, site).json()["results"][0]["id"]
    refused = revert(own, site, change)
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/second-person-needed"
    kept = Site.objects.get(pk=site.pk)
    assert {name: getattr(kept, name) for name in after} == after
    assert revert(phone_of(an_account(Role.MODERATOR)), site, change).status_code == 200
