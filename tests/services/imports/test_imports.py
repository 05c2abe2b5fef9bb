"""Files in, sites and services out: over the database, file by file."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone

from services.imports import runs
from services.imports.problems import FileRefusedError, ImportBusyError, ImportHeldError
from services.imports.report import Report
from services.imports.runs import accept, import_file
from services.models import (
    Change,
    Hours,
    ImportRun,
    Organization,
    Phone,
    Service,
    ServiceSourcing,
    Site,
    SourceRecord,
)
from services.vocabulary import Kind, Role, Visibility
from tests.builders import an_account
from tests.services.imports.files import (
    OTP_CODES,
    a_csv,
    a_facility,
    a_find_treatment_page,
    a_found_facility,
    a_gzip,
    a_moud_row,
    an_otp,
)

pytestmark = pytest.mark.usefixtures("places")
TEN = range(1, 11)
TRACKED = ("Organization", "Site", "Service", "Phone", "Hours")


def directory(folder: Path, *rows: dict[str, str], **options: bool) -> Report:
    return import_file("samhsa_directory", a_gzip(folder, *rows), **options)  # type: ignore[arg-type]


def otps(folder: Path, *rows: dict[str, str]) -> Report:
    return import_file("samhsa_otp", a_csv(folder, *rows))


def mouds(folder: Path, *rows: dict[str, str]) -> Report:
    return import_file("samhsa_moud", a_csv(folder, *rows))


def listed() -> set[tuple[str, str]]:
    return {(str(service.site.name), str(service.kind)) for service in Service.objects.listed()}


def everything() -> list[object]:
    """Every row an import could touch, but for the runs and when a record was last seen."""
    tables = [Organization, Site, Service, Phone, Hours, ServiceSourcing, Change]
    tables += [apps.get_model("services", f"{name}Event") for name in TRACKED]
    rows: list[object] = [list(model._default_manager.order_by("pk").values()) for model in tables]
    records = SourceRecord.objects.order_by("pk").values_list("key", "content", "vanished_at")
    return [*rows, list(records)]


def test_a_directory_row_becomes_a_site_with_its_services(tmp_path: Path) -> None:
    row = a_facility(
        name1="Shelby Center",
        name2="North Clinic",
        phone="215-204-0100 x7",
        intake1="800-662HELP",
        service_code_info=f"{OTP_CODES} * F70 SP AH",
    )
    report = directory(tmp_path, row)
    site = Site.objects.get()
    assert (site.organization.name, site.organization.region, site.name) == (
        "Shelby Center", "PA", "North Clinic",
    )  # fmt: skip
    assert (site.location_accuracy, site.time_zone) == ("postal_code", "America/New_York")
    assert site.naltrexone is True
    assert [(str(p.number), p.extension, p.label) for p in site.phones.all()] == [
        ("+12152040100", "7", "main"),
        ("+18006624357", "", "intake"),
    ]
    service = site.services.get(kind=Kind.METHADONE)
    assert service.languages == ["es", "ru"]
    assert service.access["medicaid"] is True
    assert report.counts["created"] == 1
    record = SourceRecord.objects.get()
    assert record.content == row
    assert record.services.count() == site.services.count() == 3


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    rows = [a_facility(number, service_code_info=OTP_CODES) for number in TEN]
    directory(tmp_path, *rows)
    before = everything()
    report = directory(tmp_path, *reversed(rows))
    assert everything() == before
    assert report.counts["unchanged"] == report.counts["read"] == 10


def test_every_row_is_counted_once(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    rows += [a_facility(11, service_code_info="SA HH"), a_facility(12, state="Hospital"), rows[0]]
    counts = directory(tmp_path, *rows).totals()
    names = ("created", "merged", "changed", "unchanged", "refused", "not_ours")
    assert counts["read"] == sum(counts[name] for name in names) == 13
    assert (counts["refused"], counts["not_ours"]) == (2, 1)


def test_a_legend_of_codes_is_no_facility(tmp_path: Path) -> None:
    legend = a_facility(2, name1="", name2="SA", street1="DT", state="HI", zip="OP")
    empty = dict.fromkeys(legend, "") | {"facility_id": "x", "directory_type": "substance"}
    report = directory(tmp_path, a_facility(1), legend, empty)
    assert [row["reason"] for row in report.refusals] == [
        "Not a facility: a legend of codes.",
        "Not a facility: an empty row.",
    ]


def test_lost_zeros_of_a_zip_are_restored(tmp_path: Path) -> None:
    directory(tmp_path, a_facility(1, city="Ansonia", state="CT", zip="6401"))
    assert Site.objects.get().postal_code == "06401"


def test_an_undiallable_phone_is_dropped_with_a_warning_and_kept_verbatim(tmp_path: Path) -> None:
    report = directory(tmp_path, a_facility(phone="875-972-4000"))
    assert Site.objects.get().phones.count() == 0
    assert "875-972-4000" in report.warnings[0]["warning"]
    assert SourceRecord.objects.get().content["phone"] == "875-972-4000"


def test_both_directories_rows_of_a_facility_are_one_site(tmp_path: Path) -> None:
    here = {"name1": "Shelby Center", "street1": "12 Market Street"}
    substance = a_facility(1, **here, service_code_info="SA * OP ORT * PI")
    mental = a_facility(
        2,
        **here | {"street1": "12 Market St, Suite 4"},
        facility_id="mental_2",
        directory_type="mental",
        service_code_info="SA MH * OP * MD * SP",
    )
    report = directory(tmp_path, substance, mental)
    service = Service.objects.get()
    assert service.access == {"private_insurance": True, "medicaid": True}
    assert service.source_records.count() == 2
    assert (report.counts["created"], report.counts["merged"]) == (1, 1)


def test_a_geocoded_feed_moves_a_site_from_its_zip_to_its_door(tmp_path: Path) -> None:
    here: dict[str, Any] = {"name1": "Spring Clinic", "street1": "900 Spring Garden Street"}
    directory(tmp_path, a_facility(**here, service_code_info=OTP_CODES))
    otps(tmp_path, an_otp(ID="Spring Clinic, Inc.", ADDRESS="900 Spring Garden St."))
    site = Site.objects.get()
    assert site.location is not None
    assert (site.location.y, site.location_accuracy) == (39.961, "street")
    assert site.services.get(kind=Kind.METHADONE).source_records.count() == 2


def test_moud_methadone_alone_is_no_proof_but_is_kept(tmp_path: Path) -> None:
    report = mouds(tmp_path, a_moud_row("methadone"), a_moud_row("buprenorphine"))
    assert listed() == {("Spring Clinic", "buprenorphine")}
    assert SourceRecord.objects.count() == 2
    assert report.counts["unproven"] == 1


@pytest.mark.parametrize("otp_first", [True, False])
def test_the_order_of_feeds_does_not_matter(tmp_path: Path, otp_first: bool) -> None:
    def otp() -> None:
        otps(tmp_path, an_otp(ID="Spring Clinic, LLC", ADDRESS="900 Spring Garden St"))

    def moud() -> None:
        mouds(tmp_path, *(a_moud_row(one) for one in ("methadone", "naltrexone/vivitrol")))

    for step in (otp, moud) if otp_first else (moud, otp):
        step()
    site = Site.objects.get()
    assert listed() == {("Spring Clinic, LLC", "methadone")}
    assert (site.retired_at, site.naltrexone) == (None, True)
    assert site.services.get().source_records.count() == 2
    assert Organization.objects.count() == 1


def test_naltrexone_is_a_fact_of_the_site_not_a_service(tmp_path: Path) -> None:
    mouds(tmp_path, a_moud_row("naltrexone/vivitrol"), a_moud_row("buprenorphine"))
    assert listed() == {("Spring Clinic", "buprenorphine")}
    assert Site.objects.get().naltrexone is True


def test_a_site_that_offers_nothing_we_list_is_not_listed(tmp_path: Path) -> None:
    mouds(tmp_path, a_moud_row("naltrexone/vivitrol"))
    assert not Site.objects.listed().exists()
    assert SourceRecord.objects.count() == 1


def test_latin_1_bytes_are_read(tmp_path: Path) -> None:
    path = a_csv(tmp_path, an_otp(ID="Cl\u00ednica de Tratamiento"), encoding="cp1252")
    import_file("samhsa_otp", path)
    assert Site.objects.get().name == "Cl\u00ednica de Tratamiento"


def test_na_is_nothing(tmp_path: Path) -> None:
    mouds(tmp_path, a_moud_row("buprenorphine", name2="NA", street2="NA"))
    site = Site.objects.get()
    assert (site.name, site.address_extra) == ("Spring Clinic", "")


def test_one_organization_per_name_and_state(tmp_path: Path) -> None:
    rows = [
        a_facility(1, name1="Shelby Center Inc"),
        a_facility(2, name1="Shelby Center"),
        a_facility(3, name1="Shelby Center", city="Ansonia", state="CT", zip="6401"),
    ]
    directory(tmp_path, *rows)
    assert sorted(Organization.objects.values_list("region", flat=True)) == ["CT", "PA"]


def test_a_changed_row_changes_its_site(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    rows[0] |= {"phone": "215-204-0199", "service_code_info": "SA * OP ORT OTP"}
    report = directory(tmp_path, *rows)
    assert (report.counts["changed"], report.counts["unchanged"]) == (1, 9)
    site = Service.objects.get(kind=Kind.METHADONE).site
    assert [str(phone.number) for phone in site.phones.all()] == ["+12152040199"]


def test_what_people_edited_stays_until_the_feed_says_something_new(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    site = SourceRecord.objects.get(key="substance_1").site
    Site.objects.filter(pk=site.pk).update(name="By hand", website="https://hand.example")
    Service.objects.filter(site=site).update(access={"walk_in": True})
    rows[0] |= {"street1": "777 Market Street", "service_code_info": "SA * OP ORT * MD"}
    directory(tmp_path, *rows)
    site.refresh_from_db()
    assert (site.name, site.website, site.address) == (
        "By hand", "https://hand.example", "777 Market Street",
    )  # fmt: skip
    assert site.services.get().access == {"walk_in": True, "medicaid": True}


def test_a_hidden_site_keeps_its_point(tmp_path: Path) -> None:
    here: dict[str, Any] = {"name1": "Spring Clinic", "street1": "900 Spring Garden Street"}
    directory(tmp_path, a_facility(**here, service_code_info=OTP_CODES))
    shown = Point(-75.2, 39.9, srid=4326)
    Site.objects.update(visibility=Visibility.APPROXIMATE, displaced_location=shown)
    otps(tmp_path, an_otp(ID="Spring Clinic, Inc.", ADDRESS="900 Spring Garden St."))
    assert Site.objects.get().location_accuracy == "postal_code"


def test_a_vanished_row_retires_its_service_and_comes_back(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    report = directory(tmp_path, *rows[1:])
    gone = SourceRecord.objects.get(key="substance_1")
    assert gone.vanished_at is not None
    assert gone.site.retired_at is not None
    assert not ServiceSourcing.objects.filter(record=gone).exists()
    assert (report.counts["vanished"], report.counts["retired"]) == (1, 1)
    back = directory(tmp_path, *rows)
    assert Site.objects.get(pk=gone.site_id).retired_at is None
    assert Service.objects.listed().count() == 10
    assert back.counts["changed"] == 1


def test_a_service_another_feed_still_names_is_not_retired(tmp_path: Path) -> None:
    rows = [a_facility(number, service_code_info="SA * OP OMB OTP") for number in TEN]
    directory(tmp_path, *rows)
    otps(tmp_path, an_otp(ID=rows[0]["name1"], ADDRESS=rows[0]["street1"]))
    directory(tmp_path, *rows[1:])
    site = SourceRecord.objects.get(key="substance_1").site
    assert site.retired_at is None
    assert site.services.get().retired_at is None


def test_what_a_clinics_own_people_keep_true_is_not_taken_from_them(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    site = SourceRecord.objects.get(key="substance_1").site
    an_account(Role.CLINIC_STAFF, site.organization)
    directory(tmp_path, rows[0] | {"name1": "Another Owner"}, *rows[1:])
    assert Site.objects.get(pk=site.pk).organization == site.organization
    directory(tmp_path, *rows[1:])
    site.refresh_from_db()
    assert site.retired_at is None
    assert site.services.get().retired_at is None


def test_what_people_retired_stays_retired(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    site = SourceRecord.objects.get(key="substance_1").site
    Site.objects.filter(pk=site.pk).update(retired_at=timezone.now())
    rows[0]["phone"] = "215-204-0199"
    directory(tmp_path, *rows)
    site.refresh_from_db()
    assert site.retired_at is not None


def test_a_file_that_drops_a_fifth_is_held_and_says_how_to_go_on(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    before = everything()
    with pytest.raises(ImportHeldError, match="drops 3 of the 10"):
        directory(tmp_path, *rows[3:])
    assert everything() == before
    run = ImportRun.objects.get(status=ImportRun.Status.HELD)
    assert "--accept-loss" in run.message
    assert str(run.pk) in run.message
    accept(run)
    assert Service.objects.listed().count() == 7
    run.refresh_from_db()
    assert (run.status, bool(run.file)) == (ImportRun.Status.APPLIED, False)


def test_a_held_run_is_accepted_once(tmp_path: Path) -> None:
    directory(tmp_path, a_facility(1))
    run = ImportRun.objects.get()
    with pytest.raises(FileRefusedError, match="nothing to accept"):
        accept(run)


def test_accept_loss_goes_on_at_once(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    report = directory(tmp_path, *rows[5:], accept_loss=True)
    assert report.counts["retired"] == 5


def test_exactly_a_fifth_is_not_held(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    assert directory(tmp_path, *rows[2:]).counts["retired"] == 2


def test_a_row_that_can_no_longer_be_read_has_not_vanished(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    rows[0] |= {"zip": "99999", "city": "Nowhere"}
    report = directory(tmp_path, *rows)
    assert (report.counts["refused"], report.counts["vanished"]) == (1, 0)
    assert Service.objects.listed().count() == 10


def test_one_page_of_many_never_retires_anything(tmp_path: Path) -> None:
    rows = [a_found_facility(number) for number in range(1, 7)]
    import_file("samhsa_directory", a_find_treatment_page(tmp_path, *rows, pages=3))
    page = a_find_treatment_page(tmp_path, a_found_facility(9), pages=3)
    report = import_file("samhsa_directory", page)
    assert (report.counts["vanished"], Service.objects.listed().count()) == (0, 7)


def test_findtreatments_labels_are_read_under_their_headings(tmp_path: Path) -> None:
    otp = a_found_facility(
        1,
        {
            "OT": "SAMHSA-certified Opioid Treatment Program; Buprenorphine maintenance",
            "OL": "German",
        },
        hotline1="988",
        phone="215-204-0100",
    )
    used = a_found_facility(
        2, {"OM": "Methadone used in Treatment", "OT": "Methadone maintenance", "PHR": "Methadone"}
    )
    import_file("samhsa_directory", a_find_treatment_page(tmp_path, otp, used))
    site = Service.objects.get(kind=Kind.METHADONE).site
    assert site.name == otp["name1"]
    assert {(str(phone.number), phone.label) for phone in site.phones.all()} == {
        ("+12152040100", "main"),
        ("988", "hotline"),
    }
    assert site.services.get(kind=Kind.BUPRENORPHINE).languages == ["de"]
    assert site.source_records.get().source_id == "findtreatment-2019"


def test_moving_rows_of_a_search_is_no_change(tmp_path: Path) -> None:
    row = a_found_facility(1)
    import_file("samhsa_directory", a_find_treatment_page(tmp_path, row))
    moved = a_find_treatment_page(tmp_path, row | {"_irow": 7, "miles": 12.5})
    assert import_file("samhsa_directory", moved).counts["unchanged"] == 1


def test_renumbered_rows_find_their_sites_again(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    before = set(Site.objects.listed().values_list("pk", "name"))
    for number, row in enumerate(reversed(rows), start=1):
        row["facility_id"] = f"substance_{number}"
    directory(tmp_path, *rows)
    assert set(Site.objects.listed().values_list("pk", "name")) == before
    assert Site.objects.count() == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x8b broken", b'{"rows": [', b"facility_id,name1\n1,2\n", b"a" * 100],
)
def test_a_broken_file_changes_nothing_and_is_recorded(tmp_path: Path, content: bytes) -> None:
    directory(tmp_path, *[a_facility(number) for number in TEN])
    before = everything()
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefusedError):
        import_file("samhsa_directory", path)
    assert everything() == before
    assert ImportRun.objects.get(status=ImportRun.Status.FAILED).message


def test_a_header_without_rows_changes_nothing(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in TEN]
    directory(tmp_path, *rows)
    path = tmp_path / "empty.csv"
    path.write_text(",".join(rows[0]) + "\n", encoding="utf-8")
    with pytest.raises(FileRefusedError, match="no rows"):
        import_file("samhsa_directory", path)
    assert Service.objects.listed().count() == 10


def test_a_crash_half_way_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory(tmp_path, *[a_facility(number) for number in TEN])
    before = everything()

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.imports.runs.write_sourcings", crash)
    with pytest.raises(ZeroDivisionError):
        directory(tmp_path, *[a_facility(number, phone="215-204-0177") for number in TEN])
    assert everything() == before
    assert ImportRun.objects.filter(status=ImportRun.Status.FAILED).exists()


def test_a_second_import_waits_and_says_so_if_it_waits_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PATIENCE", "50ms")
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [runs.LOCK])
        with pytest.raises(ImportBusyError, match="under way"):
            directory(tmp_path, a_facility(1))
    assert not Site.objects.exists()
    assert directory(tmp_path, a_facility(1)).counts["created"] == 1
