"""Export and import from a shell."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from services.exchange.reading import read_table
from services.models import Site
from services.vocabulary import Role
from tests.builders import a_service, a_site, an_account
from tests.services.exchange.files import edited

pytestmark = pytest.mark.django_db


class Shell(io.TextIOWrapper):
    """A standard output that takes bytes too."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def content(self) -> bytes:
        self.flush()
        written: Any = self.buffer
        return bytes(written.getvalue())


def export(*args: str) -> bytes:
    out = Shell()
    call_command("export_listings", *args, stdout=out)
    return out.content()


@pytest.fixture
def maria(db: None) -> str:
    return an_account(Role.MODERATOR).username


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("sheet", ["sites", "services"])
def test_an_organization_is_exported_by_id_or_name(sheet: str, form: str) -> None:
    site = a_site()
    a_service(site)
    a_service()
    for named in (str(site.organization_id), site.organization.name):
        content = export("--organization", named, "--form", form, sheet)
        (row,) = read_table(content).rows
        assert str(site.pk) in row.cells.values()


def test_an_organization_that_is_none_is_told() -> None:
    with pytest.raises(CommandError, match="No organization"):
        export("--organization", "Nowhere", "sites")


def imported(content: bytes, tmp_path: Path, *args: str) -> str:
    file, out = tmp_path / "listings.csv", io.StringIO()
    file.write_bytes(content)
    call_command("import_listings", str(file), *args, stdout=out)
    return out.getvalue()


def test_without_apply_it_is_only_told(maria: str, tmp_path: Path) -> None:
    site = a_site()
    told = imported(edited("sites", city="Camden"), tmp_path, "--as", maria)
    assert "city: 'Philadelphia' → 'Camden'" in told
    assert "Add --apply" in told
    assert Site.objects.get(pk=site.pk).city == "Philadelphia"


def test_with_apply_it_is_done(maria: str, tmp_path: Path) -> None:
    site = a_site()
    told = imported(edited("sites", city="Camden"), tmp_path, "--as", maria, "--apply")
    assert "1 rows: 0 unchanged, 1 changed" in told
    assert Site.objects.get(pk=site.pk).city == "Camden"


def test_a_file_of_services_is_known_by_its_columns(maria: str, tmp_path: Path) -> None:
    a_service()
    told = imported(edited("services", min_age="old"), tmp_path, "--as", maria)
    assert "min_age: Use a whole number" in told


def test_an_account_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No active account"):
        imported(b"id\r\n", tmp_path, "--as", "nobody")


def test_a_file_that_is_none_is_told(maria: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Missing in the first row"):
        imported(b"id\r\n", tmp_path, "--as", maria)
    with pytest.raises(CommandError, match="Cannot read"):
        call_command("import_listings", str(tmp_path / "none.csv"), "--as", maria)
