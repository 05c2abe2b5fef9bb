"""Export and import on the lists of sites and services."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook  # type: ignore[import-untyped]

from services.admin import exchange
from services.admin.counting import FILES
from services.exchange import previews
from services.exchange.previews import KEPT, forget_old
from services.exchange.reading import read_table
from services.models import HeldChange, Organization, Site, User
from services.vocabulary import Delivery, Kind, Role
from tests.builders import a_service, a_site, an_account, an_organization
from tests.services.admin.door import signed_in
from tests.services.exchange.files import csv_of, edited, rows_of
from tests.services.mute import without_redis

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_files(settings: Any, tmp_path: Path) -> Path:
    """Where previewed files lie."""
    place = tmp_path / "previews"
    alias = settings.STORAGES["import_export"]
    options = alias["OPTIONS"] | {"location": str(place)}
    settings.STORAGES = settings.STORAGES | {"import_export": alias | {"OPTIONS": options}}
    return place / "django-import-export"


@pytest.fixture
def clinic(db: None) -> Organization:
    return an_organization()


@pytest.fixture
def staff(clinic: Organization) -> User:
    return an_account(Role.CLINIC_STAFF, clinic, is_staff=True)


def export_of(client: Client, model: str = "site", query: str = "", **form: Any) -> list[Any]:
    answer = client.post(reverse(f"admin:services_{model}_export") + query, {"form": "csv"} | form)
    return read_table(b"".join(answer.streaming_content)).rows  # type: ignore[attr-defined]


def send(client: Client, content: bytes, model: str = "site") -> Any:
    file = SimpleUploadedFile("listings.csv", content)
    return client.post(reverse(f"admin:services_{model}_import"), {"file": file})


def apply_preview(client: Client, preview: Any, model: str = "site") -> Any:
    token = preview.context["token"]
    return client.post(reverse(f"admin:services_{model}_process_import"), {"token": token})


@pytest.mark.usefixtures("_counted_anew")
def test_an_account_sends_so_many_files_an_hour_and_no_more(
    staff: User, clinic: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "FILES", dataclasses.replace(FILES, most=2))
    a_site(organization=clinic)
    browser, other = (
        signed_in(staff),
        signed_in(an_account(Role.CLINIC_STAFF, clinic, is_staff=True)),
    )
    answers = [send(browser, edited("sites", name=f"Name {number}")) for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 3600
    assert "2 within the hour" in answers[2].context["form"].errors["file"][0]
    assert send(other, edited("sites", name="Another")).status_code == 200


def test_what_cannot_be_counted_is_not_read(
    settings: Any, staff: User, clinic: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_site(organization=clinic)
    browser, content = signed_in(staff), edited("sites", name="Another")
    monkeypatch.setattr(exchange, "read_table", pytest.fail)
    without_redis(settings)
    answer = send(browser, content)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.context["form"].errors["file"]


def test_clinic_staff_export_their_own_sites_and_no_others(
    staff: User, clinic: Organization
) -> None:
    own = a_site(organization=clinic)
    a_site()
    assert [row.cells["id"] for row in export_of(signed_in(staff))] == [str(own.pk)]


def test_clinic_staff_export_their_own_services_and_no_others(
    staff: User, clinic: Organization
) -> None:
    own = a_service(a_site(organization=clinic))
    a_service()
    found = export_of(signed_in(staff), "service")
    assert [row.cells["id"] for row in found] == [str(own.pk)]


def test_a_moderator_exports_what_the_list_shows(client: Client) -> None:
    a_site(name="Here", region="PA")
    twice = a_site(name="There", region="NJ")
    a_service(twice, Kind.DETOX)
    a_service(twice, Kind.NALOXONE)
    assert [row.cells["name"] for row in export_of(client, query="?region=NJ")] == ["There"]


def test_chosen_rows_are_exported_alone(client: Client) -> None:
    chosen = a_site()
    a_site()
    page = client.post(
        reverse("admin:services_site_changelist"),
        {"action": "export_chosen", "_selected_action": [str(chosen.pk)]},
    )
    assert str(chosen.pk) in page.content.decode()
    found = export_of(client, chosen=[str(chosen.pk)])
    assert [row.cells["id"] for row in found] == [str(chosen.pk)]


def test_a_foreign_site_cannot_be_chosen(staff: User, clinic: Organization) -> None:
    a_site(organization=clinic)
    foreign = a_site()
    client = signed_in(staff)
    address = reverse("admin:services_site_export")
    answer = client.post(address, {"form": "csv", "chosen": [str(foreign.pk)]})
    assert not answer.streaming
    assert foreign.name not in answer.content.decode()


def test_the_xlsx_of_the_list_opens(client: Client) -> None:
    site = a_site(name="=1+1")
    address = reverse("admin:services_site_export")
    answer = client.post(address, {"form": "xlsx"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cell = book["sites"]["D2"]
    assert (cell.value, cell.data_type) == (site.name, "s")


def test_an_export_is_kept_by_no_cache(client: Client) -> None:
    answer: HttpResponseBase = client.post(reverse("admin:services_site_export"), {"form": "csv"})
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_preview_writes_nothing_and_then_it_is_applied(staff: User, clinic: Organization) -> None:
    site = a_site(organization=clinic)
    client = signed_in(staff)
    preview = send(client, edited("sites", address_extra="Floor 3"))
    assert "Floor 3" in preview.content.decode()
    site.refresh_from_db()
    assert site.address_extra == ""
    assert "What this file changed" in apply_preview(client, preview).content.decode()
    site.refresh_from_db()
    assert site.address_extra == "Floor 3"


def test_a_dangerous_change_is_shown_as_waiting_and_waits(
    staff: User, clinic: Organization
) -> None:
    site = a_site(organization=clinic)
    client = signed_in(staff)
    preview = send(client, edited("sites", phones="+12155550111"))
    assert "waits" in preview.content.decode()
    apply_preview(client, preview)
    assert HeldChange.objects.waiting().get().site_id == site.pk
    assert str(site.phones.get().number) == "+12155550100"


def test_a_refused_row_is_told_with_its_column(client: Client) -> None:
    a_site()
    page = send(client, edited("sites", longitude="75.1652")).content.decode()
    assert "West is negative" in page
    assert 'value="Apply"' not in page


def test_a_file_that_is_none_is_told_so(client: Client) -> None:
    page = send(client, b"\xff\xfe\x00").content.decode()
    assert "Not UTF-8" in page


def test_a_preview_is_applied_once(client: Client, kept_files: Path) -> None:
    a_site()
    preview = send(client, edited("sites", city="Camden"))
    assert len(list(kept_files.iterdir())) == 1
    apply_preview(client, preview)
    assert list(kept_files.iterdir()) == []
    assert "This preview is over" in apply_preview(client, preview).content.decode()


def test_another_account_cannot_apply_a_preview(client: Client, staff: User) -> None:
    site = a_site()
    preview = send(client, edited("sites", city="Camden"))
    answer = apply_preview(signed_in(staff), preview)
    assert "This preview is over" in answer.content.decode()
    site.refresh_from_db()
    assert site.city == "Philadelphia"


def test_a_preview_of_sites_is_none_of_services(client: Client) -> None:
    a_site()
    preview = send(client, edited("sites", city="Camden"))
    assert "over" in apply_preview(client, preview, "service").content.decode()


def test_a_previewed_file_is_private(client: Client, kept_files: Path) -> None:
    a_site()
    send(client, edited("sites", city="Camden"))
    (file,) = kept_files.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_files.stat().st_mode & 0o777 == 0o700


def test_files_that_nobody_applied_are_deleted(
    client: Client, kept_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_site()
    send(client, edited("sites", city="Camden"))
    assert forget_old() == 0
    monkeypatch.setattr(previews, "timezone", _Later)
    assert forget_old() == 1
    assert list(kept_files.iterdir()) == []


class _Later:
    @staticmethod
    def now() -> Any:
        return timezone.now() + KEPT * 2


def test_a_file_of_nothing_new_is_not_kept(client: Client, kept_files: Path) -> None:
    a_site()
    page = send(client, csv_of(rows_of("sites"))).content.decode()
    assert "Nothing to apply" in page
    assert not kept_files.exists()


def test_a_text_in_a_file_is_shown_as_a_text(client: Client) -> None:
    a_site()
    page = send(client, edited("sites", name="<script>alert(1)</script>")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_somebody_without_listings_finds_neither_button_nor_page() -> None:
    outreach = signed_in(an_account(Role.OUTREACH, is_staff=True))
    for act in ("export", "import"):
        assert outreach.get(reverse(f"admin:services_site_{act}")).status_code in {302, 403}


def test_the_list_of_sites_has_both_buttons(client: Client) -> None:
    a_site(delivery=Delivery.DOOR)
    page = client.get(reverse("admin:services_site_changelist") + "?region=PA").content.decode()
    assert reverse("admin:services_site_import") in page
    assert reverse("admin:services_site_export") + "?region=PA" in page


def test_a_new_site_comes_to_the_own_organization(staff: User, clinic: Organization) -> None:
    a_site(organization=clinic)
    client = signed_in(staff)
    new = edited("sites", id="", version="", name="New door", address="2 Broad Street")
    apply_preview(client, send(client, new))
    assert Site.objects.get(name="New door").organization == clinic
