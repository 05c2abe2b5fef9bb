import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory

from services.accounts import (
    AccountRefusedError,
    NotAllowedError,
    approve_outreach,
    create_account,
    give_role,
    new_account,
)
from services.invitations import (
    InvitationOverError,
    Invited,
    accept_invitation,
    invite,
    link_of,
    may_invite,
)
from services.members import LastAdminError, change_role, remove_member
from services.models import AvailabilityReport, Membership, User
from services.sign_in import LockedOutError, WrongCredentialsError, sign_in
from services.vocabulary import Role
from tests.builders import a_report, a_service, a_token, an_account, an_organization

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]


def test_only_moderators_approve_outreach() -> None:
    worker = User.objects.create_user("new", role=Role.OUTREACH)
    for account in (an_account(Role.CLINIC_ADMIN), an_account(Role.OUTREACH), worker):
        with pytest.raises(NotAllowedError):
            approve_outreach(account_id=worker.pk, by=account)
    moderator = an_account(Role.MODERATOR)
    assert approve_outreach(account_id=worker.pk, by=moderator)
    worker.refresh_from_db()
    assert worker.does_outreach
    assert worker.approved_by == moderator
    assert not approve_outreach(account_id=worker.pk, by=an_account(Role.MODERATOR))
    assert User.objects.get(pk=worker.pk).approved_by == moderator


def test_approving_makes_nobody_an_outreach_worker() -> None:
    staff = an_account(Role.CLINIC_STAFF)
    assert not approve_outreach(account_id=staff.pk, by=an_account(Role.MODERATOR))
    staff.refresh_from_db()
    assert staff.approved_at is None


def test_a_moderator_is_not_made_less_by_another_role() -> None:
    moderator = an_account(Role.MODERATOR)
    with pytest.raises(AccountRefusedError):
        give_role(account=moderator, role=Role.OUTREACH)
    give_role(account=moderator, role=Role.CLINIC_STAFF, organization=an_organization())
    moderator.refresh_from_db()
    assert moderator.moderates


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_held_where_it_belongs(role: Role) -> None:
    wrong = None if role in (Role.CLINIC_STAFF, Role.CLINIC_ADMIN) else an_organization()
    with pytest.raises(AccountRefusedError):
        create_account(username="ada", role=role, organization=wrong)
    assert not User.objects.exists()


def test_two_admins_cannot_remove_each_other() -> None:
    clinic = an_organization()
    one, two = (an_account(Role.CLINIC_ADMIN, clinic) for _ in range(2))
    remove_member(membership_id=one.memberships.get().pk, by=two)
    with pytest.raises(Membership.DoesNotExist):
        remove_member(membership_id=two.memberships.get().pk, by=one)


def test_an_admin_who_is_not_active_is_no_admin_to_rely_on() -> None:
    clinic = an_organization()
    one = an_account(Role.CLINIC_ADMIN, clinic)
    an_account(Role.CLINIC_ADMIN, clinic, is_active=False)
    with pytest.raises(LastAdminError):
        remove_member(membership_id=one.memberships.get().pk, by=one)


def test_no_role_beyond_the_clinic_is_given_in_it() -> None:
    admin = an_account(Role.CLINIC_ADMIN)
    with pytest.raises(NotAllowedError):
        change_role(membership_id=admin.memberships.get().pk, role=Role.MODERATOR, by=admin)


def test_the_history_names_who_changed_a_membership() -> None:
    clinic = an_organization()
    admin, staff = an_account(Role.CLINIC_ADMIN, clinic), an_account(Role.CLINIC_STAFF, clinic)
    mine = staff.memberships.get()
    change_role(membership_id=mine.pk, role=Role.CLINIC_ADMIN, by=admin)
    event: Any = mine.events.latest("pgh_id")  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["account"] == admin.pk


def test_a_deleted_account_leaves_its_reports() -> None:
    service = a_service()
    account = an_account(Role.CLINIC_STAFF, service.site.organization)
    report = a_report(service)
    AvailabilityReport.objects.filter(pk=report.pk).update(account=account)
    a_token(account)
    account.delete()
    report.refresh_from_db()
    assert report.account is None
    service.refresh_from_db()
    assert service.state == report.state


@pytest.mark.parametrize("role", list(Role))
def test_an_inactive_account_invites_nobody(role: Role) -> None:
    account = User.objects.create_superuser("root", is_active=False)
    organization = an_organization() if role in (Role.CLINIC_STAFF, Role.CLINIC_ADMIN) else None
    assert not may_invite(account, role, organization)


def test_a_clinic_admin_invites_to_no_other_clinic() -> None:
    admin = an_account(Role.CLINIC_ADMIN)
    asked = Invited(uuid.uuid4(), "a@b.example", Role.CLINIC_STAFF, an_organization())
    with pytest.raises(NotAllowedError):
        invite(invited=asked, by=admin)


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What came of each, results and refusals, all started together."""
    together = Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        together.wait()
        try:
            return act()
        except Exception as refused:
            return type(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


@pytest.mark.django_db(transaction=True)
def test_a_link_used_by_many_at_once_makes_one_account() -> None:
    admin = an_account(Role.CLINIC_ADMIN)
    clinic = admin.memberships.get().organization
    asked = Invited(uuid.uuid4(), "a@b.example", Role.CLINIC_STAFF, clinic)
    token = link_of(invite(invited=asked, by=admin)[0]).split("/")[-1]
    accept = partial(accept_invitation, token=token, password="four words and spaces")
    seen = at_once([partial(accept, username=f"ada-{number}") for number in range(6)])
    assert seen.count(InvitationOverError) == 5
    assert User.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_name_wanted_by_many_at_once_is_given_once() -> None:
    seen = at_once([partial(new_account, username="ada")] * 6)
    assert seen.count(AccountRefusedError) == 5
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_remove_each_other_at_once_one_stays() -> None:
    clinic = an_organization()
    one, two = (an_account(Role.CLINIC_ADMIN, clinic) for _ in range(2))
    acts: list[Callable[[], object]] = [
        partial(remove_member, membership_id=gone.memberships.get().pk, by=by)
        for gone, by in ((one, two), (two, one))
    ]
    assert set(at_once(acts)) == {None, Membership.DoesNotExist}
    assert clinic.memberships.count() == 1


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_do_not_pass_the_limit() -> None:
    account = an_account(Role.OUTREACH, password="a long password")

    def wrong() -> object:
        request = RequestFactory().post("/")
        return sign_in(request=request, username=account.username, password="wrong")

    seen = at_once([wrong] * 32)
    assert seen.count(WrongCredentialsError) == 10
    assert seen.count(LockedOutError) == 22
