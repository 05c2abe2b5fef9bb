"""Dangerous changes wait for a second person, or a day; the old value stands meanwhile."""

import datetime as dt
import math
import threading
import uuid
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connections, transaction
from django.utils import timezone

from services.content import content_of
from services.editing import EditRefusedError
from services.history import sign_history
from services.holding import (
    AlreadyDecidedError,
    SecondPersonNeededError,
    apply_due,
    approve,
    reject,
)
from services.invitations import Invited, accept_invitation, invite, link_of
from services.listing_edits import Edited, edit_listing
from services.models import (
    HeldChange,
    Membership,
    Message,
    Organization,
    Service,
    Site,
    User,
)
from services.reverting import revert
from services.tasks import apply_due_changes
from services.vocabulary import Delivery, Kind, Role, Visibility
from tests.builders import (
    PHILADELPHIA,
    a_report,
    a_service,
    a_site,
    an_account,
    an_organization,
)

pytestmark = pytest.mark.django_db

LAT, LON = PHILADELPHIA
METRE = 1 / 111_319.5  # degrees of longitude at the equator
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WAITING, APPLIED, REJECTED = HeldChange.State.values
NEW_PHONE = {"number": "+12155550177", "extension": None, "label": "main"}


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def site(clinic: Organization) -> Site:
    return a_site(organization=clinic)


@pytest.fixture
def asker(clinic: Organization) -> User:
    return an_account(Role.CLINIC_ADMIN, clinic)


@pytest.fixture
def other(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic)


def edit(listing: Site | Service, account: User, **changes: Any) -> Edited:
    return edit_listing(model=type(listing), pk=listing.pk, changes=changes, account=account)


def held(listing: Site | Service, account: User, **changes: Any) -> HeldChange:
    (one,) = edit(listing, account, **changes).held
    return one


def now_of(listing: Site | Service) -> dict[str, Any]:
    return content_of(type(listing).objects.get(pk=listing.pk))


def east(metres: float) -> dict[str, float]:
    return {"lat": LAT, "lon": LON + metres * METRE / math.cos(math.radians(LAT))}


def reasons_of(edited: Edited) -> list[str]:
    return sorted(reason for one in edited.held for reason in one.reasons)


def test_a_point_moves_by_499_m_at_once_and_by_501_m_once_somebody_agrees(
    site: Site, asker: User, other: User
) -> None:
    assert not edit(site, asker, location=east(498)).held
    far = edit(a_site(organization=site.organization), asker, location=east(502))
    assert reasons_of(far) == ["moved"]
    assert now_of(site)["location"] == east(498)


def test_the_distance_is_measured_on_the_ellipsoid(clinic: Organization, asker: User) -> None:
    """A degree of latitude is shorter at the equator than at the pole."""
    for lat, metres_a_degree in ((0.0, 110_574.3), (60.0, 111_412.2)):
        for metres, waits in ((499, False), (501, True)):
            site = a_site(lat, -75.0, organization=clinic)
            to = {"lat": lat + metres / metres_a_degree, "lon": -75.0}
            assert bool(edit(site, asker, location=to).held) is waits


def test_many_small_moves_are_one_large_one(site: Site, asker: User) -> None:
    assert not edit(site, asker, location=east(300)).held
    assert reasons_of(edit(site, asker, location=east(600))) == ["moved"]


@pytest.mark.django_db(transaction=True)  # each of the three is a change set of its own
def test_putting_something_else_back_between_two_small_moves_parts_them_not(
    site: Site, asker: User
) -> None:
    edit(site, asker, location=east(300))
    edit(site, asker, website="https://a.org")
    events: Any = apps.get_model("services", "SiteEvent")
    renamed = events.objects.filter(pgh_obj_id=site.pk).order_by("-pgh_id").first()
    revert(change_set=renamed.pgh_context_id, by=asker)
    assert now_of(site)["website"] is None
    assert reasons_of(edit(site, asker, location=east(600))) == ["moved"]


def test_small_moves_of_a_site_of_ones_own_are_one_large_one(
    clinic: Organization, asker: User
) -> None:
    with transaction.atomic():
        sign_history(asker, organization_id=clinic.pk)
        site = a_site(organization=clinic)
    assert not edit(site, asker, location=east(300)).held
    assert reasons_of(edit(site, asker, location=east(600))) == ["moved"]


def test_the_address_of_a_place_that_waits_waits_with_it(site: Site, asker: User) -> None:
    edited = edit(site, asker, location=east(9000), address="9 New Street", website="https://a.org")
    assert set(edited.held[0].changes) == {"location", "address"}
    assert now_of(site)["address"] == site.address
    assert now_of(site)["website"] == "https://a.org"


def test_a_point_that_appears_or_vanishes_waits(clinic: Organization, asker: User) -> None:
    remote = a_site(delivery=Delivery.REMOTE, organization=clinic)
    assert reasons_of(edit(remote, asker, delivery="door", location=east(0))) == ["moved"]
    door = a_site(organization=clinic)
    assert reasons_of(edit(door, asker, delivery="remote")) == ["moved"]
    assert now_of(door)["location"] == east(0)


@pytest.mark.parametrize(
    "phones",
    [
        [],
        [NEW_PHONE],
        [{**NEW_PHONE, "number": "+12155550100"}, NEW_PHONE],
        [{**NEW_PHONE, "number": "+12155550100", "extension": "9"}],
    ],
)
def test_a_number_removed_altered_or_added_waits(
    site: Site, asker: User, phones: list[dict[str, Any]]
) -> None:
    before = now_of(site)["phones"]
    assert reasons_of(edit(site, asker, phones=phones)) == ["phones"]
    assert now_of(site)["phones"] == before


def test_a_number_is_labelled_anew_at_once(site: Site, asker: User) -> None:
    named = [{**NEW_PHONE, "number": "+12155550100", "label": "intake"}]
    assert not edit(site, asker, phones=named).held
    assert now_of(site)["phones"] == named


@pytest.mark.parametrize("what", ["site", "service"])
def test_closing_for_good_waits_and_listing_again_does_not(
    site: Site, asker: User, other: User, what: str
) -> None:
    listing = site if what == "site" else a_service(site)
    change = held(listing, asker, listed=False)
    assert change.reasons == ["unlisted"]
    assert now_of(listing)["listed"]
    approve(held_id=change.pk, by=other)
    assert not now_of(listing)["listed"]
    assert not edit(listing, asker, listed=True).held
    assert now_of(listing)["listed"]


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        (Visibility.APPROXIMATE, Visibility.PUBLIC, True),
        (Visibility.PHONE_ONLY, Visibility.PUBLIC, True),
        (Visibility.PHONE_ONLY, Visibility.APPROXIMATE, True),
        (Visibility.PUBLIC, Visibility.APPROXIMATE, False),
        (Visibility.PUBLIC, Visibility.PHONE_ONLY, False),
    ],
)
def test_showing_more_of_a_place_waits_and_hiding_it_does_not(
    clinic: Organization, asker: User, before: Visibility, after: Visibility, waits: bool
) -> None:
    site = a_site(organization=clinic, visibility=before)
    assert bool(edit(site, asker, visibility=after.value).held) is waits
    assert now_of(site)["visibility"] == (before if waits else after)


def test_a_moderator_is_the_second_person(site: Site) -> None:
    moderator = an_account(Role.MODERATOR)
    edited = edit(site, moderator, location=east(9000), phones=[NEW_PHONE], listed=False)
    assert not edited.held
    assert now_of(site)["location"] == east(9000)


def some_services(clinic: Organization, count: int) -> list[Service]:
    site = a_site(organization=clinic)
    return [a_service(site, kind) for kind in list(Kind)[:count]]


def test_more_than_a_fifth_of_the_services_within_an_hour_wait(
    clinic: Organization, asker: User, other: User
) -> None:
    services = some_services(clinic, 10)
    for service in services[:2]:
        assert not edit(service, asker, description="New").held
    third = held(services[2], asker, description="New")
    assert third.reasons == ["many"]
    assert now_of(services[2])["description"] == ""
    assert not edit(services[0], asker, description="Newer").held
    assert not edit(services[3], other, description="By another person").held


def test_after_an_hour_the_count_begins_anew(clinic: Organization, asker: User) -> None:
    services = some_services(clinic, 5)
    edit(services[0], asker, name="One")
    with time_machine.travel(timezone.now() + HOUR + dt.timedelta(minutes=1)):
        assert not edit(services[1], asker, name="Two").held


def test_reports_are_no_edits(clinic: Organization, asker: User) -> None:
    services = some_services(clinic, 5)
    sign_history(asker)
    for service in services:
        a_report(service)
    assert not edit(services[0], asker, description="New").held


def test_a_small_clinic_edits_all_it_has(clinic: Organization, asker: User) -> None:
    for service in some_services(clinic, 4):
        assert not edit(service, asker, description="New").held


def test_sites_are_counted_apart_from_services(clinic: Organization, asker: User) -> None:
    sites = [a_site(organization=clinic) for _ in range(5)]
    for kind in list(Kind)[:5]:
        a_service(sites[0], kind)
    assert not edit(sites[0], asker, name="New name").held
    assert not edit(sites[0].services.all()[0], asker, name="New name").held
    assert reasons_of(edit(sites[1], asker, name="New name")) == ["many"]


def test_what_is_safe_is_applied_and_what_waits_tells_what_stood_there(
    site: Site, asker: User
) -> None:
    one = held(site, asker, name="New name", phones=[NEW_PHONE])
    assert now_of(site)["name"] == "New name"
    assert one.changes == {"phones": [NEW_PHONE]}
    assert one.before == {"phones": now_of(site)["phones"]}
    assert one.due_at - one.asked_at == DAY
    assert (one.asked_by, one.asked_as) == (asker, Role.CLINIC_ADMIN)


def test_an_edit_that_cannot_be_holds_nothing(site: Site, asker: User) -> None:
    with pytest.raises(EditRefusedError) as refused:
        edit(site, asker, name="", location={"lat": LAT, "lon": 75.0})
    fields = {refused.value.field, *(one.field for one in refused.value.more)}
    assert fields == {"name", "location"}
    assert not HeldChange.objects.exists()


def test_each_reason_is_decided_by_itself(site: Site, asker: User, other: User) -> None:
    edited = edit(site, asker, location=east(9000), phones=[NEW_PHONE])
    by_reason = {one.reasons[0]: one for one in edited.held}
    approve(held_id=by_reason["phones"].pk, by=other)
    reject(held_id=by_reason["moved"].pk, by=other)
    assert now_of(site)["phones"] == [NEW_PHONE]
    assert now_of(site)["location"] == east(0)


def test_a_later_change_of_the_same_field_replaces_the_earlier(
    site: Site, asker: User, other: User
) -> None:
    first = held(site, asker, location=east(9000), address="9 New Street")
    second = held(site, asker, location=east(8000))
    first.refresh_from_db()
    assert (first.state, first.reasons[-1]) == (REJECTED, "replaced")
    with pytest.raises(AlreadyDecidedError):
        approve(held_id=first.pk, by=other)
    approve(held_id=second.pk, by=other)
    assert now_of(site)["location"] == east(8000)
    assert now_of(site)["address"] == "9 New Street"


def test_what_does_not_go_with_what_was_asked_before_waits_alone(
    site: Site, asker: User, other: User
) -> None:
    held(site, asker, delivery="remote", location=None)
    second = held(site, asker, location=east(8000))
    assert second.changes == {"location": east(8000)}
    approve(held_id=second.pk, by=other)
    assert now_of(site)["location"] == east(8000)


def test_nobody_vouches_for_what_another_person_asked_along_with_a_replaced_field(
    site: Site, asker: User, other: User
) -> None:
    held(site, asker, location=east(9000), address="9 New Street")
    assert set(held(site, other, location=east(8000)).changes) == {"location"}


def test_who_asked_is_not_the_second_person_but_may_take_it_back(site: Site, asker: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    with pytest.raises(SecondPersonNeededError):
        approve(held_id=one.pk, by=asker)
    assert reject(held_id=one.pk, by=asker).state == REJECTED


def joined(clinic: Organization, inviter: User) -> User:
    """Somebody who came just now by an invitation."""
    invited = Invited(uuid.uuid4(), "new@clinic.example", Role.CLINIC_STAFF, clinic)
    invitation, _ = invite(invited=invited, by=inviter)
    token = link_of(invitation).rstrip("/").rpartition("/")[2]
    name = f"new-{invitation.pk.hex}"
    return accept_invitation(token=token, username=name, password="four words and spaces")


def test_whom_a_stolen_account_invited_just_now_is_no_second_person(
    clinic: Organization, site: Site, asker: User
) -> None:
    puppet = joined(clinic, asker)
    one = held(site, asker, phones=[NEW_PHONE])
    with pytest.raises(SecondPersonNeededError):
        approve(held_id=one.pk, by=puppet)
    other_way = held(site, puppet, location=east(9000))
    with pytest.raises(SecondPersonNeededError):
        approve(held_id=other_way.pk, by=asker)
    assert approve(held_id=one.pk, by=an_account(Role.MODERATOR)).state == APPLIED


def test_who_joined_a_day_ago_or_by_a_moderator_is_a_second_person(
    clinic: Organization, site: Site, asker: User
) -> None:
    with time_machine.travel(timezone.now() - DAY - HOUR):
        colleague = joined(clinic, asker)
    known = joined(clinic, an_account(Role.MODERATOR))
    for approver, number in ((colleague, "+12155550177"), (known, "+12155550188")):
        one = held(site, asker, phones=[{**NEW_PHONE, "number": number}])
        assert approve(held_id=one.pk, by=approver).state == APPLIED


def test_moderators_hear_of_it_where_only_a_newcomer_could(
    clinic: Organization, site: Site, asker: User
) -> None:
    an_account(Role.MODERATOR, email="moderator@example.org")
    joined(clinic, asker)
    held(site, asker, phones=[NEW_PHONE])
    told = Message.objects.filter(purpose=Message.Purpose.HELD).values_list("recipient", flat=True)
    assert list(told) == ["moderator@example.org"]


def test_a_stranger_decides_nothing(site: Site, asker: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    for stranger in (an_account(Role.CLINIC_ADMIN), an_account(Role.OUTREACH)):
        for decide in (approve, reject):
            with pytest.raises(HeldChange.DoesNotExist):
                decide(held_id=one.pk, by=stranger)


def test_what_is_applied_is_signed_by_who_asked(site: Site, asker: User, other: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    applied = approve(held_id=one.pk, by=other)
    assert (applied.state, applied.decided_by) == (APPLIED, other)
    events: Any = apps.get_model("services", "PhoneEvent")
    newest = events.objects.filter(site_id=site.pk).order_by("-pgh_id").first()
    assert newest.pgh_context.metadata["account"] == asker.pk


def test_a_listing_that_changed_meanwhile_is_left_as_it_is(
    site: Site, asker: User, other: User
) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    mended = [{**NEW_PHONE, "number": "+12155550188"}]
    edit(site, an_account(Role.MODERATOR), phones=mended)
    outrun = approve(held_id=one.pk, by=other)
    assert (outrun.state, outrun.reasons) == (REJECTED, ["phones", "outdated"])
    assert now_of(site)["phones"] == mended


def test_another_field_may_change_meanwhile(site: Site, asker: User, other: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    edit(site, other, name="New name")
    assert approve(held_id=one.pk, by=other).state == APPLIED


def test_after_a_day_it_is_applied_once(site: Site, asker: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    assert apply_due(one.due_at - dt.timedelta(seconds=1)) == 0
    assert now_of(site)["phones"] != [NEW_PHONE]
    assert apply_due(one.due_at) == 1
    assert apply_due(one.due_at) == 0
    one.refresh_from_db()
    assert (one.state, one.decided_by, one.decided_at) == (APPLIED, None, one.due_at)
    assert now_of(site)["phones"] == [NEW_PHONE]


def test_the_time_alone_applies_nothing_of_an_account_that_was_shut(
    site: Site, asker: User
) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    Membership.objects.filter(user=asker).delete()
    apply_due(one.due_at)
    one.refresh_from_db()
    assert (one.state, one.reasons[-1]) == (REJECTED, "asker_gone")
    assert now_of(site)["phones"] != [NEW_PHONE]


def test_the_other_people_are_told_once_an_hour(site: Site, asker: User, other: User) -> None:
    User.objects.filter(pk=other.pk).update(email="other@clinic.example")
    User.objects.filter(pk=asker.pk).update(email="asker@clinic.example")
    an_account(Role.MODERATOR, email="moderator@example.org")
    with time_machine.travel("2026-11-24T15:05:00Z", tick=False):
        held(site, asker, phones=[NEW_PHONE])
        one = held(site, asker, location=east(9000))
    message = Message.objects.get()
    assert (message.recipient, message.purpose) == ("other@clinic.example", "held")
    assert message.expires_at == one.due_at
    assert str(LAT) not in str(message.body)
    assert str(NEW_PHONE["number"]) not in str(message.body)


def test_without_other_people_moderators_are_told(site: Site, asker: User) -> None:
    an_account(Role.MODERATOR, email="moderator@example.org")
    an_account(Role.OUTREACH, email="outreach@example.org")
    held(site, asker, phones=[NEW_PHONE])
    assert [message.recipient for message in Message.objects.all()] == ["moderator@example.org"]


def test_an_edit_of_the_hours_alone_counts_too(clinic: Organization, asker: User) -> None:
    services = some_services(clinic, 5)
    assert not edit(services[0], asker, hours={"open": "24/7"}).held
    assert reasons_of(edit(services[1], asker, hours={"open": "24/7"})) == ["many"]


def test_what_a_second_person_approved_is_where_the_next_move_begins(
    site: Site, asker: User, other: User
) -> None:
    approve(held_id=held(site, asker, location=east(9000)).pk, by=other)
    assert not edit(site, asker, location=east(9100)).held


def test_the_task_applies_what_waited_a_day(site: Site, asker: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    assert apply_due_changes() == 0
    with time_machine.travel(one.due_at):
        assert apply_due_changes() == 1
    assert now_of(site)["phones"] == [NEW_PHONE]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_apply_it_once(site: Site, asker: User) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    start, decided = threading.Barrier(3), []

    def run() -> None:
        start.wait()
        try:
            decided.append(apply_due(one.due_at))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(decided) == 1
    assert now_of(site)["phones"] == [NEW_PHONE]


@pytest.mark.django_db(transaction=True)
def test_of_two_second_persons_at_once_one_is_told(
    clinic: Organization, site: Site, asker: User
) -> None:
    one = held(site, asker, phones=[NEW_PHONE])
    people = [an_account(Role.CLINIC_STAFF, clinic) for _ in range(2)]
    start, said = threading.Barrier(2), []

    def run(by: User) -> None:
        start.wait()
        try:
            said.append(approve(held_id=one.pk, by=by).state)
        except AlreadyDecidedError:
            said.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [APPLIED, "told"]
