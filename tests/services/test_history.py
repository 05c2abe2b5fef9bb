"""Who changed what, as the database kept it."""

from typing import Any

import pytest
from django.db import transaction

from services.editing import edit_service, edit_site
from services.history import role_of, sign_feed, sign_history, sign_operator
from services.models import Hours, Membership, Service, User
from services.past import SERVICE_ROWS, SITE_ROWS, ChangeSet, change_sets, usernames
from services.vocabulary import Role
from tests.builders import a_report, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db(transaction=True)


def describe(service: Service, text: str, account: User | None = None) -> None:
    """One transaction."""
    with transaction.atomic():
        if account:
            sign_history(account, organization_id=service.site.organization_id)
        edit_service(service_id=service.pk, changes={"description": text})


def newest(service: Service) -> ChangeSet:
    return change_sets(SERVICE_ROWS, service.pk)[0]


def fields(one: ChangeSet) -> dict[str, tuple[Any, Any]]:
    found = [change for version in one.versions for change in version.changes()]
    return {name: (before, after) for name, before, after in found}


def test_it_names_the_account_its_role_and_what_became_what() -> None:
    service = a_service(description="Old")
    staff = an_account(Role.CLINIC_STAFF, service.site.organization)
    describe(service, "New", staff)
    one = newest(service)
    assert (one.by.account, one.by.role) == (staff.pk, "clinic_staff")
    assert usernames([one.by]) == {staff.pk: staff.username}
    assert fields(one) == {"description": ("Old", "New")}


def test_two_transactions_are_two_change_sets_newest_first() -> None:
    service, moderator = a_service(), an_account(Role.MODERATOR)
    describe(service, "One", moderator)
    describe(service, "Two", moderator)
    sets = change_sets(SERVICE_ROWS, service.pk)
    assert [fields(one)["description"] for one in sets[:2]] == [("One", "Two"), ("", "One")]
    assert len({one.by.id for one in sets[:2]}) == 2


def test_one_transaction_is_one_change_set_however_often_it_signs() -> None:
    service, moderator = a_service(), an_account(Role.MODERATOR)
    with transaction.atomic():
        describe(service, "One", moderator)
        sign_history(moderator)
        Hours.objects.create(service=service, rule="24/7")
        describe(service, "Two", moderator)
    one = newest(service)
    assert sorted(version.of for version in one.versions) == ["hours", "service"]
    assert fields(one)["description"] == ("", "Two")
    assert fields(one)["rule"] == (None, "24/7")


def test_another_account_begins_another_change_set() -> None:
    service, one, other = a_service(), an_account(Role.MODERATOR), an_account(Role.MODERATOR)
    with transaction.atomic():
        describe(service, "One", one)
        describe(service, "Two", other)
    accounts = {version.by.account for version in change_sets(SERVICE_ROWS, service.pk)[:2]}
    assert accounts == {one.pk, other.pk}


def test_a_signature_ends_with_its_transaction() -> None:
    service = a_service()
    describe(service, "Signed", an_account(Role.MODERATOR))
    describe(service, "Not signed")
    assert (newest(service).by.account, newest(service).by.role) == (None, "operator")
    assert newest(service).by.id is None


def test_feeds_and_whoever_runs_the_system_are_told_apart() -> None:
    service = a_service()
    with transaction.atomic():
        sign_feed("samhsa-otp-2021")
        describe(service, "From a feed")
    assert newest(service).by.role == "feed"
    with transaction.atomic():
        sign_operator()
        describe(service, "From a shell")
    assert newest(service).by.role == "operator"
    assert newest(service).by.id is not None


def test_facts_parts_and_deletions_are_told_one_by_one() -> None:
    service = a_service(access={"walk_in": True, "free": True}, hours="24/7")
    with transaction.atomic():
        sign_operator()
        edit_service(
            service_id=service.pk, changes={"access": {"walk_in": True, "medicaid": False}}
        )
        service.hours.get().delete()
    told = fields(newest(service))
    assert told["access.free"] == (True, None)
    assert told["access.medicaid"] == (None, False)
    assert "access.walk_in" not in told
    assert told["rule"] == ("24/7", None)


def test_reports_leave_no_trace_among_edits() -> None:
    service = a_service()
    a_report(service)
    told = [change for one in change_sets(SERVICE_ROWS, service.pk) for change in fields(one)]
    assert "evidence_for" not in told
    assert "long_run_chance" not in told


def test_the_history_of_a_site_has_its_phones(django_assert_num_queries: Any) -> None:
    site = a_site()
    for name in ("One", "Two"):
        edit_site(site_id=site.pk, changes={"name": name})
    with django_assert_num_queries(2):
        sets = change_sets(SITE_ROWS, site.pk)
    assert {version.of for one in sets for version in one.versions} == {"site", "phone"}


def test_the_role_is_that_in_the_organization_first() -> None:
    home, away = an_organization(), an_organization()
    account = an_account(Role.CLINIC_ADMIN, home)
    Membership.objects.create(user=account, organization=away, role=Role.CLINIC_STAFF)
    assert role_of(account, away.pk) == Role.CLINIC_STAFF
    assert role_of(account) == Role.CLINIC_ADMIN
    assert role_of(an_account(Role.MODERATOR), home.pk) == Role.MODERATOR
    assert role_of(an_account(Role.OUTREACH)) == Role.OUTREACH
    assert role_of(an_account(Role.CLINIC_STAFF), home.pk) is None
