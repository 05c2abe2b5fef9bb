"""Pages of changes bring a phone to where the database is, whatever happened meanwhile."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.utils import timezone

from services.changes import paging
from services.changes.cursor import CursorExpiredError
from services.changes.moves import hold_now, is_over
from services.models import Change, Service, Site
from services.vocabulary import Kind
from tests.builders import a_service, a_site, an_organization
from tests.services.changes.reading import NEW_JERSEY, a_holder, settled, until

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class Slowly:
    """Writes in a transaction of its own that ends when it is told to."""

    def __init__(self, write: Callable[[], object]) -> None:
        self.has_written, self.may_commit = threading.Event(), threading.Event()
        self.write = write
        self.thread = in_a_thread(self.run)
        assert self.has_written.wait(10)

    def run(self) -> None:
        with transaction.atomic():
            self.write()
            self.has_written.set()
            self.may_commit.wait(20)

    def commit_only(self) -> None:
        self.may_commit.set()
        self.thread.join(10)

    def commit(self) -> None:
        self.commit_only()
        settled()


def test_created_changed_hidden_and_deleted() -> None:
    phone = a_holder()
    one, other = a_service(name="one"), a_service(name="other")
    settled()
    phone.pull()
    assert phone.names == {one.pk: "one", other.pk: "other"}
    Service.objects.filter(pk=one.pk).update(name="renamed")
    Service.objects.filter(pk=other.pk).update(retired_at=timezone.now())
    settled()
    phone.pull()
    assert phone.names == {one.pk: "renamed"}
    Service.objects.filter(pk=one.pk).delete()
    settled()
    phone.pull()
    assert phone.names == {}
    assert phone.pages[-1].gone == [one.pk]


def test_a_row_that_commits_late_is_not_skipped() -> None:
    late, early = a_service(name="late"), a_service(name="early")
    phone = a_holder(at_end=True)
    slow = Slowly(lambda: Service.objects.filter(pk=late.pk).update(name="later"))
    Service.objects.filter(pk=early.pk).update(name="earlier")
    phone.pull()
    assert phone.names == {}  # the early one waits behind the open transaction
    slow.commit()
    phone.pull()
    assert phone.names == {late.pk: "later", early.pk: "earlier"}


def test_a_site_that_moves_leaves_one_region_and_comes_into_the_other() -> None:
    service = a_service(name="moving")
    here, there = a_holder(), a_holder(NEW_JERSEY)
    here.pull()
    assert service.pk in here.names
    Site.objects.filter(pk=service.site_id).update(region="NJ")
    settled()
    here.catch_up()
    there.catch_up()
    assert here.names == {}
    assert there.names == {service.pk: "moving"}


def test_a_service_that_moves_to_another_site_is_told_to_both() -> None:
    service, elsewhere = a_service(name="moving"), a_site(region="NJ")
    here, there = a_holder(), a_holder(NEW_JERSEY)
    here.pull()
    Service.objects.filter(pk=service.pk).update(site=elsewhere)
    settled()
    here.catch_up()
    there.catch_up()
    assert (here.names, there.names) == ({}, {service.pk: "moving"})


class Move:
    """A site moves to New Jersey while another transaction writes that does not see it.

    Transactions are in order of their first write: it may be the move's or the other's.
    """

    def __init__(self, site: Site, write: Callable[[], object], *, move_first: bool) -> None:
        with transaction.atomic():
            if move_first:
                hold_now(0)  # takes this transaction's id
            self.slow = Slowly(write)
            Site.objects.filter(pk=site.pk).update(region="NJ")


move_first = pytest.mark.parametrize("move_first", [True, False])


@move_first
def test_what_is_changed_by_who_has_not_seen_a_move_is_told_where_it_moved_to(
    move_first: bool,
) -> None:
    service = a_service(name="before")
    there = a_holder(NEW_JERSEY, at_end=True)
    changes = Service.objects.filter(pk=service.pk)
    move = Move(service.site, lambda: changes.update(name="after"), move_first=move_first)
    there.pull()
    assert there.names == {}
    move.slow.commit()
    there.catch_up()
    assert there.names == {service.pk: "after"}
    assert not Change.objects.filter(entity_id=service.pk, region="US-NJ").exists()


@move_first
@pytest.mark.parametrize("what", ["added", "deleted"])
def test_so_is_what_comes_and_goes_meanwhile(what: str, move_first: bool) -> None:
    site = a_site()
    first = a_service(site, name="first")
    there = a_holder(NEW_JERSEY, at_end=True)

    def write() -> object:
        return a_service(site, Kind.NALOXONE, name="second") if what == "added" else first.delete()

    move = Move(site, write, move_first=move_first)
    there.pull()
    move.slow.commit()
    there.catch_up()
    assert set(there.names.values()) == ({"first", "second"} if what == "added" else set())


def test_a_move_waits_for_whoever_writes_when_it_is_first_seen() -> None:
    service = a_service(name="moving")
    there = a_holder(NEW_JERSEY, at_end=True)
    Site.objects.filter(pk=service.site_id).update(region="NJ")
    settled()
    other = Slowly(a_service)
    there.pull()
    hold = there.cursor.hold
    another = Slowly(a_service)
    other.commit_only()
    until(lambda: hold is not None and is_over(hold))
    there.catch_up()
    assert there.names == {service.pk: "moving"}
    assert there.pages[-1].cursor.hold is None
    another.commit()


def test_what_serves_a_whole_country_is_in_every_region_of_it() -> None:
    phone = a_holder(NEW_JERSEY)
    service = a_service(a_site(region="", delivery="remote"), name="by phone")
    settled()
    phone.pull()
    assert phone.names == {service.pk: "by phone"}


def test_an_organization_renamed_changes_its_services_in_the_region() -> None:
    organization = an_organization()
    one = a_service(a_site(organization=organization))
    a_service(a_site(organization=organization, region="NJ"))
    phone = a_holder(at_end=True)
    organization.name = "Another name"
    organization.save()
    settled()
    phone.pull()
    assert set(phone.names) == {one.pk}
    told = phone.pages[-1].services[0].properties["organization"]
    assert told == "Another name"


def test_sites_of_an_organization_that_are_hidden_go() -> None:
    organization = an_organization()
    for _ in range(3):
        a_service(a_site(organization=organization))
    phone = a_holder()
    phone.pull()
    assert len(phone.names) == 3
    Site.objects.filter(organization=organization).update(retired_at=timezone.now())
    settled()
    phone.pull()
    assert phone.names == {}


def test_pages_are_bounded_by_rows() -> None:
    phone = a_holder()
    services = {a_service().pk for _ in range(7)}
    settled()
    phone.pull(limit=2)
    assert set(phone.names) == services
    assert all(len(page.services) <= 2 for page in phone.pages)
    assert [page.more for page in phone.pages[:-1]] == [True] * (len(phone.pages) - 1)


def test_pages_are_bounded_by_services_within_one_organization(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organization = an_organization()
    services = {a_service(a_site(organization=organization)).pk for _ in range(7)}
    phone = a_holder(at_end=True)
    organization.name = "Another name"
    organization.save()
    settled()
    monkeypatch.setattr(paging, "MOST_SERVICES", 3)
    phone.pull()
    assert set(phone.names) == services
    assert [len(page.services) for page in phone.pages] == [3, 3, 1]


def test_renamed_again_between_two_pages_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    organization = an_organization()
    for _ in range(5):
        a_service(a_site(organization=organization))
    phone = a_holder(at_end=True)
    monkeypatch.setattr(paging, "MOST_SERVICES", 3)
    told: dict[uuid.UUID, str] = {}
    for name in ("first", "second"):
        organization.name = name
        organization.save()
        settled()
        phone.apply(paging.page_after(phone.cursor, phone.areas, limit=9, now=timezone.now()))
    phone.pull()
    for page in phone.pages:
        told |= {service.id: service.properties["organization"] for service in page.services}
    assert set(told.values()) == {"second"}
    assert len(told) == 5


def test_while_more_waits_a_cursor_is_as_old_as_the_first() -> None:
    a_service(), a_service()
    phone = a_holder()
    begun = phone.cursor.read_at
    now = timezone.now() + dt.timedelta(days=5)
    page = paging.page_after(phone.cursor, phone.areas, limit=1, now=now)
    assert page.more
    assert page.cursor.read_at == begun
    phone.pull(now=now)
    assert phone.cursor.read_at == now


def test_a_cursor_of_a_transaction_that_never_was_leads_nowhere() -> None:
    """A copy of the disk was restored: the same cluster and timeline, at an earlier state."""
    phone = a_holder()
    ahead = replace(phone.cursor, xid=hold_now(0).until + 1_000_000)
    with pytest.raises(CursorExpiredError):
        paging.page_after(ahead, phone.areas, limit=9, now=timezone.now())


def test_a_page_twice_does_no_harm() -> None:
    a_service(name="one")
    phone = a_holder()
    phone.pull()
    names = dict(phone.names)
    for page in [*phone.pages, *phone.pages]:
        phone.apply(page)
    assert phone.names == names
