import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from services.models import AvailabilityReport, Hours, Service
from services.vocabulary import Availability, Kind
from tests.builders import a_report, a_service, a_site
from tests.services.admin.forms import errors_of, submit, values_on

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def page(service: Service) -> str:
    return reverse("admin:services_service_change", args=[service.pk])


def edit(client: Client, service: Service, **changes: Any) -> Any:
    response = submit(client, page(service), "service_form", **changes)
    service.refresh_from_db()
    return response


def report(client: Client, service: Service, **said: Any) -> Any:
    values = {"id": str(uuid.uuid4()), "state": "available"}
    url = reverse("admin:services_service_report", args=[service.pk])
    response = client.post(url, values | said)
    service.refresh_from_db()
    return response


def test_saving_a_page_as_it_stands_changes_nothing(client: Client) -> None:
    service = a_service(
        kind=Kind.DETOX,
        hours="Mo-Fr 09:00-17:00",
        access={"walk_in": True, "id_required": False},
        languages=["en", "es"],
        asam_levels=["3.7-WM"],
        asam_edition=4,
    )
    before = Service.objects.filter(pk=service.pk).values().get()
    assert edit(client, service).status_code == 302
    after = Service.objects.filter(pk=service.pk).values().get()
    assert before | {"updated_at": None} == after | {"updated_at": None}


def test_an_access_fact_is_yes_no_or_unknown(client: Client) -> None:
    service = a_service(access={"walk_in": True, "medicaid": True})
    edit(client, service, **{"access-walk_in": "no", "access-medicaid": "", "access-free": "yes"})
    assert service.access == {"walk_in": False, "free": True}


def test_low_barrier_is_derived(client: Client) -> None:
    service = a_service(access={"walk_in": False})
    assert b"No (follows from the facts above)" in client.get(page(service)).content


def test_languages_are_codes(client: Client) -> None:
    service = a_service()
    edit(client, service, languages="ES, en,es")
    assert service.languages == ["en", "es"]
    assert "languages" in errors_of(edit(client, service, languages="Spanish, e1"))


def test_levels_name_their_edition(client: Client) -> None:
    service = a_service(kind=Kind.DETOX)
    assert "asam_edition" in errors_of(edit(client, service, asam_levels=["3.7-WM"]))
    edit(client, service, asam_levels=["3.7-WM", "4-WM"], asam_edition="4")
    assert service.asam_levels == ["3.7-WM", "4-WM"]


def test_ages_are_in_order(client: Client) -> None:
    assert "max_age" in errors_of(edit(client, a_service(), min_age="21", max_age="18"))


def test_hours_are_valid_or_refused(client: Client) -> None:
    service = a_service()
    new = {"hours-TOTAL_FORMS": "1", "hours-0-type": "open"}
    response = edit(client, service, **new, **{"hours-0-rule": "weekdays at nine"})
    assert response.status_code == 200
    empty = {"hours-0-type": "intake", "hours-0-rule": ""}
    assert edit(client, service, **(new | empty)).status_code == 200
    assert not Hours.objects.exists()
    edit(client, service, **new, **{"hours-0-rule": "Mo-Fr 09:00-17:00"})
    assert Hours.objects.get().rule == "Mo-Fr 09:00-17:00"


def test_what_a_feed_said_of_hours_stays_verbatim(client: Client) -> None:
    service = a_service()
    Hours.objects.create(service=service, type="open", verbatim="mornings, call first")
    edit(client, service, **{"hours-0-verbatim": "rewritten", "hours-0-type": "intake"})
    assert Hours.objects.values_list("type", "verbatim").get() == ("intake", "mornings, call first")


@time_machine.travel("2026-11-24T15:00:00Z", tick=False)
def test_the_page_says_what_the_hours_mean_now_at_the_site(client: Client) -> None:
    site = a_site(34.0522, -118.2437, time_zone="America/Los_Angeles")
    html = client.get(page(a_service(site, hours="Mo-Fr 09:00-17:00"))).content.decode()
    assert "Closed now, opens Tue 24 Nov 2026, 09:00 PST" in html


def test_a_report_is_taken_and_kept_with_who_made_it(client: Client) -> None:
    service = a_service()
    response = report(client, service, remaining="3", note="Ask for Sam at the window")
    assert response.status_code == 302
    made = AvailabilityReport.objects.get()
    assert (made.reporter, made.channel) == ("outreach", "admin")
    assert made.account
    assert made.account.username == "moderator"
    assert (service.state, service.remaining) == (Availability.AVAILABLE, 3)
    assert service.evidence_for > 0


def test_nobody_chooses_in_which_role_they_report(client: Client) -> None:
    service = a_service()
    assert b'name="reporter"' not in client.get(page(service)).content
    report(client, service, reporter="clinic_staff")
    assert service.reported_by == "outreach"


def test_the_history_names_who_reported_here(client: Client) -> None:
    service = a_service()
    report(client, service, remaining="3")
    past = client.get(reverse("admin:services_service_history", args=[service.pk]))
    assert b"<td>moderator</td>" in past.content


@time_machine.travel("2026-11-24T20:00:00Z", tick=False)
def test_the_time_of_a_report_is_on_the_clock_of_the_site(client: Client) -> None:
    service = a_service(a_site(34.0522, -118.2437, time_zone="America/Los_Angeles"))
    report(client, service, observed_at="2026-11-24T09:30")
    assert service.as_of == dt.datetime(2026, 11, 24, 17, 30, tzinfo=dt.UTC)
    html = client.get(page(service)).content.decode()
    assert "Tue 24 Nov 2026, 09:30 PST" in html
    assert "Thu 26 Nov 2026, 09:30 PST" in html


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"state": "full", "remaining": "2"}, "remaining"),
        ({"state": "available", "remaining": "0"}, "remaining"),
        ({"observed_at": "2020-01-01T09:00"}, "observed_at"),
        ({"observed_at": "yesterday"}, "observed_at"),
        ({"remaining": "-1"}, "remaining"),
        ({"state": "unknown"}, "state"),
        ({"id": "1"}, "id"),
    ],
)
def test_a_report_that_cannot_be_true_is_shown_again(
    client: Client, said: dict[str, str], field: str
) -> None:
    response = report(client, a_service(), **said)
    assert response.status_code == 200
    assert field in response.context["report_form"].errors
    assert not AvailabilityReport.objects.exists()


def test_a_report_sent_twice_counts_once(client: Client) -> None:
    service, id_ = a_service(), str(uuid.uuid4())
    seen = {"id": id_, "observed_at": "2026-11-24T09:30"}
    with time_machine.travel("2026-11-24T20:00:00Z"):
        report(client, service, **seen)
        assert report(client, service, **seen).status_code == 302
        again = report(client, service, id=id_, state="full")
    assert again.context["report_form"].non_field_errors()
    assert AvailabilityReport.objects.count() == 1


def test_a_retired_service_takes_no_report(client: Client) -> None:
    service = a_service(retired_at=dt.datetime.now(dt.UTC))
    assert report(client, service).context["report_form"].non_field_errors()


def test_who_may_not_change_services_may_not_report(client: Client, moderator: Any) -> None:
    moderator.is_superuser = False
    moderator.save()
    service = a_service()
    assert report(client, service).status_code == 302  # to the door
    assert not service.reports.exists()


def test_an_expired_word_is_shown_as_unknown_and_the_chance_fades(client: Client) -> None:
    service = a_service(kind=Kind.DETOX)
    a_report(service, remaining=4, ago=11 * HOUR)
    fresh = client.get(page(service)).context["availability"]
    with time_machine.travel(dt.datetime.now(dt.UTC) + 24 * HOUR):
        stale = client.get(page(service)).context["availability"]
    assert (fresh["expired"], stale["expired"]) == (False, True)
    assert "Unknown" in stale["badge"]
    assert int(fresh["chance"].rstrip("%")) > int(stale["chance"].rstrip("%")) >= 30


def test_the_page_shows_the_newest_reports_first(client: Client) -> None:
    service = a_service()
    for age in range(60):
        a_report(service, remaining=age + 1, ago=age * HOUR)
    formset = client.get(page(service)).context["inline_admin_formsets"][2].formset
    assert [form.instance.remaining for form in formset] == list(range(1, 51))


def test_the_page_of_a_service_asks_no_more_with_more_reports(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    service = a_service(hours="Mo-Fr 09:00-17:00")
    for age in range(20):
        a_report(service, remaining=1, ago=age * HOUR)
    with django_assert_max_num_queries(20):
        client.get(page(service))


def test_a_page_that_stood_open_undoes_no_report(client: Client) -> None:
    service = a_service()
    said = values_on(client, page(service), "service_form")
    a_report(service, remaining=2)
    client.post(page(service), said | {"description": "Second floor"})
    service.refresh_from_db()
    assert (service.description, service.remaining) == ("Second floor", 2)


def test_site_and_kind_are_chosen_once(client: Client) -> None:
    service = a_service()
    edit(client, service, kind="naloxone", site=str(a_site().pk))
    assert service.kind == Kind.METHADONE


def test_a_service_is_added_for_a_site(client: Client) -> None:
    site = a_site()
    url = reverse("admin:services_service_add") + f"?site={site.pk}"
    assert submit(client, url, "service_form", kind="wound_care").status_code == 302
    assert Service.objects.get(site=site).kind == Kind.WOUND_CARE
