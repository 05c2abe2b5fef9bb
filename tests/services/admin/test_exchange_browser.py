"""Export and import in a real browser, under the policy that production sends."""

from pathlib import Path
from typing import Any

from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from services.models import Site
from tests.builders import a_site
from tests.services.admin.test_exchange import kept_files
from tests.services.admin.test_point_picker import (
    browser_page,
    complaints,
    pytestmark,
)

__all__ = [
    "browser_page",
    "complaints",
    "kept_files",
    "pytestmark",
]


def test_a_file_is_exported_edited_previewed_and_applied(
    browser_page: Any, live_server: LiveServer, complaints: list[str], tmp_path: Path
) -> None:
    site = a_site(name="Door on Broad")
    page, wanted = browser_page, tmp_path / "sites.csv"
    page.goto(live_server.url + reverse("admin:services_site_changelist"))
    page.click(".export_link")
    page.check("input[value=csv]")
    with page.expect_download() as download:
        page.click("input[value=Export]")
    download.value.save_as(wanted)
    told = wanted.read_text("utf-8")
    wanted.write_text(told.replace("Door on Broad", "Door on Pine"), "utf-8")
    page.goto(live_server.url + reverse("admin:services_site_changelist"))
    page.click(".import_link")
    page.set_input_files("input[type=file]", wanted)
    page.click("input[value=Preview]")
    assert "Door on Pine" in page.inner_text("#changed + .wide")
    page.click("input[value=Apply]")
    assert page.inner_text("h1") == "What this file changed"
    site.refresh_from_db()
    assert site.name == "Door on Pine"
    assert complaints == []


def test_rows_chosen_on_the_list_are_exported(
    browser_page: Any, live_server: LiveServer, complaints: list[str], tmp_path: Path
) -> None:
    names = [a_site().name, a_site().name]
    page, wanted = browser_page, tmp_path / "sites.csv"
    page.goto(live_server.url + reverse("admin:services_site_changelist"))
    page.locator("tr", has_text=names[0]).locator("input.action-select").check()
    page.select_option("select[name=action]", "export_chosen")
    page.click("button[name=index]")
    page.check("input[value=csv]")
    with page.expect_download() as download:
        page.click("input[value=Export]")
    download.value.save_as(wanted)
    told = wanted.read_text("utf-8")
    assert (names[0] in told, names[1] in told) == (True, False)
    assert complaints == []
    assert Site.objects.count() == len(names)
