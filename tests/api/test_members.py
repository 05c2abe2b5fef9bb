import uuid
from typing import Any

import pytest

from services.models import DeviceToken, Invitation, Membership, Message, Organization, User
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.builders import an_account, an_organization

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic, is_staff=True)


def path(clinic: Organization | uuid.UUID, what: str = "members", member: Any = None) -> str:
    id_ = clinic.pk if isinstance(clinic, Organization) else clinic
    return f"/api/v1/organizations/{id_}/{what}/" + (f"{member}/" if member else "")


def membership_of(account: User) -> Membership:
    return account.memberships.get()


def invite(phone: Phone, to: str, **more: Any) -> Any:
    body = {"id": str(uuid.uuid4()), "email": "new@clinic.example", "role": "clinic_staff"} | more
    return phone.post(to, body, content_type="application/json")


def same(*answers: Any) -> bool:
    told = {(answer.status_code, answer.content, str(answer.headers)) for answer in answers}
    return len(told) == 1


def test_an_admin_sees_who_belongs(clinic: Organization, admin: User, staff: User) -> None:
    found = phone_of(admin).get(path(clinic)).json()["results"]
    assert [(row["username"], row["role"]) for row in found] == [
        (admin.username, "clinic_admin"),
        (staff.username, "clinic_staff"),
    ]


def test_a_list_costs_as_much_for_many(
    clinic: Organization, admin: User, django_assert_num_queries: Any
) -> None:
    phone = phone_of(admin)
    for _ in range(5):
        an_account(Role.CLINIC_STAFF, clinic)
    with django_assert_num_queries(4):
        phone.get(path(clinic))


def test_staff_may_not_see_their_own_list(clinic: Organization, staff: User) -> None:
    assert phone_of(staff).get(path(clinic)).status_code == 403


@pytest.mark.parametrize("role", [Role.CLINIC_ADMIN, Role.CLINIC_STAFF, Role.OUTREACH])
def test_a_foreign_organization_looks_like_none(
    clinic: Organization, staff: User, role: Role
) -> None:
    phone, member, none = phone_of(an_account(role)), membership_of(staff).pk, uuid.uuid4()
    as_json: Any = {"content_type": "application/json"}
    assert same(phone.get(path(clinic)), phone.get(path(none)))
    assert same(*(phone.delete(path(id_, member=member)) for id_ in (clinic, none)))
    assert same(
        *(phone.patch(path(id_, member=member), {"role": "clinic_admin"}, **as_json)
          for id_ in (clinic, none))
    )  # fmt: skip
    assert same(*(invite(phone, path(id_, "invitations")) for id_ in (clinic, none)))
    assert Membership.objects.filter(pk=member).exists()
    assert phone.get(path(clinic)).status_code == 404


def test_a_member_of_another_organization_is_not_found(clinic: Organization, admin: User) -> None:
    foreign = membership_of(an_account(Role.CLINIC_STAFF))
    phone = phone_of(admin)
    assert same(*(phone.delete(path(clinic, member=id_)) for id_ in (foreign.pk, uuid.uuid4())))
    assert Membership.objects.filter(pk=foreign.pk).exists()


def test_an_admin_changes_a_role(clinic: Organization, admin: User, staff: User) -> None:
    where = path(clinic, member=membership_of(staff).pk)
    body: Any = {"role": "clinic_admin"}
    for _ in range(2):
        answer = phone_of(admin).patch(where, body, content_type="application/json")
        assert answer.json()["role"] == "clinic_admin"
    assert membership_of(staff).role == Role.CLINIC_ADMIN


@pytest.mark.parametrize("body", [{}, {"role": None}, {"role": "moderator"}, {"rank": 1}])
def test_a_role_must_be_one_of_a_clinic(
    clinic: Organization, admin: User, staff: User, body: Any
) -> None:
    where = path(clinic, member=membership_of(staff).pk)
    answer = phone_of(admin).patch(where, body, content_type="application/json")
    assert answer.status_code == 400


def test_the_only_admin_stays_one(clinic: Organization, admin: User) -> None:
    phone, where = phone_of(admin), path(clinic, member=membership_of(admin).pk)
    down: Any = {"role": "clinic_staff"}
    for answer in (phone.delete(where), phone.patch(where, down, content_type="application/json")):
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/last-admin"
    assert phone_of(an_account(Role.MODERATOR)).delete(where).status_code == 204


def test_who_is_removed_from_the_only_organization_is_signed_out(
    clinic: Organization, admin: User, staff: User
) -> None:
    phone = phone_of(staff)
    assert phone_of(admin).delete(path(clinic, member=membership_of(staff).pk)).status_code == 204
    assert phone.get("/api/v1/account/").status_code == 401
    staff.refresh_from_db()
    assert not staff.is_staff
    assert staff.is_active


def test_who_has_another_role_keeps_their_devices(
    clinic: Organization, admin: User, staff: User
) -> None:
    elsewhere = an_organization()
    Membership.objects.create(user=staff, organization=elsewhere, role=Role.CLINIC_STAFF)
    phone = phone_of(staff)
    mine = staff.memberships.get(organization=clinic)
    phone_of(admin).delete(path(clinic, member=mine.pk))
    assert phone.get("/api/v1/account/").json()["organizations"][0]["id"] == str(elsewhere.pk)
    staff.refresh_from_db()
    assert staff.is_staff


def test_an_admin_may_leave_while_another_stays(clinic: Organization, admin: User) -> None:
    an_account(Role.CLINIC_ADMIN, clinic)
    where = path(clinic, member=membership_of(admin).pk)
    assert phone_of(admin).delete(where).status_code == 204
    assert not DeviceToken.objects.filter(user=admin).exists()


def test_an_admin_invites_staff(clinic: Organization, admin: User) -> None:
    answer = invite(phone_of(admin), path(clinic, "invitations"))
    assert answer.status_code == 201
    message = Message.objects.get()
    assert message.recipient == "new@clinic.example"
    assert "/join/" in message.body
    assert "new@" not in message.body
    assert "/join/" not in answer.content.decode()


def test_the_same_invitation_again_is_one_message(clinic: Organization, admin: User) -> None:
    phone, id_ = phone_of(admin), str(uuid.uuid4())
    where = path(clinic, "invitations")
    first, again = (invite(phone, where, id=id_) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Message.objects.count() == 1
    assert invite(phone, where, id=id_, email="b@clinic.example").status_code == 409


def test_staff_invite_nobody(clinic: Organization, staff: User) -> None:
    assert invite(phone_of(staff), path(clinic, "invitations")).status_code == 403
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("more", [
    {"email": "nobody"}, {"email": "a@b.c\n"}, {"email": None}, {"id": "1"}, {"role": "outreach"},
    {"role": "moderator"}, {"note": "hi"},
])  # fmt: skip
def test_what_is_no_invitation_is_refused(
    clinic: Organization, admin: User, more: dict[str, Any]
) -> None:
    answer = invite(phone_of(admin), path(clinic, "invitations"), **more)
    assert answer.status_code == 400
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("who", "outreach", "moderator"),
    [("superuser", 201, 201), ("moderator", 201, 403), ("outreach", 201, 403),
     ("unapproved", 403, 403), ("clinic_admin", 403, 403)],
)  # fmt: skip
def test_who_invites_beyond_organizations(who: str, outreach: int, moderator: int) -> None:
    if who == "superuser":
        account = User.objects.create_superuser("root")
    elif who == "unapproved":
        account = User.objects.create_user("new", role=Role.OUTREACH)
    else:
        account = an_account(Role(who))
    phone = phone_of(account)
    for role, status in (("outreach", outreach), ("moderator", moderator)):
        assert invite(phone, "/api/v1/invitations/", role=role).status_code == status


def test_a_flood_of_invitations_ends(
    clinic: Organization, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.invitations.MOST_WAITING", 2)
    phone, where = phone_of(admin), path(clinic, "invitations")
    assert [invite(phone, where).status_code for _ in range(3)] == [201, 201, 429]


def test_without_a_token_nothing_is_told(clinic: Organization, staff: User) -> None:
    phone, member = Phone(), membership_of(staff).pk
    answers = [
        phone.get(path(clinic)),
        phone.delete(path(clinic, member=member)),
        invite(phone, path(clinic, "invitations")),
        invite(phone, "/api/v1/invitations/", role="outreach"),
    ]
    assert {answer.status_code for answer in answers} == {401}
