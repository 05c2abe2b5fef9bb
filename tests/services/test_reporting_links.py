"""A link says nothing of anybody, works for one site and a time, and nothing else."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from services.availability import ReportRefusedError
from services.link_reports import Tap, tap_link
from services.models import AvailabilityReport, Closing, Message, ReportLink, Service, Site
from services.purging import purge
from services.reporting_links import (
    LIFETIME,
    LinkGoneError,
    LinkSigner,
    NoPlanError,
    link_behind,
    mail_link,
    make_link,
    revoke_links,
    url_of,
)
from services.reporting_plans import PlanRefusedError, set_plan, stop_plan
from services.vocabulary import Availability, Kind, Reporter
from tests.builders import a_plan, a_report, a_service, a_site

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = dt.timedelta(hours=1)


def a_tap(kind: Kind = Kind.METHADONE, **said: Any) -> Tap:
    usual: dict[str, Any] = {"id": uuid.uuid4(), "kind": kind, "state": Availability.FULL}
    return Tap(**usual | said)


def gone(token: str, now: dt.datetime = NOW) -> bool:
    try:
        link_behind(token, now)
    except LinkGoneError:
        return True
    return False


def test_a_link_leads_to_its_site() -> None:
    site = a_site()
    assert link_behind(make_link(site=site, now=NOW), NOW).site == site


def test_a_token_is_short_and_needs_no_quoting() -> None:
    site = a_site()
    for _ in range(50):
        token = make_link(site=site, now=NOW)
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}", token)


def test_a_token_holds_nothing_but_a_random_id() -> None:
    site = a_site(name="Kensington")
    token = make_link(site=site, now=NOW)
    link = ReportLink.objects.get()
    assert link.pk.version == 4
    assert link.pk != site.pk
    assert LinkSigner().unsign(token) == token.partition(".")[0]


def test_a_link_ends_by_itself() -> None:
    token = make_link(site=a_site(), now=NOW)
    assert not gone(token, NOW + LIFETIME - HOUR)
    assert gone(token, NOW + LIFETIME)


def test_a_revoked_link_is_gone_and_others_stay() -> None:
    site = a_site()
    mine, other = make_link(site=site, now=NOW), make_link(site=a_site(), now=NOW)
    assert revoke_links(site=site, now=NOW) == 1
    assert gone(mine)
    assert not gone(other)


def test_a_link_of_a_retired_site_is_gone() -> None:
    site = a_site()
    token = make_link(site=site, now=NOW)
    Site.objects.update(retired_at=NOW)
    assert gone(token)


@pytest.mark.parametrize("change", ["signature", "id", "salt", "words", "empty"])
def test_nobody_makes_a_token_of_their_own(change: str) -> None:
    token = make_link(site=a_site(), now=NOW)
    id_, _, signature = token.partition(".")
    other = "A" if id_[0] != "A" else "B"
    made = {
        "signature": f"{id_}.{'A' * 22}",
        "id": f"{other}{id_[1:]}.{signature}",
        "salt": "é\0" * 30,
        "words": LinkSigner().sign("hello"),
        "empty": "",
    }
    assert gone(made[change])


def test_a_tap_is_a_report_of_the_clinics_staff() -> None:
    service = a_service()
    token = make_link(site=service.site, now=NOW)
    tap_link(token=token, tap=a_tap(state=Availability.AVAILABLE, remaining=3), now=timezone.now())
    report = AvailabilityReport.objects.get()
    assert (report.state, report.remaining) == (Availability.AVAILABLE, 3)
    assert (report.reporter, report.channel) == (Reporter.CLINIC_STAFF, "link")
    assert report.account is None
    service.refresh_from_db()
    assert service.state == Availability.AVAILABLE


def test_a_double_tap_is_one_report() -> None:
    service = a_service()
    token, tap = make_link(site=service.site, now=NOW), a_tap()
    tap_link(token=token, tap=tap, now=timezone.now())
    tap_link(token=token, tap=tap, now=timezone.now())
    assert AvailabilityReport.objects.count() == 1


def test_another_button_of_the_same_form_is_another_report() -> None:
    service = a_service()
    token, form = make_link(site=service.site, now=NOW), uuid.uuid4()
    tap_link(token=token, tap=a_tap(id=form), now=timezone.now())
    waitlist = a_tap(id=form, state=Availability.WAITLIST)
    tap_link(token=token, tap=waitlist, now=timezone.now())
    assert AvailabilityReport.objects.count() == 2
    service.refresh_from_db()
    assert service.state == Availability.WAITLIST


def test_who_repeats_a_word_keeps_its_note() -> None:
    service = a_service()
    a_report(service, remaining=3, note="Ring twice", ago=HOUR)
    token = make_link(site=service.site, now=NOW)
    tap = a_tap(state=Availability.AVAILABLE, remaining=3)
    tap_link(token=token, tap=tap, now=timezone.now())
    tap_link(token=token, tap=tap, now=timezone.now())
    service.refresh_from_db()
    assert service.note == "Ring twice"
    assert service.as_of is not None
    assert timezone.now() - service.as_of < HOUR
    tap_link(token=token, tap=a_tap(), now=timezone.now())
    service.refresh_from_db()
    assert service.note == ""


def test_a_link_says_nothing_of_another_sites_services() -> None:
    a_service(kind=Kind.DETOX)
    token = make_link(site=a_service().site, now=NOW)
    with pytest.raises(Service.DoesNotExist):
        tap_link(token=token, tap=a_tap(Kind.DETOX), now=NOW)


def test_a_link_that_is_gone_stores_nothing() -> None:
    service = a_service()
    token = make_link(site=service.site, now=NOW)
    with pytest.raises(LinkGoneError):
        tap_link(token=token, tap=a_tap(), now=NOW + LIFETIME)
    assert not AvailabilityReport.objects.exists()


def test_what_cannot_be_true_is_refused() -> None:
    token = make_link(site=a_service().site, now=NOW)
    with pytest.raises(ReportRefusedError):
        tap_link(token=token, tap=a_tap(remaining=3), now=NOW)


def test_a_tap_closes_a_service_until_a_time_once() -> None:
    service = a_service()
    token = make_link(site=service.site, now=NOW)
    tap = a_tap(closed_until=timezone.now() + HOUR)
    tap_link(token=token, tap=tap, now=timezone.now())
    tap_link(token=token, tap=tap, now=timezone.now())
    closing = Closing.objects.get()
    assert (closing.service, closing.closed_by) == (service, Reporter.CLINIC_STAFF)
    service.refresh_from_db()
    assert service.closed_until == tap.closed_until


def test_the_history_tells_that_staff_did_it_by_a_link() -> None:
    service = a_service()
    tap_link(token=make_link(site=service.site, now=NOW), tap=a_tap(), now=timezone.now())
    told = service.events.latest("pgh_id").pgh_context.metadata  # type: ignore[attr-defined]
    assert (told["role"], told["link"]) == ("clinic_staff", True)


def test_a_link_is_mailed_to_the_contact_once_a_minute() -> None:
    plan = a_plan()
    mail_link(site=plan.site, now=NOW)
    mail_link(site=plan.site, now=NOW)
    message = Message.objects.get()
    assert message.recipient == plan.contact_email
    [token] = re.findall(r"/r/(\S+)/\n", message.body)
    assert link_behind(token, NOW).site == plan.site
    assert ReportLink.objects.count() == 1


def test_without_a_plan_nobody_is_written_to() -> None:
    with pytest.raises(NoPlanError):
        mail_link(site=a_site(), now=NOW)


def test_a_new_contact_ends_the_links_of_the_old_one() -> None:
    plan = a_plan()
    token = make_link(site=plan.site, now=NOW)
    set_plan(site=plan.site, contact_email=plan.contact_email, shift_times=[dt.time(7)])
    assert not gone(token)
    set_plan(site=plan.site, contact_email="new@clinic.example", shift_times=[dt.time(7)])
    assert gone(token)


def test_the_end_of_a_plan_ends_its_links() -> None:
    plan = a_plan()
    token = make_link(site=plan.site, now=NOW)
    assert stop_plan(site=plan.site)
    assert not stop_plan(site=plan.site)
    assert gone(token)


def test_shift_times_are_kept_in_order_and_once() -> None:
    plan = a_plan(shift_times=[dt.time(15), dt.time(7), dt.time(15)])
    assert plan.shift_times == [dt.time(7), dt.time(15)]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"contact_email": "nobody"}, "contact_email"),
        ({"shift_times": [dt.time(hour) for hour in range(13)]}, "shift_times"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(said: dict[str, Any], field: str) -> None:
    with pytest.raises(PlanRefusedError) as refused:
        a_plan(**said)
    assert refused.value.field == field


def test_links_are_forgotten_a_month_after_their_end() -> None:
    old = NOW - LIFETIME - dt.timedelta(days=31)
    make_link(site=a_site(), now=old)
    make_link(site=a_site(), now=NOW - LIFETIME)
    assert purge("services.ReportLink", NOW) == 1
    assert ReportLink.objects.count() == 1


def test_a_command_prints_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    site = a_site()
    call_command("report_link", str(site.pk))
    url = capsys.readouterr().out.strip()
    token = url.rstrip("/").rpartition("/")[2]
    assert url == url_of(token)
    assert link_behind(token, timezone.now()).site == site


@pytest.mark.parametrize("id_", ["not-an-id", "6a0f2f7e-0000-4000-8000-000000000000"])
def test_the_command_names_what_is_wrong(id_: str) -> None:
    with pytest.raises(CommandError):
        call_command("report_link", id_)
