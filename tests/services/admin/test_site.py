from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from services.models import Organization, Phone, Service, Site
from services.vocabulary import Availability, Delivery, Kind, Visibility
from tests.builders import a_report, a_service, a_site, an_organization
from tests.services.admin.forms import errors_of, submit, values_on

pytestmark = pytest.mark.django_db
ADD = "/admin/services/site/add/"


def page(site: Site) -> str:
    return reverse("admin:services_site_change", args=[site.pk])


def add(client: Client, **values: Any) -> Any:
    said = {"name": "Van at the library", "organization": str(an_organization().pk)}
    where = {"location_lat": "34.0522", "location_lon": "-118.2437", "region": "CA"}
    return submit(client, ADD, "site_form", **(said | where | values))


def test_saving_a_page_as_it_stands_changes_nothing(client: Client) -> None:
    site = a_site(39.952612345678, -75.16521234567, website="https://clinic.example/")
    before = Site.objects.filter(pk=site.pk).values().get()
    assert submit(client, page(site), "site_form").status_code == 302
    after = Site.objects.filter(pk=site.pk).values().get()
    assert before | {"updated_at": None} == after | {"updated_at": None}


def test_a_new_site_gets_the_time_zone_of_its_point(client: Client) -> None:
    assert add(client).status_code == 302
    site = Site.objects.get()
    assert site.location
    assert (site.time_zone, site.location.y) == ("America/Los_Angeles", 34.0522)


def test_a_new_approximate_site_gets_its_displaced_point(client: Client) -> None:
    add(client, visibility="approximate")
    assert Site.objects.get().displaced_location


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"location_lat": ""}, "location"),
        ({"location_lat": "", "location_lon": ""}, "location"),
        ({"location_lat": "91"}, "location"),
        ({"location_lat": "nan"}, "location"),
        ({"location_lon": "118.2437"}, "location"),
        ({"delivery": "remote"}, "time_zone"),
        ({"delivery": "remote", "time_zone": "America/Denver", "visibility": "approximate"},
         "visibility"),
        ({"visibility": "phone_only", "region": ""}, "region"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_refused_where_it_is_wrong(
    client: Client, values: dict[str, str], field: str
) -> None:
    assert field in errors_of(add(client, **values))
    assert not Site.objects.exists()


def test_guam_lies_in_the_east(client: Client) -> None:
    place = {"location_lat": "13.4443", "location_lon": "144.7937", "region": "GU"}
    assert add(client, **place).status_code == 302


def test_a_site_that_becomes_remote_loses_its_point(client: Client) -> None:
    site = a_site()
    submit(client, page(site), "site_form", delivery="remote")
    site.refresh_from_db()
    assert (site.delivery, site.location) == (Delivery.REMOTE, None)


def test_the_page_of_an_approximate_site_shows_both_points(client: Client) -> None:
    site = a_site(visibility=Visibility.APPROXIMATE)
    true, displaced = site.location, site.displaced_location
    assert true
    assert displaced
    shown = client.get(page(site)).context["adminform"].form.fields["location"].widget.shown
    assert shown["displaced"] == [displaced.y, displaced.x]
    assert shown["point"] == [true.y, true.x]
    hidden = a_site(visibility=Visibility.PHONE_ONLY)
    shown = client.get(page(hidden)).context["adminform"].form.fields["location"].widget.shown
    assert shown["displaced"] is None


def test_who_shows_an_exact_place_is_told_what_that_means(client: Client) -> None:
    site = a_site(visibility=Visibility.APPROXIMATE)
    url = page(site)
    response = submit(client, url, "site_form", visibility="public")
    assert b"exact point and address now" in client.get(response["Location"]).content


def test_phones_and_services_are_added_on_the_page(client: Client) -> None:
    site = a_site()
    phone = {"phones-TOTAL_FORMS": "2", "phones-1-number": "988", "phones-1-label": "crisis"}
    phone |= {"phones-1-position": "1", "phones-1-site": str(site.pk)}
    service = {"services-TOTAL_FORMS": "1", "services-0-kind": "naloxone"}
    response = submit(client, page(site), "site_form", **phone, **service)
    assert response.status_code == 302
    assert Phone.objects.filter(site=site).count() == 2
    assert Service.objects.get(site=site).kind == Kind.NALOXONE


def phones(client: Client, site: Site, *numbers: str) -> Any:
    said: dict[str, str] = {"phones-TOTAL_FORMS": str(1 + len(numbers))}
    for row, number in enumerate(numbers, start=1):
        said |= {f"phones-{row}-number": number, f"phones-{row}-label": "more"}
        said |= {f"phones-{row}-position": str(row), f"phones-{row}-site": str(site.pk)}
    return submit(client, page(site), "site_form", **said)


@pytest.mark.parametrize(
    ("written", "stored"),
    [("(215) 555-0111", "+12155550111"), ("+44 20 7946 0018", "+442079460018"), ("211", "211")],
)
def test_a_number_is_written_as_people_write_it(client: Client, written: str, stored: str) -> None:
    site = a_site()
    assert phones(client, site, written).status_code == 302
    assert str(Phone.objects.get(site=site, position=1).number) == stored
    assert submit(client, page(site), "site_form").status_code == 302


@pytest.mark.parametrize("numbers", [["911 now"], ["12345"], ["988", "988"], ["+12155550100"]])
def test_a_number_that_nobody_can_dial_or_that_stands_twice_is_refused(
    client: Client, numbers: list[str]
) -> None:
    assert phones(client, a_site(), *numbers).status_code == 200
    assert Phone.objects.count() == 1


def test_a_page_that_stood_open_undoes_no_report(client: Client) -> None:
    service = a_service(name="Old name")
    values = {"services-0-name": "New name"}
    said = values_on(client, page(service.site), "site_form") | values
    a_report(service, remaining=2)
    client.post(page(service.site), said)
    service.refresh_from_db()
    assert (service.name, service.state) == ("New name", Availability.AVAILABLE)


def test_sites_are_retired_and_listed_again_by_action(client: Client) -> None:
    site = a_site()
    url = reverse("admin:services_site_changelist")
    for action, listed in (("retire_chosen", False), ("list_chosen_again", True)):
        client.post(url, {"action": action, "_selected_action": [str(site.pk)]})
        assert Site.objects.listed().exists() is listed


def test_the_history_says_what_became_what_and_who_did_it(client: Client) -> None:
    site = a_site(name="Old name")
    submit(client, page(site), "site_form", name="New name")
    html = client.get(reverse("admin:services_site_history", args=[site.pk])).content.decode()
    assert "<del>Old name</del> → New name" in html
    assert "<td>moderator</td>" in html


def test_the_history_of_a_row_that_is_none_is_no_crash(client: Client) -> None:
    gone = client.get("/admin/services/site/no-such-id/history/")
    assert gone.status_code == 302


def test_an_organization_keeps_what_others_changed(client: Client) -> None:
    organization = an_organization(name="Old name", website="https://old.example/")
    url = reverse("admin:services_organization_change", args=[organization.pk])
    submit(client, url, "organization_form", name="New name")
    assert Organization.objects.get().name == "New name"
