"""PATCH /api/v1/services/{id}/: editing what is listed, on the version that was read."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from services.models import HeldChange, Organization, Service, User
from services.vocabulary import Kind, Role
from tests.api.conftest import Phone, phone_of
from tests.builders import a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def service(clinic: Organization) -> Service:
    return a_service(a_site(organization=clinic), Kind.DETOX, hours="Mo-Fr 09:00-17:00")


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


@pytest.fixture
def staff(admin: User) -> Phone:
    return phone_of(admin)


def path_of(service: Service) -> str:
    return f"/api/v1/services/{service.pk}/"


def patch(phone: Phone, path: str, body: Any, if_match: str | None = "*") -> Any:
    headers = {} if if_match is None else {"if-match": if_match}
    return phone.patch(path, body, content_type="application/json", headers=headers)


EVERYTHING: dict[str, Any] = {
    "name": "Second floor",
    "description": "Ring twice.\nThen wait.",
    "access": {"walk_in": True, "pets": None},
    "languages": ["es", "en"],
    "min_age": 18,
    "max_age": None,
    "asam": {"levels": ["3.7-WM"], "edition": 4},
    "moud_policy": {"methadone": "accepts"},
    "hours": {"open": "24/7", "intake": "Mo-Fr 08:00-12:00"},
    "hours_exceptions": [{"first_day": "2026-12-24", "last_day": "2026-12-26"}],
}


def test_every_field_is_edited_and_told_to_anyone(
    phone: Phone, staff: Phone, service: Service
) -> None:
    answer = patch(staff, path_of(service), EVERYTHING)
    assert answer.status_code == 200
    told = phone.get(path_of(service)).json()["properties"]
    assert answer.json()["properties"] == told
    assert told["name"] == "Second floor"
    assert told["access"]["walk_in"] is True
    assert "pets" not in told["access"]
    assert (told["languages"], told["min_age"]) == (["en", "es"], 18)
    assert told["asam"] == {"levels": ["3.7-WM"], "edition": 4}
    assert told["moud_policy"] == {"methadone": "accepts", "buprenorphine": "unknown"}
    assert told["hours"]["windows"] == {"open": "24/7", "intake": "Mo-Fr 08:00-12:00"}


def test_the_answer_is_what_the_editor_reads_and_so_is_its_tag(
    staff: Phone, service: Service
) -> None:
    answer = patch(staff, path_of(service), {"name": "New"})
    read = staff.get(path_of(service))
    assert answer.json() == read.json()
    assert answer["ETag"] == read["ETag"]
    assert answer["Cache-Control"] == read["Cache-Control"] == "no-store"


def test_only_who_may_edit_is_told_what_a_patch_takes(
    phone: Phone, staff: Phone, service: Service
) -> None:
    assert staff.get(path_of(service)).json()["editable"]["hours"]["open"] == "Mo-Fr 09:00-17:00"
    strangers = [an_account(Role.CLINIC_ADMIN), an_account(Role.OUTREACH)]
    anyone = phone.get(path_of(service))
    for reader in (*map(phone_of, strangers), phone):
        answer = reader.get(path_of(service))
        assert answer.content == anyone.content
        assert answer["Cache-Control"] == "public, no-cache"
        assert b"editable" not in answer.content


def test_what_was_read_is_sent_back_without_a_change(staff: Phone, service: Service) -> None:
    read = staff.get(path_of(service))
    answer = patch(staff, path_of(service), read.json()["editable"], read["ETag"])
    assert answer.status_code == 200
    assert answer["ETag"] == read["ETag"]


def test_without_a_version_nothing_is_edited(staff: Phone, service: Service) -> None:
    answer = patch(staff, path_of(service), {"name": "New"}, None)
    assert answer.status_code == 428
    assert answer.json()["type"] == "/problems/precondition-required"
    service.refresh_from_db()
    assert service.name == ""


def test_another_version_is_refused_with_the_tag_of_now(staff: Phone, service: Service) -> None:
    read = staff.get(path_of(service))["ETag"]
    assert patch(staff, path_of(service), {"name": "One"}, read).status_code == 200
    late = patch(staff, path_of(service), {"name": "Two"}, read)
    assert late.status_code == 412
    assert late["ETag"] == staff.get(path_of(service))["ETag"]
    service.refresh_from_db()
    assert service.name == "One"
    assert patch(staff, path_of(service), {"name": "Two"}, late["ETag"]).status_code == 200


def test_the_tag_that_anyone_is_told_names_the_same_version(
    phone: Phone, staff: Phone, service: Service
) -> None:
    public = phone.get(path_of(service))["ETag"]
    assert patch(staff, path_of(service), {"name": "New"}, public).status_code == 200


def test_the_version_alone_is_enough_and_a_report_changes_it_not(
    staff: Phone, service: Service
) -> None:
    before = staff.get(path_of(service))["ETag"]
    version = before.strip('"').partition(".")[0]
    a_report(service, remaining=2)
    assert staff.get(path_of(service))["ETag"] != before
    answer = patch(staff, path_of(service), {"name": "New"}, f'"other", "{version}"')
    assert answer.status_code == 200


def test_an_unchanged_service_is_not_sent_again(phone: Phone, service: Service) -> None:
    tag = phone.get(path_of(service))["ETag"]
    assert phone.get(path_of(service), headers={"if-none-match": tag}).status_code == 304
    version = f'"{tag[1:].partition(".")[0]}"'
    assert phone.get(path_of(service), headers={"if-none-match": version}).status_code == 200


@pytest.mark.parametrize("header", ["abc", '"abc', '"a" "b"', "W/"])
def test_a_version_that_is_none_is_named(staff: Phone, service: Service, header: str) -> None:
    answer = patch(staff, path_of(service), {"name": "New"}, header)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"state": "available"}, ["state"]),
        ({"kind": "naloxone"}, ["kind"]),
        ({"name": 5, "min_age": "18", "languages": "en"}, ["name", "min_age", "languages"]),
        ({"name": None}, ["name"]),
        ({"access": {"walk_in": "yes"}}, ["access.walk_in"]),
        ({"access": {"low_barrier": True}}, ["access.low_barrier"]),
        ({"asam": {"levels": ["5-WM"], "edition": 4}}, ["asam.levels"]),
        ({"asam": {"levels": ["3.7-WM"]}}, ["asam_edition"]),
        ({"moud_policy": {"methadone": "maybe"}}, ["moud_policy.methadone"]),
        ({"hours": {"lunch": "24/7"}}, ["hours.lunch"]),
        ({"hours": {"open": "weekdays"}, "min_age": 9, "max_age": 3}, ["hours.open"]),
        ({"hours_exceptions": [{"first_day": "2026-12-24"}]}, ["hours_exceptions.0.last_day"]),
        ({"hours_exceptions": {}}, ["hours_exceptions"]),
        ({"description": "\x00"}, ["description"]),
        ({"listed": "no"}, ["listed"]),
    ],
)
def test_what_is_not_usable_is_named_field_by_field(
    staff: Phone, service: Service, body: dict[str, Any], fields: list[str]
) -> None:
    answer = patch(staff, path_of(service), body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == fields
    service.refresh_from_db()
    assert service.name == ""


def test_without_a_token_or_with_a_bad_one_nothing_is_edited(
    phone: Phone, service: Service
) -> None:
    bad = Phone(headers={"Authorization": "Bearer hrl_nonsense"})
    for answer in (
        patch(phone, path_of(service), {"name": "New"}),
        patch(bad, path_of(service), {"name": "New"}),
        bad.get(path_of(service)),
    ):
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.CLINIC_ADMIN, Role.CLINIC_STAFF])
@pytest.mark.parametrize("if_match", ["*", '"other"', None])
def test_a_foreign_service_looks_like_none(
    service: Service, role: Role, if_match: str | None
) -> None:
    stranger = phone_of(an_account(role))
    foreign, missing = (
        patch(stranger, f"/api/v1/services/{pk}/", {"name": "New"}, if_match)
        for pk in (service.pk, uuid.uuid4())
    )
    assert foreign.status_code == missing.status_code == (428 if if_match is None else 404)
    assert foreign.content == missing.content
    assert foreign.headers == missing.headers


def test_staff_and_moderators_edit(clinic: Organization, service: Service) -> None:
    for account in (an_account(Role.CLINIC_STAFF, clinic), an_account(Role.MODERATOR)):
        name = f"By {account.pk}"
        assert patch(phone_of(account), path_of(service), {"name": name}).status_code == 200
        service.refresh_from_db()
        assert service.name == name


def test_a_retired_service_is_its_own_peoples_to_list_again(
    phone: Phone, staff: Phone, service: Service
) -> None:
    Service.objects.update(retired_at=timezone.now())
    assert phone.get(path_of(service)).status_code == 404
    assert phone_of(an_account(Role.OUTREACH)).get(path_of(service)).status_code == 404
    read = staff.get(path_of(service))
    assert read.json()["editable"]["listed"] is False
    answer = patch(staff, path_of(service), {"listed": True}, read["ETag"])
    assert answer.status_code == 200
    assert phone.get(path_of(service)).status_code == 200


def test_retiring_waits_and_the_rest_of_the_edit_does_not(
    phone: Phone, staff: Phone, service: Service, refresh: Any
) -> None:
    answer = patch(staff, path_of(service), {"listed": False, "name": "Last days"})
    assert answer.status_code == 202
    (waits,) = answer.json()["held"]
    assert (waits["fields"], waits["reasons"]) == (["listed"], ["unlisted"])
    assert waits["id"] == str(HeldChange.objects.get().pk)
    assert answer.json()["properties"]["name"] == "Last days"
    refresh()
    assert phone.get(path_of(service)).json()["properties"]["name"] == "Last days"


def test_the_tag_of_an_edit_that_waits_is_good_for_the_next(staff: Phone, service: Service) -> None:
    first = patch(staff, path_of(service), {"listed": False})
    assert patch(staff, path_of(service), {"name": "New"}, first["ETag"]).status_code == 200


def test_an_edit_takes_as_many_queries_however_much_there_is(
    staff: Phone, service: Service, django_assert_max_num_queries: Any
) -> None:
    a_report(service, remaining=2)
    with django_assert_max_num_queries(45):
        patch(staff, path_of(service), EVERYTHING)
