"""PATCH /api/v1/sites/{id}/: editing where a site is, how it is reached, and how much is told."""

import uuid
from typing import Any

import pytest

from services.models import HeldChange, Organization, Site, User
from services.vocabulary import Kind, Role, Visibility
from tests.api.conftest import Phone, phone_of
from tests.api.test_edit_service import patch
from tests.builders import PHILADELPHIA, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db

LAT, LON = PHILADELPHIA
HIDDEN = {"address": "9 Canary Lane", "address_extra": "Suite Kestrel", "postal_code": "19199"}
NEW_PHONE = "+12155550177"


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


@pytest.fixture
def staff(admin: User) -> Phone:
    return phone_of(admin)


@pytest.fixture
def site(clinic: Organization) -> Site:
    return a_site(organization=clinic)


def path_of(site: Site) -> str:
    return f"/api/v1/sites/{site.pk}/"


def test_what_is_safe_is_told_to_anyone_at_once(phone: Phone, staff: Phone, site: Site) -> None:
    body = {
        "name": "Clinic at the library",
        "location": {"lat": LAT + 0.001, "lon": LON},
        "location_accuracy": "rooftop",
        "address": "1234 Arch Street",
        "city": "Philadelphia",
        "region": "pa",
        "country": "us",
        "postal_code": "19107",
        "time_zone": "America/New_York",
        "website": "https://clinic.example/",
        "naltrexone": True,
        "phones": [{"number": "(215) 555-0100", "label": "intake"}],
    }
    assert patch(staff, path_of(site), body).status_code == 200
    told = phone.get(path_of(site)).json()
    assert told["geometry"]["coordinates"] == [LON, LAT + 0.001]
    for name in ("name", "location_accuracy", "address", "postal_code", "website", "naltrexone"):
        assert told["properties"][name] == body[name]
    assert (told["properties"]["region"], told["properties"]["country"]) == ("PA", "US")
    number = {"number": "+12155550100", "extension": None, "label": "intake"}
    assert told["properties"]["phones"] == [number]


def test_a_number_that_waits_is_not_told_until_somebody_agrees(
    phone: Phone, staff: Phone, clinic: Organization, site: Site, refresh: Any
) -> None:
    service = a_service(site, Kind.DETOX)

    def numbers() -> list[str]:
        refresh()
        near = phone.search({"lat": LAT, "lon": LON}).json()["features"]
        mine = next(one for one in near if one["id"] == str(service.pk))
        return [number["number"] for number in mine["properties"]["site"]["phones"]]

    answer = patch(staff, path_of(site), {"phones": [{"number": NEW_PHONE}]})
    assert answer.status_code == 202
    assert answer.json()["held"][0]["reasons"] == ["phones"]
    assert NEW_PHONE not in str(answer.json()["properties"])
    assert numbers() == ["+12155550100"]
    second = phone_of(an_account(Role.CLINIC_STAFF, clinic))
    held = answer.json()["held"][0]["id"]
    assert second.post(f"/api/v1/held-changes/{held}/approve/").status_code == 200
    assert numbers() == [NEW_PHONE]


@pytest.mark.parametrize(("metres", "status"), [(499, 200), (501, 202)])
def test_a_point_that_moves_more_than_500_m_waits(
    staff: Phone, site: Site, metres: int, status: int
) -> None:
    to = {"lat": LAT + metres / 111_035, "lon": LON}  # metres in a degree of latitude at 40° N
    assert patch(staff, path_of(site), {"location": to}).status_code == status


@pytest.mark.parametrize("visibility", [Visibility.APPROXIMATE, Visibility.PHONE_ONLY])
def test_the_true_place_of_a_hidden_site_is_told_to_its_people_alone(
    phone: Phone, staff: Phone, clinic: Organization, visibility: Visibility
) -> None:
    site = a_site(organization=clinic, visibility=visibility, **HIDDEN)  # type: ignore[arg-type]
    service = a_service(site)
    read = staff.get(path_of(site))
    editable = read.json()["editable"]
    assert editable["location"] == {"lat": LAT, "lon": LON}
    assert {name: editable[name] for name in HIDDEN} == HIDDEN
    assert read["Cache-Control"] == "no-store"
    moved = {"location": {"lat": LAT + 1, "lon": LON}, "visibility": "public"}
    assert patch(staff, path_of(site), moved).status_code == 202
    for reader in (phone, phone_of(an_account(Role.OUTREACH)), phone_of(an_account())):
        for path in (path_of(site), f"/api/v1/services/{service.pk}/", "/api/v1/sites/"):
            answer = reader.get(path)
            assert answer.status_code == 200
            for canary in (b"Canary", b"Kestrel", b"19199", b"39.9526", b"40.9526", b"-75.1652"):
                assert canary not in answer.content
        assert reader.get("/api/v1/held-changes/").status_code in {200, 401}
        assert b"39.9526" not in reader.get("/api/v1/held-changes/").content


def test_nobody_works_out_a_hidden_address_from_its_version(
    phone: Phone, clinic: Organization, settings: Any
) -> None:
    site = a_site(organization=clinic, visibility=Visibility.APPROXIMATE, **HIDDEN)  # type: ignore[arg-type]
    told = phone.get(path_of(site))["ETag"]
    settings.SECRET_KEY = "another key"
    assert phone.get(path_of(site))["ETag"] != told


def test_showing_a_hidden_site_waits(staff: Phone, clinic: Organization) -> None:
    site = a_site(organization=clinic, visibility=Visibility.APPROXIMATE)
    answer = patch(staff, path_of(site), {"visibility": "public"})
    assert answer.status_code == 202
    assert answer.json()["held"][0]["reasons"] == ["visibility"]
    assert answer.json()["properties"]["visibility"] == "approximate"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"location": {"lat": 91, "lon": 0}}, ["location.lat"]),
        ({"location": {"lat": 39.95261}}, ["location.lon"]),
        ({"location": [39.95261, -75.16521]}, ["location"]),
        ({"location": {"lat": 39.95261, "lon": 75.16521}}, ["location"]),
        ({"location": None}, ["location"]),
        ({"phones": [{"number": "39.95261"}]}, ["phones"]),
        ({"phones": [{"number": "988", "fax": "39.95261"}]}, ["phones.0.fax"]),
        ({"time_zone": "39.95261", "name": "39.95261\x00"}, ["name"]),
        ({"time_zone": "39.95261"}, ["time_zone"]),
        ({"website": "ftp://39.95261"}, ["website"]),
        ({"visibility": "39.95261"}, ["visibility"]),
        ({"organization": str(uuid.uuid4())}, ["organization"]),
        ({"displaced_location": {"lat": 39.95261, "lon": -75}}, ["displaced_location"]),
    ],
)
def test_what_is_not_usable_is_named_and_never_repeated(
    staff: Phone, site: Site, body: dict[str, Any], fields: list[str]
) -> None:
    answer = patch(staff, path_of(site), body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert b"39.9526" not in answer.content
    assert b"75.1652" not in answer.content


def test_a_position_in_the_address_of_a_patch_is_refused(staff: Phone, site: Site) -> None:
    answer = patch(staff, f"{path_of(site)}?lat=39.95", {"name": "New"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/position-in-url"


def test_a_foreign_site_looks_like_none(site: Site) -> None:
    for role in (Role.OUTREACH, Role.CLINIC_ADMIN):
        stranger = phone_of(an_account(role))
        foreign, missing = (
            patch(stranger, f"/api/v1/sites/{pk}/", {"name": "New"})
            for pk in (site.pk, uuid.uuid4())
        )
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
        assert foreign.headers == missing.headers


def test_a_moderators_edit_waits_for_nobody(site: Site) -> None:
    body = {"location": {"lat": LAT + 1, "lon": LON}, "phones": [], "visibility": "phone_only"}
    moderator = phone_of(an_account(Role.MODERATOR))
    assert patch(moderator, path_of(site), body).status_code == 200
    assert not HeldChange.objects.exists()
