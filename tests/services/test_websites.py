"""No address of the web that is stored leads elsewhere than it seems, whichever way it came."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from services.editing import EditRefusedError
from services.exchange.lines import Outcome
from services.imports.runs import import_file
from services.listing_edits import edit_listing
from services.models import Organization, Site, User
from services.vocabulary import Role
from services.websites import WebsiteRefusedError, website_as_kept
from tests.builders import a_site, a_token, an_account
from tests.services.admin.door import signed_in
from tests.services.admin.forms import values_on
from tests.services.exchange.files import applied, csv_of, only, planned, rows_of, xlsx_of
from tests.services.imports.files import a_find_treatment_page, a_found_facility, places
from tests.services.outward import Watch, watched
from tests.services.web_payloads import KEPT, REFUSED

__all__ = ["places", "watched"]


SHORT = 12  # characters; such a one may stand in the words of what to do


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_leads_elsewhere_is_refused_with_what_to_do(address: str) -> None:
    with pytest.raises(WebsiteRefusedError, match=r"Use|Leave out|type it anew") as refusal:
        website_as_kept(address)
    assert len(address) < SHORT or address not in str(refusal.value)


@pytest.mark.parametrize(("address", "kept"), KEPT.items())
def test_an_address_of_the_web_is_kept_in_one_form(address: str, kept: str) -> None:
    assert website_as_kept(address) == kept
    assert website_as_kept(kept) == kept


def test_there_are_enough_of_them() -> None:
    assert len(set(REFUSED)) == len(REFUSED) >= 60


@pytest.fixture
def site(db: None) -> Site:
    return a_site(website="https://before.example/")


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_superuser("moderator", password="a long password")


def _leads_to_the_clinic(address: str) -> bool:
    return website_as_kept(address) == address and urlsplit(address).hostname == "clinic.example"


def _unchanged(site: Site) -> bool:
    site.refresh_from_db()
    return site.website == "https://before.example/"


def test_the_domain_refuses_every_one(site: Site, moderator: User) -> None:
    for address in REFUSED:
        with pytest.raises(EditRefusedError) as refusal:
            edit_listing(
                model=Site,
                pk=site.pk,
                changes={"website": address},
                account=moderator,
                versions=None,
            )
        assert refusal.value.field == "website", address
    assert _unchanged(site)


def test_the_api_refuses_every_one_by_name(site: Site, watched: Watch) -> None:
    token = a_token(an_account(Role.CLINIC_ADMIN, site.organization))
    phone, path = Client(headers={"authorization": f"Bearer {token}"}), f"/api/v1/sites/{site.pk}/"
    etag = phone.get(path)["ETag"]
    for address in REFUSED:
        body = json.dumps({"website": address})
        told = phone.patch(path, body, "application/json", headers={"if-match": etag})
        assert told.status_code == 400, address
        assert told.json()["errors"][0]["field"] == "website", address
        assert len(address) < SHORT or address not in told.json()["errors"][0]["detail"]
    assert _unchanged(site)
    assert watched == []


@pytest.mark.parametrize("model", ["site", "organization"])
def test_the_admin_refuses_every_one_on_the_page(
    settings: Any, site: Site, moderator: User, model: str
) -> None:
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = False
    Organization.objects.update(website="https://before.example/")
    row: Any = site if model == "site" else site.organization
    client, url = signed_in(moderator), reverse(f"admin:services_{model}_change", args=[row.pk])
    form = values_on(client, url, f"{model}_form")
    for address in REFUSED if model == "site" else REFUSED[::10]:  # the field is the same
        page = client.post(url, form | {"website": address})
        if page.status_code == 302:  # blanks at its ends were taken off, and the rest is good
            row.refresh_from_db()
            assert _leads_to_the_clinic(row.website), address
            type(row).objects.filter(pk=row.pk).update(website="https://before.example/")
            continue
        assert "website" in page.context["adminform"].form.errors, address
    row.refresh_from_db()
    assert row.website == "https://before.example/"


def _csv(rows: list[dict[str, str]]) -> bytes:
    return csv_of(rows)


def _xlsx(rows: list[dict[str, str]]) -> bytes:
    escaped = [
        [value.encode("unicode_escape").decode() if "\x00" in value or "\x01" in value else value
         for value in row.values()]
        for row in rows
    ]  # fmt: skip
    return xlsx_of([list(rows[0]), *escaped])


@pytest.mark.parametrize("form", [_csv, _xlsx])
def test_spreadsheets_refuse_every_one_by_row_and_column(
    site: Site, moderator: User, watched: Watch, form: Callable[[list[dict[str, str]]], bytes]
) -> None:
    (row,) = rows_of("sites")
    for address in REFUSED:
        file = form([row | {"website": address}])
        line = only(planned("sites", file, moderator))
        assert line.outcome is Outcome.REFUSED, address
        assert [problem.column for problem in line.problems] == ["website"], address
        assert line.number == 2
    assert only(applied("sites", file, moderator)).outcome is Outcome.REFUSED
    assert _unchanged(site)
    assert watched == []


@pytest.mark.usefixtures("places")
def test_a_feed_loses_the_address_and_keeps_the_row(tmp_path: Path, watched: Watch) -> None:
    rows = [
        a_found_facility(number, website=address, frid=f"{number:064}")
        for number, address in enumerate(REFUSED, start=1)
        if "\x00" not in address  # of which the whole file is refused
    ]
    report = import_file("samhsa_directory", a_find_treatment_page(tmp_path, *rows))
    assert report.counts["refused"] == 0
    left_out = {one["row"] for one in report.warnings if one["warning"].startswith("website")}
    stored = Site.objects.exclude(website="").values_list("website", flat=True)
    assert len(rows) - len(left_out) <= EMPTY_OR_GOOD
    assert all(map(_leads_to_the_clinic, stored))
    assert watched == []


EMPTY_OR_GOOD = 4  # "https://" alone says nothing; what nobody sees at the ends is taken off
