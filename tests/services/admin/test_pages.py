import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from services.models import (
    AvailabilityReport,
    Change,
    ImportRun,
    Organization,
    Pack,
    Place,
    Service,
    Site,
    Source,
    SourceRecord,
    User,
)
from services.vocabulary import Kind
from tests.builders import a_pack, a_place, a_record_of, a_report, a_service, a_site, a_source

READ_ONLY = [AvailabilityReport, Change, ImportRun, Pack, SourceRecord]
EDITED = [Organization, Place, Service, Site, Source, User]


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:services_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def listings(moderator: User) -> None:
    """Three of everything."""
    for number in range(3):
        service = a_service(a_site(), Kind.DETOX, hours="Mo-Fr 09:00-17:00")
        a_service(service.site, Kind.NALOXONE)
        a_report(service, remaining=number + 1, ago=dt.timedelta(hours=number))
        a_record_of(service)
        a_place(f"1910{number}", 39.95, -75.16)
        a_pack(f"US-{number}")
        ImportRun.objects.create(source=a_source(), feed="samhsa_otp", file_name="otp.csv")


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize("model", EDITED + READ_ONLY)
def test_every_model_has_a_list_and_a_page(client: Client, model: Any) -> None:
    assert client.get(url(model, "changelist")).status_code == 200
    row = model.objects.first()
    assert client.get(url(model, "change", row.pk)).status_code == 200
    assert client.get(url(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", EDITED)
def test_what_people_edit_can_be_added(client: Client, model: Any) -> None:
    assert client.get(url(model, "add")).status_code == 200


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize("model", READ_ONLY)
def test_what_reports_and_feeds_wrote_cannot_be_touched(client: Client, model: Any) -> None:
    row = model.objects.first()
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk), {}).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(url(model, "changelist"), chosen)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize("model", [Site, Service, Source])
def test_listings_are_not_deleted(client: Client, model: Any) -> None:
    row = model.objects.first()
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_only_an_organization_without_sites_can_be_deleted(client: Client) -> None:
    site = a_site()
    gone = url(Organization, "delete", site.organization_id)
    assert client.post(gone, {"post": "yes"}).status_code == 403
    empty = Organization.objects.create(name="Typed by mistake")
    client.post(url(Organization, "delete", empty.pk), {"post": "yes"})
    assert not Organization.objects.filter(pk=empty.pk).exists()


SIGNED_IN = 1  # the second factor; session and account are in the numbers below
QUERIES = {
    Site: 7,
    Service: 6,
    Organization: 6,
    AvailabilityReport: 6,
    SourceRecord: 5,
    ImportRun: 8,
    Place: 6,
    Change: 6,
    Pack: 6,
    Source: 6,
}


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize(("model", "queries"), QUERIES.items())
def test_a_list_asks_as_often_for_many_rows_as_for_few(
    client: Client, model: Any, queries: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(queries + SIGNED_IN):
        client.get(url(model, "changelist"))


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize(
    ("model", "words"),
    [(Site, "market"), (Service, "19103"), (Organization, "clinic"), (Place, "1910"),
     (SourceRecord, "site"), (AvailabilityReport, "site")],
)  # fmt: skip
def test_lists_can_be_searched(client: Client, model: Any, words: str) -> None:
    found = client.get(url(model, "changelist"), {"q": words}).context["cl"]
    assert found.result_count >= 3
    assert not client.get(url(model, "changelist"), {"q": "nowhere"}).context["cl"].result_count


@pytest.mark.usefixtures("listings")
def test_the_kinds_of_a_site_are_found_by_filter(client: Client) -> None:
    chosen = {"services__kind__exact": Kind.DETOX.value}
    assert client.get(url(Site, "changelist"), chosen).context["cl"].result_count == 3
    chosen = {"services__kind__exact": Kind.METHADONE.value}
    assert client.get(url(Site, "changelist"), chosen).context["cl"].result_count == 0


@pytest.mark.usefixtures("listings")
@pytest.mark.parametrize(("word", "found"), [("stands", 3), ("expired", 0), ("never", 3)])
def test_services_are_found_by_whether_their_word_stands(
    client: Client, word: str, found: int
) -> None:
    cl = client.get(url(Service, "changelist"), {"word": word}).context["cl"]
    assert cl.result_count == found


def test_no_page_runs_inline_code_or_names_another_host(client: Client) -> None:
    service = a_service(hours="24/7")
    pages = [url(Site, "change", service.site_id), url(Service, "change", service.pk)]
    for page in [*pages, url(Site, "add"), reverse("admin:index")]:
        html = client.get(page).content.decode()
        assert "style=" not in html
        assert "onclick=" not in html
        assert 'src="http' not in html


def test_browsers_name_our_pages_to_us_so_that_forms_are_believed(client: Client) -> None:
    pages = [reverse("admin:login"), reverse("admin:index"), url(Site, "add")]
    for page in pages:
        assert client.get(page)["Referrer-Policy"] == "same-origin"
