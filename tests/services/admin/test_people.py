"""Accounts, memberships and invitations in the admin."""

import dataclasses
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from services.admin import user
from services.admin.counting import RESETS
from services.invitations import Invited, invite
from services.models import DeviceToken, Invitation, Membership, Message, Organization, User
from services.second_factor import has_device
from services.vocabulary import Role
from tests.builders import a_report, a_service, a_token, an_account, an_organization
from tests.services.admin.door import a_device, signed_in
from tests.services.admin.forms import submit
from tests.services.mute import without_redis

pytestmark = pytest.mark.usefixtures("_limits_of_its_own")


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization(name="Home Clinic")


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic, is_staff=True)


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic, is_staff=True)


@pytest.fixture
def helper(db: None) -> User:
    """A moderator who is no superuser."""
    return an_account(Role.MODERATOR, is_staff=True)


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:services_{model._meta.model_name}_{page}", args=args)


def act(browser: Client, action: str, *accounts: User) -> Any:
    chosen = {"action": action, "_selected_action": [account.pk for account in accounts]}
    return browser.post(url(User, "changelist"), chosen, follow=True)


def an_invitation(by: User, organization: Organization) -> Invitation:
    asked = Invited(uuid.uuid4(), "new@clinic.example", Role.CLINIC_STAFF, organization)
    return invite(invited=asked, by=by)[0]


def mine(account: User) -> Membership:
    return account.memberships.get()


def test_a_moderator_sees_accounts_and_changes_none(helper: User, staff: User) -> None:
    browser = signed_in(helper)
    assert staff.username in browser.get(url(User, "changelist")).content.decode()
    page = browser.get(url(User, "change", staff.pk))
    assert page.status_code == 200
    assert "Home Clinic" in page.content.decode()
    assert "password" not in page.context["adminform"].readonly_fields
    for account in (staff, helper):
        typed = {"username": account.username, "is_superuser": "on", "role": "moderator"}
        assert browser.post(url(User, "change", account.pk), typed).status_code == 403
    assert not User.objects.filter(is_superuser=True).exists()
    assert browser.get(url(User, "add")).status_code == 403
    assert browser.post(url(User, "delete", staff.pk), {"post": "yes"}).status_code == 403


def test_clinics_see_no_accounts(admin: User) -> None:
    assert signed_in(admin).get(url(User, "changelist")).status_code == 403


def test_a_moderator_approves_outreach(helper: User) -> None:
    worker = User.objects.create_user("new", role=Role.OUTREACH)
    browser = signed_in(helper)
    waiting = browser.get(url(User, "changelist") + "?approval=waits").context["cl"]
    assert [row.pk for row in waiting.result_list] == [worker.pk]
    act(browser, "approve", worker)
    worker.refresh_from_db()
    assert worker.does_outreach
    assert worker.approved_by == helper


@pytest.mark.parametrize("action", ["reset_second_factor", "revoke_tokens"])
def test_only_a_superuser_resets(helper: User, staff: User, moderator: User, action: str) -> None:
    a_device(staff)
    a_token(staff)
    act(signed_in(helper), action, staff)
    assert has_device(staff)
    assert DeviceToken.objects.filter(user=staff).exists()
    act(signed_in(moderator), action, staff)
    left = has_device(staff), DeviceToken.objects.filter(user=staff).exists()
    assert left == ((False, True) if action == "reset_second_factor" else (True, False))


@pytest.mark.usefixtures("_counted_anew")
def test_an_account_resets_so_many_an_hour_and_no_more(
    moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "RESETS", dataclasses.replace(RESETS, most=2))
    others = [an_account(is_staff=True) for _ in range(3)]
    for other in others:
        a_device(other)
    told = act(signed_in(moderator), "reset_second_factor", *others).content.decode()
    assert sum(has_device(other) for other in others) == 1
    assert "2 within the hour" in told
    assert "2 reset." in told


def test_nothing_is_reset_that_cannot_be_counted(
    settings: Any, staff: User, moderator: User
) -> None:
    a_device(staff)
    before, browser = staff.password, signed_in(moderator)
    without_redis(settings)
    told = act(browser, "reset_second_factor", staff)
    assert has_device(staff)
    assert "cannot be counted" in told.content.decode()
    browser.post(
        reverse("admin:auth_user_password_change", args=[staff.pk]),
        {"password1": "correct horse 7", "password2": "correct horse 7", "usable_password": "true"},
    )
    staff.refresh_from_db()
    assert staff.password == before


def test_a_superuser_makes_a_moderator(client: Client, staff: User) -> None:
    page = url(User, "change", staff.pk)
    answer = submit(client, page, "user_form", role="moderator", is_active="on")
    assert answer.status_code == 302
    staff.refresh_from_db()
    assert staff.moderates
    assert staff.is_staff


def test_a_list_of_accounts_costs_as_much_for_many(
    client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(4):
        an_account(Role.CLINIC_STAFF)
    with django_assert_num_queries(8):
        client.get(url(User, "changelist"))


def test_deleting_an_account_leaves_its_reports(client: Client, staff: User) -> None:
    report = a_report(a_service())
    type(report).objects.filter(pk=report.pk).update(account=staff)
    client.post(url(User, "delete", staff.pk), {"post": "yes"})
    assert not User.objects.filter(pk=staff.pk).exists()
    report.refresh_from_db()
    assert report.account is None


def test_an_admin_sees_their_own_people_alone(admin: User, staff: User) -> None:
    foreign = an_account(Role.CLINIC_ADMIN)
    an_invitation(foreign, mine(foreign).organization)
    browser = signed_in(admin)
    page = browser.get(url(Membership, "changelist"))
    assert {row.user for row in page.context["cl"].result_list} == {admin, staff}
    assert foreign.username not in page.content.decode()
    assert browser.get(url(Invitation, "changelist")).context["cl"].result_count == 0
    there = browser.get(url(Membership, "change", mine(foreign).pk), follow=True)
    none = browser.get(url(Membership, "change", uuid.uuid4()), follow=True)
    assert there.redirect_chain == none.redirect_chain


@pytest.mark.parametrize("model", [Membership, Invitation])
def test_staff_have_no_screen_of_people(staff: User, model: Any) -> None:
    browser = signed_in(staff)
    assert browser.get(url(model, "changelist")).status_code == 403
    assert browser.get(url(model, "add")).status_code == 403
    assert "Memberships" not in browser.get("/admin/").content.decode()


def test_an_admin_changes_a_role(admin: User, staff: User) -> None:
    browser = signed_in(admin)
    answer = browser.post(url(Membership, "change", mine(staff).pk), {"role": "clinic_admin"})
    assert answer.status_code == 302
    assert mine(staff).role == Role.CLINIC_ADMIN


def test_the_only_admin_stays_one(admin: User, helper: User) -> None:
    browser, row = signed_in(admin), mine(admin)
    page = browser.post(url(Membership, "change", row.pk), {"role": "clinic_staff"})
    assert "only admin" in str(page.context["errors"])
    assert browser.post(url(Membership, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert mine(admin).role == Role.CLINIC_ADMIN
    signed_in(helper).post(url(Membership, "delete", row.pk), {"post": "yes"})
    assert not admin.memberships.exists()


def test_who_is_removed_loses_the_admin_and_their_devices(admin: User, staff: User) -> None:
    a_token(staff)
    signed_in(admin).post(url(Membership, "delete", mine(staff).pk), {"post": "yes"})
    staff.refresh_from_db()
    assert not staff.is_staff
    assert not DeviceToken.objects.filter(user=staff).exists()


def test_a_moderator_adds_somebody_to_one_more_organization(
    helper: User, staff: User, admin: User
) -> None:
    other = an_organization()
    typed = {"user": staff.pk, "organization": str(other.pk), "role": "clinic_staff"}
    assert signed_in(admin).post(url(Membership, "add"), typed).status_code == 403
    assert signed_in(helper).post(url(Membership, "add"), typed).status_code == 302
    assert staff.role_at(other.pk) == Role.CLINIC_STAFF


def test_saving_an_invitation_mails_it(admin: User, clinic: Organization) -> None:
    browser = signed_in(admin)
    form = browser.get(url(Invitation, "add")).context["adminform"].form
    assert [value for value, _ in form.fields["role"].choices] == ["clinic_staff", "clinic_admin"]
    typed = {"email": "new@clinic.example", "role": "clinic_staff", "organization": str(clinic.pk)}
    answer = browser.post(url(Invitation, "add"), typed)
    assert answer.status_code == 302
    invitation = Invitation.objects.get()
    assert invitation.invited_by == admin
    assert Message.objects.get().recipient == "new@clinic.example"
    page = browser.get(url(Invitation, "changelist")).content.decode()
    assert "Waits for an answer" in page


@pytest.mark.parametrize("typed", [
    {"role": "moderator"}, {"role": "outreach"}, {"organization": "foreign"}, {"organization": ""},
    {"email": "nobody"},
])  # fmt: skip
def test_a_clinic_admin_invites_to_their_own_clinic_alone(
    admin: User, clinic: Organization, typed: dict[str, str]
) -> None:
    asked = {"email": "a@b.example", "role": "clinic_staff", "organization": str(clinic.pk)} | typed
    if typed.get("organization") == "foreign":
        asked["organization"] = str(an_organization().pk)
    page = signed_in(admin).post(url(Invitation, "add"), asked)
    assert page.status_code == 200
    assert page.context["errors"]
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("role", "organization", "by_helper"),
    [("outreach", False, True), ("outreach", True, False), ("clinic_admin", False, False),
     ("clinic_admin", True, True), ("moderator", False, False)],
)  # fmt: skip
def test_what_a_moderator_invites_to(
    helper: User, clinic: Organization, role: str, organization: bool, by_helper: bool
) -> None:
    asked = {"email": "a@b.example", "role": role}
    asked["organization"] = str(clinic.pk) if organization else ""
    signed_in(helper).post(url(Invitation, "add"), asked)
    assert Invitation.objects.exists() == by_helper


def test_a_superuser_invites_moderators(client: Client) -> None:
    asked = {"email": "a@b.example", "role": "moderator", "organization": ""}
    assert client.post(url(Invitation, "add"), asked).status_code == 302
    assert Invitation.objects.get().role == Role.MODERATOR


def test_an_invitation_is_not_changed_but_withdrawn(
    client: Client, admin: User, clinic: Organization
) -> None:
    invitation = an_invitation(admin, clinic)
    page = url(Invitation, "change", invitation.pk)
    for browser in (client, signed_in(admin)):
        assert browser.get(page).status_code == 200
        assert browser.post(page, {"email": "other@b.example"}).status_code == 403
    signed_in(admin).post(url(Invitation, "delete", invitation.pk), {"post": "yes"})
    assert not Invitation.objects.exists()


def test_a_clinic_cannot_forget_whom_it_let_in(
    client: Client, admin: User, clinic: Organization
) -> None:
    """Or whoever was invited a moment ago could be made the second person of a held change."""
    invitation = an_invitation(admin, clinic)
    Invitation.objects.update(accepted_at=timezone.now(), accepted_by=an_account())
    for page, sent in (
        (url(Invitation, "delete", invitation.pk), {"post": "yes"}),
        (
            url(Invitation, "changelist"),
            {"action": "delete_selected", "_selected_action": [invitation.pk], "post": "yes"},
        ),
    ):
        signed_in(admin).post(page, sent)
        assert Invitation.objects.filter(pk=invitation.pk).exists()
    client.post(url(Invitation, "delete", invitation.pk), {"post": "yes"})
    assert not Invitation.objects.exists()


def test_a_flood_of_invitations_is_refused_on_the_page(
    admin: User, clinic: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.invitations.MOST_WAITING", 1)
    an_invitation(admin, clinic)
    asked = {"email": "a@b.example", "role": "clinic_staff", "organization": str(clinic.pk)}
    page = signed_in(admin).post(url(Invitation, "add"), asked)
    assert "Too many" in str(page.context["errors"])


@pytest.mark.parametrize(("model", "queries"), [(Membership, 9), (Invitation, 9)])
def test_lists_of_people_cost_as_much_for_many(
    admin: User, clinic: Organization, model: Any, queries: int, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        an_account(Role.CLINIC_STAFF, clinic)
        an_invitation(admin, clinic)
    browser = signed_in(admin)
    with django_assert_num_queries(queries):
        browser.get(url(model, "changelist"))
