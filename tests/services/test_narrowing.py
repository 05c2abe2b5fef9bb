"""Edits that close a service though nothing is retired, and edits that only look so."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from services.content import content_of, with_changes
from services.invitations import Invited, accept_invitation, invite, link_of
from services.listing_edits import edit_listing
from services.members import change_role, remove_member
from services.models import Membership, Organization, Service, Site, User
from services.narrowing import closing_fields, narrowing_fields
from services.undoing import undo_account
from services.vocabulary import Delivery, Role
from tests.builders import a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 23, 17, tzinfo=dt.UTC)
WEEK = "Mo-Fr 08:00-18:00"
ALL = {"open": None, "intake": None, "dosing": None}
HOURS = {"hours", "hours_exceptions"}
AGES = {"min_age", "max_age"}


def days(first: str, last: str) -> list[dict[str, Any]]:
    return [{"first_day": first, "last_day": last, "times": None, "reason": ""}]


def judged(service: Service, **changes: Any) -> tuple[set[str], set[str]]:
    before = content_of(service)
    after = with_changes(before, changes)
    return (
        closing_fields(service, before, after, NOW),
        narrowing_fields(service, before, after, NOW),
    )


@pytest.mark.parametrize(
    ("changes", "closes", "narrows"),
    [
        ({"hours": {"open": "off"}}, HOURS, HOURS),
        ({"hours": {"open": "Mo 03:00-04:00"}}, HOURS, HOURS),
        ({"hours": {"open": "Mo-Fr 15:00-18:00"}}, set(), HOURS),
        ({"hours": {"open": "Mo-Fr 08:00-14:00"}}, set(), set()),
        ({"hours": {"open": "Mo-Fr 19:00-24:00"}}, set(), HOURS),  # as long, at other times
        ({"hours": {"open": None}}, set(), HOURS),  # unknown is not closed
        ({"hours": {"intake": "Mo 08:00-09:00"}}, HOURS, HOURS),
        ({"hours": {"open": "24/7"}}, set(), set()),
        ({"hours_exceptions": days("2026-12-24", "2026-12-26")}, set(), set()),
        ({"hours_exceptions": days("2027-06-01", "2027-08-01")}, HOURS, HOURS),
        ({"min_age": 21}, set(), set()),
        ({"min_age": 65}, set(), AGES),
        ({"min_age": 90}, AGES, AGES),
        ({"min_age": 18, "max_age": 25}, AGES, AGES),
        ({"access": {"women": False}}, set(), {"access"}),
        ({"access": {"women": False, "men": False}}, {"access"}, {"access"}),
        ({"access": {"walk_in": False}, "languages": []}, set(), set()),
    ],
)
def test_what_an_edit_leaves_of_a_service(
    changes: dict[str, Any], closes: set[str], narrows: set[str]
) -> None:
    assert judged(a_service(hours=WEEK), **changes) == (closes, narrows)


def test_without_hours_before_none_are_lost() -> None:
    assert judged(a_service(), hours={"open": "Mo 08:00-09:00"}) == (set(), set())


def reasons(listing: Site | Service, account: User, **changes: Any) -> list[str]:
    done = edit_listing(model=type(listing), pk=listing.pk, changes=changes, account=account)
    return [reason for one in done.held for reason in one.reasons]


@pytest.fixture
def clinic() -> Organization:
    return an_organization()


@pytest.fixture
def admin(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


def test_a_door_is_told_elsewhere_by_its_area_city_or_address(
    clinic: Organization, admin: User
) -> None:
    for changes in (
        {"region": "NJ"},
        {"time_zone": "Europe/Paris"},
        {"city": "Erie"},
        {"address": "999 Other Avenue", "postal_code": "19107"},
    ):
        assert reasons(a_site(organization=clinic), admin, **changes) == ["moved"], changes


def test_an_address_is_mended_and_a_gap_filled_at_once(clinic: Organization, admin: User) -> None:
    site = a_site(organization=clinic, region="", address="12 Market Street")
    assert reasons(site, admin, region="PA", address="12 Market St., Suite 4") == []
    remote = a_site(organization=clinic, region="", delivery=Delivery.REMOTE)
    assert reasons(remote, admin, region="PA") == ["moved"]  # it served the whole country


def test_a_label_that_is_a_number_is_one(clinic: Organization, admin: User) -> None:
    phone = {"number": "+12155550100", "extension": None}
    site = a_site(organization=clinic)
    assert reasons(site, admin, phones=[phone | {"label": "floor 2, 24/7"}]) == []
    assert reasons(site, admin, phones=[phone | {"label": "now 555-0199"}]) == ["phones"]


@pytest.mark.django_db(transaction=True)  # the history dates transactions
def test_whom_an_account_let_in_leaves_and_whom_it_sent_away_comes_back(
    clinic: Organization, admin: User
) -> None:
    since = timezone.now()
    colleague, staff = an_account(Role.CLINIC_ADMIN, clinic), an_account(Role.CLINIC_STAFF, clinic)
    before = members(clinic)
    remove_member(membership_id=Membership.objects.get(user=colleague).pk, by=admin)
    change_role(
        membership_id=Membership.objects.get(user=staff).pk, role=Role.CLINIC_ADMIN, by=admin
    )
    puppet = let_in(clinic, admin)
    second = let_in(clinic, puppet)
    service = a_service(a_site(organization=clinic), description="Old")
    reasons(service, second, description="Vandal")
    done = undo_account(account=admin, since=since, by=an_account(Role.MODERATOR))
    assert members(clinic) == before
    service.refresh_from_db()
    assert service.description == "Old"
    assert {part.of for part in done.reverted} >= {"membership", "service"}
    colleague.refresh_from_db()
    assert colleague.is_staff
    again = undo_account(account=admin, since=since, by=None)
    assert (again.change_sets, again.reverted) == (0, [])


def members(clinic: Organization) -> list[tuple[int, str]]:
    found = Membership.objects.filter(organization=clinic).order_by("user")
    return list(found.values_list("user", "role"))


def let_in(clinic: Organization, by: User) -> User:
    invited = Invited(uuid.uuid4(), "p@example.org", Role.CLINIC_ADMIN, clinic)
    invitation, _ = invite(invited=invited, by=by)
    token = link_of(invitation).rstrip("/").rpartition("/")[2]
    name = f"puppet-{invitation.pk.hex}"
    return accept_invitation(token=token, username=name, password="four words and spaces")
