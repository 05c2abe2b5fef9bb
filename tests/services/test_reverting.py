"""One action puts back what one change set changed."""

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.closing import reopen
from services.editing import edit_service, edit_site, list_again, retire
from services.history import sign_history
from services.models import (
    Closing,
    Hours,
    HoursException,
    Organization,
    Phone,
    Service,
    Site,
    User,
)
from services.past import CLOSED, SERVICE_ROWS, SITE_ROWS, change_sets, fields_of
from services.putting_back import Result
from services.reverting import ChangeSetUnknownError, revert
from services.vocabulary import Delivery, Kind, Role, Visibility
from tests.builders import PHILADELPHIA, a_closing, a_service, a_site, an_account, an_organization

pytestmark = pytest.mark.django_db(transaction=True)
LAT, LON = PHILADELPHIA


def changed(act: Callable[[], object], account: User) -> uuid.UUID:
    """The change set of one transaction by an account."""
    with transaction.atomic():
        sign_history(account)
        act()
    sets: list[Any] = []
    for site in Site.objects.all():
        sets += change_sets(SITE_ROWS, site.pk)
    for service in Service.objects.all():
        sets += change_sets(SERVICE_ROWS, service.pk)
    mine = [one for one in sets if one.by.account == account.pk]
    found = max(mine, key=lambda one: one.at).by.id
    assert isinstance(found, uuid.UUID)
    return found


def state_of(site: Site) -> list[Any]:
    """All that people edit at a site."""
    now = Site.objects.get(pk=site.pk)
    states: list[Any] = [fields_of(now)]
    for phone in Phone.objects.filter(site=site).order_by("number", "extension"):
        states.append(fields_of(phone))
    for service in Service.objects.filter(site=site).order_by("kind"):
        stood = fields_of(service)
        states.append({name: stood[name] for name in stood if name not in CLOSED})
        states += [fields_of(row) for row in service.hours.order_by("type")]
        rows = service.hours_exceptions.order_by("first_day", "times", "reason")
        states += [fields_of(row) for row in rows]
    return states


def names(result: Result) -> tuple[set[str], set[str]]:
    return {str(one) for one in result.reverted}, {str(one) for one in result.skipped}


@pytest.fixture
def moderator() -> User:
    return an_account(Role.MODERATOR)


def test_fields_go_back_to_what_they_were(moderator: User) -> None:
    service = a_service(description="Old", access={"walk_in": True, "free": True})
    before = state_of(service.site)
    edit = {"description": "New", "access": {"walk_in": False, "medicaid": True}}
    change = changed(lambda: edit_service(service_id=service.pk, changes=edit), moderator)
    result = revert(change_set=change, by=moderator)
    assert names(result) == (
        {"service description", "service access.walk in", "service access.free"}
        | {"service access.medicaid"},
        set(),
    )
    assert state_of(service.site) == before


def test_what_somebody_changed_since_is_left_and_named(moderator: User) -> None:
    service = a_service(description="Old", access={"walk_in": True, "free": True})
    edit = {"description": "New", "access": {"walk_in": False, "free": False}, "name": "Vandal"}
    change = changed(lambda: edit_service(service_id=service.pk, changes=edit), moderator)
    edit_service(
        service_id=service.pk,
        changes={"description": "Newer", "access": {"walk_in": False, "free": True}},
    )
    result = revert(change_set=change, by=moderator)
    assert names(result) == (
        {"service access.walk in", "service name"},
        {"service description"},
    )
    service.refresh_from_db()
    assert (service.description, service.name) == ("Newer", "")
    assert service.access == {"walk_in": True, "free": True}


def test_again_there_is_nothing_to_do(moderator: User) -> None:
    service = a_service()
    change = changed(lambda: retire(model=Service, pk=service.pk), moderator)
    assert names(revert(change_set=change, by=moderator))[0] == {"service retired at"}
    again = revert(change_set=change, by=moderator)
    assert (again.reverted, again.skipped) == ([], [])


def test_a_revert_is_reverted_like_any_change(moderator: User) -> None:
    service = a_service(description="Old")
    edit = {"description": "New"}
    change = changed(lambda: edit_service(service_id=service.pk, changes=edit), moderator)
    other = an_account(Role.MODERATOR)
    put_back = changed(lambda: revert(change_set=change, by=other), other)
    assert put_back != change
    revert(change_set=put_back, by=moderator)
    service.refresh_from_db()
    assert service.description == "New"


def test_a_site_goes_back_to_its_place_with_the_point_that_people_saw(moderator: User) -> None:
    site = a_site(visibility=Visibility.APPROXIMATE)
    before = state_of(site)
    away = {"location": Point(LON + 0.2, LAT, srid=4326), "visibility": Visibility.PUBLIC}
    change = changed(lambda: edit_site(site_id=site.pk, changes=away), moderator)
    assert state_of(site) != before
    revert(change_set=change, by=moderator)
    assert state_of(site) == before


def test_parts_that_were_added_go_and_those_deleted_come_back(moderator: User) -> None:
    service = a_service(hours="24/7")
    before = state_of(service.site)

    def replace() -> None:
        Phone.objects.filter(site=service.site).delete()
        Phone.objects.create(site=service.site, number="+12155550199")
        service.hours.all().delete()
        Hours.objects.create(service=service, rule="Mo 09:00-10:00")
        HoursException.objects.create(
            service=service, first_day="2026-12-24", last_day="2026-12-26"
        )

    change = changed(replace, moderator)
    result = revert(change_set=change, by=moderator)
    assert result.skipped == []
    assert state_of(service.site) == before


def test_a_part_that_was_changed_since_stays(moderator: User) -> None:
    service = a_service()
    change = changed(lambda: Hours.objects.create(service=service, rule="24/7"), moderator)
    service.hours.update(rule="Mo-Fr 09:00-17:00")
    result = revert(change_set=change, by=moderator)
    assert names(result) == (set(), {"hours"})
    assert service.hours.get().rule == "Mo-Fr 09:00-17:00"


def test_a_part_whose_place_was_taken_since_does_not_come_back(moderator: User) -> None:
    service = a_service(hours="24/7")
    change = changed(lambda: service.hours.all().delete(), moderator)
    Hours.objects.create(service=service, rule="Mo-Fr 09:00-17:00")
    result = revert(change_set=change, by=moderator)
    assert [one.why for one in result.skipped] == ["contradicts"]
    assert service.hours.get().rule == "Mo-Fr 09:00-17:00"


def test_a_listing_that_was_added_is_retired_and_comes_back(moderator: User) -> None:
    site = a_site()
    change = changed(lambda: a_service(site), moderator)
    put_back = changed(lambda: revert(change_set=change, by=moderator), moderator)
    assert not Service.objects.listed().exists()
    revert(change_set=put_back, by=moderator)
    assert Service.objects.listed().exists()


def test_what_would_contradict_what_stands_now_is_left(moderator: User) -> None:
    service = a_service(min_age=18, max_age=30)
    edit = {"min_age": 12, "max_age": 17}
    change = changed(lambda: edit_service(service_id=service.pk, changes=edit), moderator)
    edit_service(service_id=service.pk, changes={"max_age": 16})
    result = revert(change_set=change, by=moderator)
    assert {(str(one), one.why) for one in result.skipped} == {
        ("service min age", "contradicts"),
        ("service max age", "changed_since"),
    }
    service.refresh_from_db()
    assert (service.min_age, service.max_age) == (12, 16)


def test_a_closing_is_ended_and_comes_back(moderator: User) -> None:
    service = a_service()
    change = changed(lambda: a_closing(service.site, account=moderator), moderator)
    put_back = changed(lambda: revert(change_set=change, by=moderator), moderator)
    service.refresh_from_db()
    assert service.closed_until is None
    revert(change_set=put_back, by=moderator)
    service.refresh_from_db()
    assert service.closed_until is not None


def test_what_was_opened_again_by_mistake_is_closed_again(moderator: User) -> None:
    service = a_service()
    closing = a_closing(service)
    opened = changed(lambda: reopen(closing_id=closing.pk, account=moderator), moderator)
    revert(change_set=opened, by=moderator)
    service.refresh_from_db()
    assert service.closed_until == closing.until


def test_a_closing_of_another_organization_is_not_ended_through_a_site_that_came_since(
    moderator: User,
) -> None:
    service, away = a_service(), an_organization()
    closer = an_account(Role.CLINIC_STAFF, service.site.organization)
    home = service.site.organization
    closed = changed(lambda: a_closing(home, account=closer), closer)
    edit_site(site_id=service.site_id, changes={"organization": away})
    with pytest.raises(PermissionDenied):
        revert(change_set=closed, by=an_account(Role.CLINIC_STAFF, away))
    assert Closing.objects.current().exists()
    revert(change_set=closed, by=moderator)
    assert not Closing.objects.current().exists()


def test_a_closing_is_ended_though_its_service_was_retired_meanwhile(moderator: User) -> None:
    service = a_service()
    closed = changed(lambda: a_closing(service, account=moderator), moderator)
    retire(model=Service, pk=service.pk)
    assert names(revert(change_set=closed, by=moderator))[0] == {"closing"}
    list_again(model=Service, pk=service.pk)
    service.refresh_from_db()
    assert service.closed_until is None


def test_putting_parts_back_and_back_again_ends_where_it_began(moderator: User) -> None:
    service = a_service(hours="24/7")
    change = changed(hours_become(service, "Mo 09:00-10:00"), moderator)
    after, last = state_of(service.site), change
    others = itertools.cycle([an_account(Role.MODERATOR), an_account(Role.MODERATOR)])
    for by, _ in zip(others, range(2), strict=False):
        change_set = last
        last = changed(lambda: revert(change_set=change_set, by=by), by)  # noqa: B023 - at once
    assert state_of(service.site) == after


def test_an_organization_that_was_deleted_comes_back(moderator: User) -> None:
    site, away = a_site(), an_organization(name="Away")
    pk = away.pk

    def drop() -> None:
        away.delete()
        edit_site(site_id=site.pk, changes={"name": "Renamed"})

    revert(change_set=changed(drop, moderator), by=moderator)
    assert Organization.objects.get(pk=pk).name == "Away"


def test_clinic_staff_put_back_changes_of_their_own_listings_only(moderator: User) -> None:
    ours, theirs = a_service(), a_service()
    staff = an_account(Role.CLINIC_STAFF, ours.site.organization)

    def both() -> None:
        for service in (ours, theirs):
            edit_service(service_id=service.pk, changes={"description": "New"})

    one = changed(lambda: edit_service(service_id=ours.pk, changes={"name": "New"}), moderator)
    assert names(revert(change_set=one, by=staff))[0] == {"service name"}
    change = changed(both, moderator)
    with pytest.raises(PermissionDenied):
        revert(change_set=change, by=staff)
    ours.refresh_from_db()
    assert ours.description == "New"


def test_nobody_reverts_what_does_not_exist(moderator: User) -> None:
    with pytest.raises(ChangeSetUnknownError):
        revert(change_set=uuid.uuid4(), by=moderator)


def on_site(site: Site, **changes: Any) -> Callable[[], object]:
    return lambda: edit_site(site_id=site.pk, changes=changes)


def on_service(service: Service, **changes: Any) -> Callable[[], object]:
    return lambda: edit_service(service_id=service.pk, changes=changes)


def hours_become(service: Service, rule: str) -> Callable[[], object]:
    def act() -> None:
        service.hours.all().delete()
        if rule:
            Hours.objects.create(service=service, rule=rule)

    return act


def phones_become(site: Site, numbers: list[str]) -> Callable[[], object]:
    def act() -> None:
        Phone.objects.filter(site=site).exclude(number__in=numbers).delete()
        for number in numbers:
            Phone.objects.get_or_create(site=site, number=number)

    return act


FACTS = st.dictionaries(st.sampled_from(["walk_in", "free", "medicaid"]), st.booleans())
NUMBERS = st.lists(st.sampled_from(["+12155550101", "+12155550102", "+12155550103"]), unique=True)
STEPS = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(["A", "B", "C"])),
    st.tuples(st.just("moved"), st.floats(-0.5, 0.5)),
    st.tuples(st.just("visibility"), st.sampled_from([v.value for v in Visibility])),
    st.tuples(st.just("access"), FACTS),
    st.tuples(st.just("hours"), st.sampled_from(["", "24/7", "Mo-Fr 09:00-17:00"])),
    st.tuples(st.just("phones"), NUMBERS),
    st.tuples(st.just("listed"), st.booleans()),
)


def step_of(service: Service, step: tuple[str, Any]) -> Callable[[], object]:
    name, value = step
    site = service.site
    acts: dict[str, Callable[[], Callable[[], object]]] = {
        "name": lambda: on_site(site, name=value),
        "moved": lambda: on_site(site, location=Point(LON + value, LAT, srid=4326)),
        "visibility": lambda: on_site(site, visibility=value),
        "access": lambda: on_service(service, access=value),
        "hours": lambda: hours_become(service, value),
        "phones": lambda: phones_become(site, value),
        "listed": lambda: lambda: (list_again if value else retire)(model=Service, pk=service.pk),
    }
    return acts[name]()


@given(steps=st.lists(st.lists(STEPS, min_size=1, max_size=3), max_size=6))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_edits_reverted_newest_first_give_back_the_first_state(
    moderator: User, steps: list[list[tuple[str, Any]]]
) -> None:
    service = a_service(a_site(delivery=Delivery.DOOR), Kind.METHADONE, hours="24/7")
    first = state_of(service.site)
    author = an_account(Role.MODERATOR)

    for acts in steps:
        with transaction.atomic():
            sign_history(author)
            for step in acts:
                step_of(service, step)()
    sets = change_sets(SITE_ROWS, service.site_id) + change_sets(SERVICE_ROWS, service.pk)
    mine = {one.by.id: one.at for one in sets if one.by.account == author.pk and one.by.id}
    for change in sorted(mine, key=lambda one: mine[one], reverse=True):
        assert revert(change_set=change, by=moderator).skipped == []
    assert state_of(service.site) == first
