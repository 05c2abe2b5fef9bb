"""Held changes over HTTP: who sees them, who decides, and what is said then."""

import uuid
from typing import Any

import pytest

from services.listing_edits import edit_listing
from services.models import HeldChange, Organization, Site, User
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.builders import a_site, an_account, an_organization

pytestmark = pytest.mark.django_db

PATH = "/api/v1/held-changes/"
NUMBERS = [{"number": "+12155550177", "extension": None, "label": "main"}]


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def asker(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


@pytest.fixture
def second(clinic: Organization) -> Phone:
    return phone_of(an_account(Role.CLINIC_STAFF, clinic))


@pytest.fixture
def held(clinic: Organization, asker: User) -> HeldChange:
    return a_held_change(clinic, asker)


def a_held_change(clinic: Organization, asker: User) -> HeldChange:
    site = a_site(organization=clinic)
    (held,) = edit_listing(model=Site, pk=site.pk, changes={"phones": NUMBERS}, account=asker).held
    return held


def decide(phone: Phone, pk: Any, decision: str) -> Any:
    return phone.post(f"{PATH}{pk}/{decision}/")


def ids(phone: Phone, query: str = "") -> list[str]:
    return [one["id"] for one in phone.get(PATH + query).json()["results"]]


def test_it_tells_before_and_after_and_who_asked(
    second: Phone, held: HeldChange, asker: User
) -> None:
    (told,) = second.get(PATH).json()["results"]
    assert held.site
    assert told["listing"] == {"type": "site", "id": str(held.site_id), "name": held.site.name}
    assert told["changes"] == {"phones": NUMBERS}
    assert told["before"]["phones"][0]["number"] == "+12155550100"
    assert (told["asked_by"], told["asked_as"]) == (asker.username, "clinic_admin")
    assert (told["state"], told["reasons"]) == ("waiting", ["phones"])
    assert told["asked_by_you"] is False
    assert phone_of(asker).get(PATH).json()["results"][0]["asked_by_you"] is True


def test_each_organization_sees_its_own_and_moderators_all(second: Phone, held: HeldChange) -> None:
    stranger = an_account(Role.CLINIC_ADMIN)
    clinic = stranger.memberships.get().organization
    foreign = a_held_change(clinic, stranger)
    assert ids(second) == [str(held.pk)]
    assert ids(phone_of(stranger)) == [str(foreign.pk)]
    assert ids(phone_of(an_account(Role.OUTREACH))) == []
    moderator = phone_of(an_account(Role.MODERATOR))
    assert sorted(ids(moderator)) == sorted([str(held.pk), str(foreign.pk)])
    assert ids(moderator, f"?organization={clinic.pk}") == [str(foreign.pk)]
    assert ids(second, f"?organization={clinic.pk}") == []


def test_pages_follow_each_other_and_filters_narrow_them(
    second: Phone, clinic: Organization, asker: User
) -> None:
    made = sorted(str(a_held_change(clinic, asker).pk) for _ in range(3))
    first = second.get(f"{PATH}?limit=2").json()
    assert [one["id"] for one in first["results"]] == made[:2]
    assert [one["id"] for one in second.get(first["next"]).json()["results"]] == made[2:]
    decide(second, made[0], "reject")
    assert ids(second, "?state=rejected") == made[:1]
    assert ids(second, "?state=waiting") == made[1:]
    assert second.get(f"{PATH}?state=lost").status_code == 400


@pytest.mark.parametrize("many", [1, 5])
def test_a_page_takes_as_many_queries_however_many_wait(
    second: Phone,
    clinic: Organization,
    asker: User,
    django_assert_num_queries: Any,
    many: int,
) -> None:
    for _ in range(many):
        a_held_change(clinic, asker)
    with django_assert_num_queries(3):
        assert len(second.get(PATH).json()["results"]) == many


def test_a_page_is_kept_by_nobody(second: Phone, held: HeldChange) -> None:
    assert second.get(PATH)["Cache-Control"] == "no-store"


def test_without_a_token_nothing_is_told_or_decided(phone: Phone, held: HeldChange) -> None:
    bad = Phone(headers={"Authorization": "Bearer hrl_nonsense"})
    for reader in (phone, bad):
        for answer in (reader.get(PATH), *(decide(reader, held.pk, one) for one in DECISIONS)):
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"] == "Bearer"


DECISIONS = ("approve", "reject")


def test_a_second_person_approves(second: Phone, held: HeldChange) -> None:
    answer = decide(second, held.pk, "approve")
    assert answer.status_code == 200
    assert answer.json()["state"] == "applied"
    assert answer.json()["decided_by"]
    told = second.get(f"/api/v1/sites/{held.site_id}/").json()["properties"]["phones"]
    assert told == NUMBERS


def test_who_asked_cannot_approve_but_takes_it_back(asker: User, held: HeldChange) -> None:
    mine = phone_of(asker)
    refused = decide(mine, held.pk, "approve")
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/second-person-needed"
    assert decide(mine, held.pk, "reject").json()["state"] == "rejected"


def test_what_was_decided_stays_decided(second: Phone, asker: User, held: HeldChange) -> None:
    assert decide(second, held.pk, "reject").status_code == 200
    for decision in DECISIONS:
        answer = decide(second, held.pk, decision)
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/already-decided"


def test_a_change_that_was_outrun_says_so(second: Phone, held: HeldChange) -> None:
    edit_listing(
        model=Site,
        pk=held.site_id,  # type: ignore[arg-type]  # of a site
        changes={"phones": []},
        account=an_account(Role.MODERATOR),
    )
    told = decide(second, held.pk, "approve").json()
    assert (told["state"], told["rejected_because"]) == ("rejected", "outdated")
    assert told["reasons"] == ["phones"]


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.CLINIC_ADMIN])
@pytest.mark.parametrize("decision", DECISIONS)
def test_a_foreign_change_looks_like_none(held: HeldChange, role: Role, decision: str) -> None:
    stranger = phone_of(an_account(role))
    foreign, missing = (decide(stranger, pk, decision) for pk in (held.pk, uuid.uuid4()))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert foreign.headers == missing.headers
    held.refresh_from_db()
    assert held.state == "waiting"
