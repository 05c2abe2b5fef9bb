import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.core.signing import TimestampSigner
from django.test import Client
from django.utils import timezone

from services.accounts import approve_outreach
from services.invitations import SIGNER, Invited, invite, link_of
from services.models import Invitation, Membership, Message, Organization, User
from services.vocabulary import Role
from tests.api.conftest import phone_of
from tests.builders import an_account, an_organization

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]

PASSWORD = "four words and spaces "


@pytest.fixture
def clinic() -> Organization:
    return an_organization(name="North Clinic")


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


def an_invitation(by: User, role: Role, organization: Organization | None = None) -> Invitation:
    asked = Invited(uuid.uuid4(), "new@clinic.example", role, organization)
    return invite(invited=asked, by=by)[0]


def page_of(invitation: Invitation) -> str:
    return link_of(invitation).removeprefix("http://localhost:8000")


def accept(page: str, username: str = "ada", password: str = PASSWORD, **more: Any) -> Any:
    typed = {"username": username, "password": password, "again": password} | more
    return Client(enforce_csrf_checks=True).post(page, typed)


def test_the_link_in_the_message_makes_an_account(admin: User, clinic: Organization) -> None:
    an_invitation(admin, Role.CLINIC_STAFF, clinic)
    link = re.search(r"http://localhost:8000(/join/\S+)", Message.objects.get().body)
    assert link
    shown = Client().get(link[1])
    assert "North Clinic" in shown.content.decode()
    answer = accept(link[1])
    assert "Your account is made" in answer.content.decode()
    account = User.objects.get(username="ada")
    assert account.check_password(PASSWORD)
    assert account.role_at(clinic.pk) == Role.CLINIC_STAFF
    assert account.is_staff
    assert account.email == "new@clinic.example"
    assert Invitation.objects.get().accepted_by == account


def test_looking_at_the_page_changes_nothing(admin: User, clinic: Organization) -> None:
    page = page_of(an_invitation(admin, Role.CLINIC_STAFF, clinic))
    for method in ("get", "head"):
        answer = getattr(Client(), method)(page)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"
        assert "new@clinic.example" not in answer.content.decode()
    assert User.objects.count() == 1


def test_the_link_holds_an_opaque_id_alone(admin: User, clinic: Organization) -> None:
    invitation = an_invitation(admin, Role.CLINIC_STAFF, clinic)
    token = page_of(invitation).split("/")[2]
    assert SIGNER.unsign(token) == invitation.pk.hex


def test_a_link_works_once(admin: User, clinic: Organization) -> None:
    page = page_of(an_invitation(admin, Role.CLINIC_STAFF, clinic))
    accept(page)
    assert Client().get(page).status_code == 404
    assert accept(page, "bob").status_code == 404
    assert not User.objects.filter(username="bob").exists()


def test_a_link_ends_after_seven_days(admin: User, clinic: Organization) -> None:
    page = page_of(an_invitation(admin, Role.CLINIC_STAFF, clinic))
    with time_machine.travel(timezone.now() + dt.timedelta(days=7, seconds=2)):
        assert Client().get(page).status_code == 404
        assert accept(page).status_code == 404
    assert Client().get(page).status_code == 200


def test_links_that_are_not_ours_all_look_alike(admin: User, clinic: Organization) -> None:
    invitation = an_invitation(admin, Role.CLINIC_STAFF, clinic)
    token = page_of(invitation).split("/")[2]
    others = TimestampSigner(salt="another").sign(invitation.pk.hex)
    none = SIGNER.sign(uuid.uuid4().hex)
    answers = [
        Client().get(f"/join/{wrong}/")
        for wrong in (others, none, token[:-1], token + "x", "%00", "a/b", "%FF", "x" * 3000)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_link_ends_with_the_right_of_who_sent_it(admin: User, clinic: Organization) -> None:
    page = page_of(an_invitation(admin, Role.CLINIC_STAFF, clinic))
    Membership.objects.filter(user=admin).delete()
    assert accept(page).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "taken"}, "username"),
        ({"username": "a\0b"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "123456789012"}, "password"),
        ({"password": "ada-lovelace-1", "username": "ada-lovelace"}, "password"),
        ({"password": ""}, "password"),
        ({"again": "something else"}, "again"),
    ],
)
def test_what_cannot_be_is_shown_beside_its_field(
    admin: User, clinic: Organization, typed: dict[str, str], field: str
) -> None:
    User.objects.create_user("taken")
    page = page_of(an_invitation(admin, Role.CLINIC_STAFF, clinic))
    answer = accept(page, **typed)
    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert PASSWORD not in answer.content.decode()
    assert Invitation.objects.get().accepted_at is None
    assert accept(page).status_code == 200


def test_outreach_waits_for_a_moderator() -> None:
    moderator = an_account(Role.MODERATOR)
    answer = accept(page_of(an_invitation(moderator, Role.OUTREACH)))
    assert "A moderator approves" in answer.content.decode()
    account = User.objects.get(username="ada")
    assert not account.does_outreach
    assert not account.is_staff
    phone = phone_of(account)
    assert phone.get("/api/v1/account/").json()["approved"] is False
    assert approve_outreach(account_id=account.pk, by=moderator)
    assert phone.get("/api/v1/account/").json()["approved"] is True


def test_an_invited_moderator_is_no_superuser() -> None:
    accept(page_of(an_invitation(User.objects.create_superuser("root"), Role.MODERATOR)))
    account = User.objects.get(username="ada")
    assert account.moderates
    assert account.is_staff
    assert not account.is_superuser
