"""Hostile spreadsheets: refused with what to do, row by row where it can be, and nothing written.

That each is cheap is measured by ``make prove-imports``.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from services.exchange.lines import Outcome
from services.exchange.problems import FileRefusedError
from services.models import Site, User
from services.vocabulary import Role
from tests.builders import a_site, an_account
from tests.hostile.cases import HostileSheet
from tests.hostile.csv import CSV
from tests.hostile.state import everything
from tests.hostile.xlsx import XLSX
from tests.services.admin.door import signed_in
from tests.services.exchange.files import Cells, planned, rows_of
from tests.services.outward import Watch, watched

__all__ = ["watched"]

SHEETS = [*CSV, *XLSX]
every_sheet = pytest.mark.parametrize("case", SHEETS, ids=lambda case: case.name)
SAYS_WHAT_TO_DO = re.compile(
    r"split|[Ss]ave|shorten|delete|Keep|look for|export|take that off|add them|Export|Delete"
)


@pytest.fixture
def site(db: None) -> Site:
    return a_site(website="https://clinic.example/")


@pytest.fixture
def staff(site: Site) -> User:
    return an_account(Role.CLINIC_STAFF, site.organization, is_staff=True)


@pytest.fixture
def told(site: Site) -> Cells:
    (row,) = rows_of("sites")
    return row


@pytest.fixture(autouse=True)
def _previews_apart(settings: Any, tmp_path: Path) -> None:
    alias = settings.STORAGES["import_export"]
    options = alias["OPTIONS"] | {"location": str(tmp_path / "previews")}
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES |= {"import_export": alias | {"OPTIONS": options}, "staticfiles": static}
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = False


@pytest.fixture
def before(site: Site, staff: User) -> Iterator[None]:
    """Whatever comes in, nothing is otherwise afterwards."""
    stood = everything()
    yield
    assert everything() == stood


def test_there_are_enough_and_each_has_a_name() -> None:
    names = [(case in XLSX, case.name) for case in SHEETS]
    assert len(set(names)) == len(names) >= 100


@every_sheet
@pytest.mark.usefixtures("before")
def test_a_preview_names_rows_and_reasons(
    case: HostileSheet, told: Cells, staff: User, watched: Watch
) -> None:
    content = case.make(told)
    if case.says:
        with pytest.raises(FileRefusedError, match=case.says) as refusal:
            planned("sites", content, staff)
        assert SAYS_WHAT_TO_DO.search(str(refusal.value)) or "export" in str(refusal.value)
        assert len(str(refusal.value)) < 500
    else:
        lines = planned("sites", content, staff).lines
        refused = [line for line in lines if line.outcome is Outcome.REFUSED]
        assert {line.number: line.problems[0].column for line in refused} == dict(case.refused)
        assert all(problem.message for line in refused for problem in line.problems)
        others = {line.outcome for line in lines if line not in refused}
        assert others <= {Outcome.UNCHANGED}
    assert watched == []


@every_sheet
@pytest.mark.usefixtures("before")
def test_the_admin_shows_what_is_wrong(case: HostileSheet, told: Cells, staff: User) -> None:
    file = SimpleUploadedFile("sites.xlsx", case.make(told))
    page = signed_in(staff).post(reverse("admin:services_site_import"), {"file": file})
    shown = page.content.decode()
    assert page.status_code == 200
    if case.says:
        assert page.context["form"].errors["file"]
    else:
        assert page.context["plan"].count(Outcome.REFUSED) == len(case.refused)
        assert 'name="token"' not in shown
    assert "<script>alert" not in shown
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", shown)


@every_sheet
@pytest.mark.usefixtures("before")
def test_the_command_tells_it_and_applies_nothing(
    case: HostileSheet, told: Cells, staff: User, tmp_path: Path
) -> None:
    path, out = tmp_path / "listings", io.StringIO()
    path.write_bytes(case.make(told))
    arguments = ("import_listings", str(path), "--as", staff.username, "--apply")
    try:
        call_command(*arguments, stdout=out)
    except CommandError as refusal:
        out.write(str(refusal))
        assert case.says or len(case.refused) == 0
    for number in case.refused:
        assert f"Row {number}, " in out.getvalue()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out.getvalue())
