"""What a file changes, what waits, what is refused; and whose listings it may touch."""

import uuid
from typing import Any

import pytest
from django.apps import apps

from services.exchange.lines import Outcome
from services.exchange.problems import FileRefusedError
from services.listing_edits import edit_listing
from services.models import HeldChange, Hours, Organization, Phone, Service, Site, User
from services.vocabulary import HoursType, Kind, Role
from tests.builders import a_service, a_site, an_account, an_organization
from tests.services.exchange.files import (
    Cells,
    applied,
    csv_of,
    edited,
    only,
    planned,
    refusals,
    rows_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic)


@pytest.fixture
def site(clinic: Organization) -> Site:
    return a_site(organization=clinic)


@pytest.fixture
def moderator(db: None) -> User:
    return an_account(Role.MODERATOR)


def numbers_of(site: Site) -> list[tuple[str, str, str]]:
    rows = Phone.objects.filter(site=site)
    return [(str(one.number), one.extension, one.label) for one in rows]


def test_a_preview_tells_old_and_new_and_writes_nothing(site: Site, staff: User) -> None:
    line = only(planned("sites", edited("sites", name="Clinic on Broad"), staff))
    assert line.outcome is Outcome.CHANGED
    assert [tuple(one) for one in line.differences] == [("name", site.name, "Clinic on Broad", "")]
    site.refresh_from_db()
    assert site.name != "Clinic on Broad"


def test_only_the_cells_that_differ_are_written(site: Site, staff: User) -> None:
    assert only(
        applied("sites", edited("sites", name="Broad", city="West Philadelphia"), staff)
    ).outcome
    site.refresh_from_db()
    assert (site.name, site.city, site.postal_code) == ("Broad", "West Philadelphia", "19103")


def test_the_history_names_who_imported(site: Site, staff: User) -> None:
    applied("sites", edited("sites", name="Broad"), staff)
    event: Any = apps.get_model("services", "SiteEvent").objects.order_by("-pgh_id").first()
    assert event.pgh_context.metadata["account"] == staff.pk


def test_phones_follow_their_cell_in_order(site: Site, moderator: User) -> None:
    cell = r"(215) 555-0199 ext. 12 (intake \(day\)) | 988 (crisis) | +12155550100"
    applied("sites", edited("sites", phones=cell), moderator)
    assert numbers_of(site) == [
        ("+12155550199", "12", "intake (day)"),
        ("988", "", "crisis"),
        ("+12155550100", "", "main"),
    ]


@pytest.mark.parametrize("cell", ["555", "+1215555010", "no number", "+12155550100 | +12155550100"])
def test_a_number_that_nobody_can_dial_is_refused(site: Site, staff: User, cell: str) -> None:
    assert "phones" in refusals(only(planned("sites", edited("sites", phones=cell), staff)))


def test_a_changed_phone_of_a_clinic_waits_and_the_rest_is_done(site: Site, staff: User) -> None:
    content = edited("sites", phones="+12155550111 (main)", city="West Philadelphia")
    foretold, line = only(planned("sites", content, staff)), only(applied("sites", content, staff))
    for one in (foretold, line):
        assert one.outcome is Outcome.HELD
        waits = {each.column for each in one.differences if each.waits}
        assert waits == {"phones"}
    site.refresh_from_db()
    assert site.city == "West Philadelphia"
    assert numbers_of(site) == [("+12155550100", "", "main")]
    assert HeldChange.objects.waiting().get().asked_by == staff


@pytest.mark.parametrize(
    ("cells", "column"),
    [({"latitude": "39.9600"}, "latitude"), ({"listed": "no"}, "listed")],
)
def test_a_far_move_and_leaving_the_lists_wait(
    site: Site, staff: User, cells: Cells, column: str
) -> None:
    line = only(applied("sites", edited("sites", **cells), staff))
    assert (line.outcome, line.differences[0].column) == (Outcome.HELD, column)


def test_a_moderator_is_the_second_person(site: Site, moderator: User) -> None:
    line = only(applied("sites", edited("sites", phones="988"), moderator))
    assert line.outcome is Outcome.CHANGED


def test_more_than_a_fifth_of_a_clinic_waits_as_foretold(clinic: Organization, staff: User) -> None:
    for _ in range(10):
        a_site(organization=clinic)
    content = csv_of([row | {"city": "West Philadelphia"} for row in rows_of("sites")])
    foretold = planned("sites", content, staff)
    assert (foretold.count(Outcome.CHANGED), foretold.count(Outcome.HELD)) == (2, 8)
    done = applied("sites", content, staff)
    assert [line.outcome for line in done.lines] == [line.outcome for line in foretold.lines]


def test_a_refused_row_keeps_none_from_being_done(clinic: Organization, staff: User) -> None:
    for _ in range(2):
        a_site(organization=clinic)
    first, second = rows_of("sites")
    done = applied("sites", csv_of([first | {"name": ""}, second | {"name": "Second"}]), staff)
    assert [line.outcome for line in done.lines] == [Outcome.REFUSED, Outcome.CHANGED]
    assert Site.objects.get(pk=second["id"]).name == "Second"


def test_a_row_is_done_whole_or_not_at_all(site: Site, staff: User) -> None:
    line = only(applied("sites", edited("sites", city="West Philadelphia", delivery="boat"), staff))
    assert set(refusals(line)) == {"delivery"}
    site.refresh_from_db()
    assert site.city == "Philadelphia"


def test_a_foreign_row_is_refused_as_a_missing_one(staff: User) -> None:
    a_site()
    foreign = only(planned("sites", edited("sites", name="Mine now"), staff))
    missing = only(planned("sites", edited("sites", name="Mine now", id=str(uuid.uuid4())), staff))
    assert foreign == missing
    assert foreign.outcome is Outcome.REFUSED


def test_outreach_edits_nothing(site: Site) -> None:
    line = only(planned("sites", edited("sites", name="x"), an_account(Role.OUTREACH)))
    assert line.outcome is Outcome.REFUSED


def test_an_older_row_undoes_nobodys_work(site: Site, staff: User) -> None:
    content = edited("sites", city="West Philadelphia")
    edit_listing(model=Site, pk=site.pk, changes={"city": "North Philadelphia"}, account=staff)
    line = only(applied("sites", content, staff))
    assert "Export again" in refusals(line)["version"]
    site.refresh_from_db()
    assert site.city == "North Philadelphia"


def test_an_older_row_without_a_change_is_none(site: Site, staff: User) -> None:
    (row,) = rows_of("sites")
    line = only(planned("sites", csv_of([row | {"version": "v0"}]), staff))
    assert line.outcome is Outcome.UNCHANGED


def test_the_same_id_twice_is_refused_twice(site: Site, staff: User) -> None:
    (row,) = rows_of("sites")
    done = planned("sites", csv_of([row, row | {"name": "x"}]), staff)
    assert done.count(Outcome.REFUSED) == 2


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"longitude": "75.1652"}, "latitude", "West is negative"),
        ({"latitude": "-75.1652", "longitude": "39.9526"}, "latitude", "swapped"),
        ({"latitude": "-95.1652", "longitude": "39.9526"}, "latitude", "swapped"),
        ({"latitude": "39,9526"}, "latitude", "degrees with a point"),
        ({"latitude": "nan"}, "latitude", "degrees with a point"),
        ({"latitude": ""}, "latitude", "both numbers"),
        ({"latitude": "", "longitude": ""}, "latitude", "Set a point"),
        ({"postal_code": "2134"}, "postal_code", "02134"),
        ({"country": "USA"}, "country", "At most 2"),
        ({"time_zone": "Eastern"}, "time_zone", "IANA"),
        ({"website": "javascript:alert(1)"}, "website", "https://"),
        ({"visibility": "secret"}, "visibility", "public"),
        ({"naltrexone": "maybe"}, "naltrexone", "yes or no"),
        ({"listed": ""}, "listed", "yes"),
        ({"name": ""}, "name", "name"),
        ({"name": "x" * 300}, "name", "255"),
        ({"name": "a\0b"}, "name", "delete it"),
        ({"address": "x" * 33_000}, "address", "shorten"),
        ({"organization": "Another clinic"}, "organization", "Chosen once"),
    ],
)
def test_what_cannot_be_true_of_a_site_is_refused_with_what_to_do(
    site: Site, staff: User, cells: Cells, column: str, says: str
) -> None:
    found = refusals(only(planned("sites", edited("sites", **cells), staff)))
    assert says in found[column]


def test_a_zero_that_a_spreadsheet_took_is_given_back(staff: User, clinic: Organization) -> None:
    a_site(organization=clinic, postal_code="02134")
    line = only(planned("sites", edited("sites", postal_code="2134"), staff))
    assert line.outcome is Outcome.UNCHANGED


def test_digits_that_a_spreadsheet_cut_move_no_site(clinic: Organization, staff: User) -> None:
    a_site(39.95263417823, -75.16521234567, organization=clinic)
    content = edited("sites", latitude="39.9526342", longitude="-75.1652123")
    assert only(planned("sites", content, staff)).outcome is Outcome.UNCHANGED


def test_a_point_of_a_western_territory_in_the_east_is_none_to_refuse(moderator: User) -> None:
    a_site(13.47, 144.79, region="GU")
    line = only(planned("sites", edited("sites", latitude="13.4701"), moderator))
    assert line.outcome is Outcome.CHANGED


def a_detox(site: Site) -> Service:
    return a_service(site, Kind.DETOX, access={"walk_in": True, "medicaid": False}, min_age=18)


def test_a_services_cells_are_written(site: Site, moderator: User) -> None:
    service = a_detox(site)
    cells = {"walk_in": "", "medicaid": "Yes", "free": "no", "min_age": "", "max_age": "65"}
    cells |= {"languages": "ES, en", "asam_levels": "3.7-WM", "asam_edition": "4"}
    cells |= {"methadone_policy": "accepts", "description": "Ring\r\ntwice"}
    assert only(applied("services", edited("services", **cells), moderator)).problems == ()
    service.refresh_from_db()
    assert service.access == {"medicaid": True, "free": False}
    assert (service.min_age, service.max_age, service.languages) == (None, 65, ["en", "es"])
    assert (service.asam_levels, service.asam_edition) == (["3.7-WM"], 4)
    assert service.methadone_policy == "accepts"
    assert service.description == "Ring\r\ntwice"


def test_hours_are_set_and_what_a_feed_said_stays(site: Site, moderator: User) -> None:
    service = a_detox(site)
    Hours.objects.create(service=service, type=HoursType.OPEN, verbatim="by appointment")
    days = "2026-12-24..2026-12-26 closed (holiday) | 2026-12-31 09:00-12:00"
    content = edited("services", hours_open="Mo-Fr 09:00-17:00", hours_exceptions=days)
    applied("services", content, moderator)
    hours = service.hours.get()
    assert (hours.rule, hours.verbatim) == ("Mo-Fr 09:00-17:00", "by appointment")
    found = service.hours_exceptions.values_list("times", "reason")
    assert list(found) == [("", "holiday"), ("09:00-12:00", "")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"hours_open": "nine to five"}, "hours_open"),
        ({"hours_exceptions": "Christmas"}, "hours_exceptions"),
        ({"hours_exceptions": "2026-13-01 closed"}, "hours_exceptions"),
        ({"min_age": "eighteen"}, "min_age"),
        ({"min_age": "30", "max_age": "20"}, "max_age"),
        ({"languages": "English"}, "languages"),
        ({"asam_levels": "5-WM"}, "asam_levels"),
        ({"kind": "naloxone"}, "kind"),
        ({"site": str(uuid.uuid4())}, "site"),
    ],
)
def test_what_cannot_be_true_of_a_service_is_refused(
    site: Site, staff: User, cells: Cells, column: str
) -> None:
    a_detox(site)
    assert column in refusals(only(planned("services", edited("services", **cells), staff)))


def test_availability_in_a_file_changes_nothing_and_what_is_only_told_is_noted(
    site: Site, staff: User
) -> None:
    a_detox(site)
    cells = {"availability_state": "available", "site_name": "Other"}
    line = only(planned("services", edited("services", **cells), staff))
    assert (line.outcome, list(line.notes)) == (
        Outcome.UNCHANGED,
        ["site_name is only told: not read."],
    )


def test_a_new_site_is_added_with_its_phones(site: Site, staff: User, clinic: Organization) -> None:
    content = edited(
        "sites", id="", version="", name="Van", address="2 Broad Street", time_zone="", listed=""
    )
    assert only(planned("sites", content, staff)).outcome is Outcome.NEW
    line = only(applied("sites", content, staff))
    new = Site.objects.get(pk=str(line.listing))
    assert (new.organization, new.time_zone) == (clinic, "America/New_York")
    assert numbers_of(new) == [("+12155550100", "", "main")]


def test_a_file_with_a_new_site_adds_it_once(site: Site, staff: User) -> None:
    content = edited("sites", id="", name="Van", address="2 Broad Street")
    applied("sites", content, staff)
    assert "is there already" in refusals(only(applied("sites", content, staff)))["id"]


def test_a_new_service_is_added_with_its_hours(site: Site, staff: User) -> None:
    a_detox(site)
    content = edited("services", id="", kind="naloxone", hours_open="24/7")
    line = only(applied("services", content, staff))
    new = Service.objects.get(pk=str(line.listing))
    assert (new.site, new.kind, new.access["walk_in"]) == (site, "naloxone", True)
    assert new.hours.get().rule == "24/7"
    assert "id" in refusals(only(applied("services", content, staff)))


def test_nothing_is_added_to_another_organization(staff: User) -> None:
    a_detox(a_site())
    site_line = only(planned("sites", edited("sites", id=""), staff))
    service_line = only(planned("services", edited("services", id="", kind="naloxone"), staff))
    assert "organization" in refusals(site_line)
    assert "site" in refusals(service_line)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("id,version,name,favourite", "Not a column of sites: favourite"),
        ("id,name", "Missing in the first row: version"),
        ("id,version,name,name", "Named twice in the first row: name"),
        ("id,,version", "no column in place 2"),
        ("", "empty"),
    ],
)
def test_a_header_that_is_wrong_is_named(staff: User, header: str, says: str) -> None:
    with pytest.raises(FileRefusedError, match=says):
        planned("sites", f"{header}\r\n".encode(), staff)


def test_columns_left_out_are_left_as_they_are(site: Site, staff: User) -> None:
    (row,) = rows_of("sites")
    content = csv_of(
        [{name: row[name] for name in ("id", "version")} | {"city": "West Philadelphia"}]
    )
    found = planned("sites", content, staff)
    assert only(found).outcome is Outcome.CHANGED
    assert any("name, delivery" in notice for notice in found.notices)
