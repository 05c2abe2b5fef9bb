"""/r/<token>/: a clinic reports with one tap, and looking at the page changes nothing."""

import datetime as dt
import html
import io
import logging
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from services.models import AvailabilityReport, Closing, Service, Site
from services.reporting_links import LIFETIME, make_link, revoke_links
from services.vocabulary import Availability, Kind, Reporter, Visibility
from tests.builders import a_report, a_service, a_site

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
FORM_TYPE = "application/x-www-form-urlencoded"
DETOX = "Withdrawal management (detox)"


@pytest.fixture
def service() -> Service:
    return a_service(a_site(name="Kensington & Co"), Kind.DETOX)


@pytest.fixture
def url(service: Service) -> str:
    return path_of(service.site)


@pytest.fixture
def browser() -> Client:
    """As strict about forgeries as Django can be, and without a cookie."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "null"})


def path_of(site: Site) -> str:
    return f"/r/{make_link(site=site, now=timezone.now())}/"


def said(response: Any) -> str:
    """The text of a page as it is read aloud."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


class Forms(HTMLParser):
    """The forms of a page: what each would send, by the words on its button."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.by_button: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self._button = ""
        self._buttons: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert (given["method"], given["action"]) == ("post", "?")
            self._fields = {}
        elif tag == "input":
            self._fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button = given["value"]

    def handle_data(self, data: str) -> None:
        if self._button:
            self.by_button[data.strip()] = {**self._fields, "state": self._button}
            self._button = ""


def tap(browser: Client, url: str, button: str, **filled: str) -> Any:
    """Open the page, fill its fields in, press a button."""
    form = Forms(browser.get(url).content.decode()).by_button[button]
    return send(browser, url, form | filled)


def send(browser: Client, url: str, form: dict[str, str]) -> Any:
    return browser.post(url, urlencode(form), content_type=FORM_TYPE)


def test_the_page_shows_each_service_and_what_is_told(browser: Client, service: Service) -> None:
    a_report(service, remaining=3)
    a_service(service.site, Kind.NALOXONE)
    a_service(service.site, Kind.METHADONE, retired_at=timezone.now())
    text = said(browser.get(path_of(service.site)))
    assert "Kensington & Co" in text
    assert f"{DETOX} We tell now: Available, 3 free. Told until" in text
    assert "Naloxone (Narcan) We tell now: Unknown — call first" in text
    assert "Methadone" not in text


def test_times_are_on_the_sites_clock(browser: Client, service: Service) -> None:
    a_report(service, remaining=3)
    service.refresh_from_db()
    assert service.expires_at is not None
    text = said(browser.get(path_of(service.site)))
    local = service.expires_at.astimezone(ZoneInfo("America/New_York"))
    assert f"{local:%a, %b} {local.day}, {local.hour % 12 or 12}:{local:%M}" in text
    assert "America/New_York" in text


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(browser: Client, url: str, method: str, service: Service) -> None:
    a_report(service, ago=100 * HOUR)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            assert getattr(browser, method)(url).status_code == 200
    assert all(one["sql"].startswith("SELECT") for one in asked.captured_queries)
    assert AvailabilityReport.objects.count() == 1


@pytest.mark.parametrize("many", [1, 6])
def test_a_page_takes_two_queries(
    browser: Client, django_assert_num_queries: Any, many: int
) -> None:
    site = a_site()
    for kind in list(Kind)[:many]:
        a_service(site, kind)
    url = path_of(site)
    with django_assert_num_queries(2):
        browser.get(url)


@pytest.mark.parametrize(
    ("button", "filled", "told"),
    [
        ("Full", {}, (Availability.FULL, None)),
        ("Waitlist", {}, (Availability.WAITLIST, None)),
        ("Available", {"remaining": "4"}, (Availability.AVAILABLE, 4)),
        ("Available", {"remaining": " 4 "}, (Availability.AVAILABLE, 4)),
        ("Available", {"remaining": "0"}, (Availability.FULL, None)),
    ],
)
def test_a_tap_is_told_at_once(
    service: Service, button: str, filled: dict[str, str], told: tuple[str, int | None]
) -> None:
    browser, url = Client(), path_of(service.site)
    answer = tap(browser, url, button, **filled)
    assert (answer.status_code, answer["Location"]) == (303, "?thanks=1")
    service.refresh_from_db()
    assert (service.state, service.remaining) == told
    assert service.reported_by == Reporter.CLINIC_STAFF
    assert "Thank you. This is what we tell now." in said(browser.get(url + "?thanks=1"))


@pytest.mark.parametrize("ago", [HOUR, 100 * HOUR])
def test_still_true_says_the_last_word_again(
    browser: Client, url: str, service: Service, ago: dt.timedelta
) -> None:
    a_report(service, Availability.WAITLIST, ago=ago, wait_days=5, note="Ring twice")
    assert tap(browser, url, "Still true: Waitlist, days to wait: 5").status_code == 303
    service.refresh_from_db()
    assert service.as_of is not None
    assert timezone.now() - service.as_of < HOUR
    assert (service.state, service.wait_days) == (Availability.WAITLIST, 5)
    assert service.note == "Ring twice"


def test_an_expired_word_is_named_as_such(browser: Client, url: str, service: Service) -> None:
    a_report(service, Availability.FULL, ago=100 * HOUR)
    assert "Unknown — call first . The last word has expired." in said(browser.get(url))


def test_nothing_that_was_never_said_is_still_true(browser: Client, url: str) -> None:
    assert "Still true" not in said(browser.get(url))


def test_a_service_is_closed_until_a_time_on_its_own_clock(
    browser: Client, url: str, service: Service
) -> None:
    answer = tap(browser, url, "Closed until then", date=f"{tomorrow()}", time="08:00")
    assert answer.status_code == 303
    closing = Closing.objects.get()
    assert f"{closing.until.astimezone(service_zone(service)):%H:%M}" == "08:00"
    assert (closing.service, closing.closed_by) == (service, Reporter.CLINIC_STAFF)
    text = said(browser.get(url))
    assert "Closed until" in text
    assert "8:00 AM" in text
    assert "Still true" not in text


def service_zone(service: Service) -> ZoneInfo:
    return ZoneInfo(service.site.time_zone)


def tomorrow() -> dt.date:
    return timezone.now().date() + dt.timedelta(days=2)


def test_a_double_tap_is_one_report(browser: Client, url: str) -> None:
    form = Forms(browser.get(url).content.decode()).by_button["Full"]
    assert [send(browser, url, form).status_code for _ in range(3)] == [303] * 3
    assert AvailabilityReport.objects.count() == 1


@pytest.mark.parametrize(
    ("button", "filled"),
    [
        ("Available", {"remaining": ""}),
        ("Available", {"remaining": "-1"}),
        ("Available", {"remaining": "many"}),
        ("Available", {"remaining": "٣"}),
        ("Available", {"remaining": "1e5"}),
        ("Available", {"remaining": "100001"}),
        ("Available", {"remaining": "9" * 3000}),
        ("Full", {"remaining": "3"}),
        ("Full", {"id": "no"}),
        ("Full", {"kind": "cafe"}),
        ("Full", {"state": "unknown"}),
        ("Full", {"state": "\0"}),
        ("Closed until then", {"date": "2020-01-01", "time": "08:00"}),
        ("Closed until then", {"date": "9999-12-31", "time": "23:59"}),
        ("Closed until then", {"date": "0001-01-01", "time": "00:00"}),
        ("Closed until then", {"date": "2126-01-01", "time": "08:00"}),
        ("Closed until then", {"date": "soon", "time": "08:00"}),
        ("Closed until then", {"date": "2030-01-01", "time": ""}),
        ("Closed until then", {"date": "2030-01-01", "time": "08:00+01:00"}),
    ],
)
def test_what_cannot_be_is_told_on_the_page(
    browser: Client, url: str, button: str, filled: dict[str, str]
) -> None:
    answer = tap(browser, url, button, **filled)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "<form" in answer.content.decode()
    assert not AvailabilityReport.objects.exists()
    assert not Closing.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM_TYPE),
        (b"\xff\xfe=%ff", FORM_TYPE),
        (b"a=b&" * 2000, FORM_TYPE),
        (b"&" * 4000, FORM_TYPE),
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_is_no_form_of_ours_is_told_on_the_page(
    browser: Client, url: str, body: bytes, content_type: str
) -> None:
    answer = browser.post(url, body, content_type=content_type)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_a_kind_the_site_does_not_offer_is_not_there(browser: Client, url: str) -> None:
    a_service(kind=Kind.METHADONE)
    form = {"id": str(uuid.uuid4()), "kind": "methadone", "state": "full"}
    assert send(browser, url, form).status_code == 404
    assert not AvailabilityReport.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_link_that_does_not_work_is_answered_alike(
    browser: Client, service: Service, method: str
) -> None:
    expired = make_link(site=service.site, now=timezone.now() - LIFETIME)
    revoked = make_link(site=service.site, now=timezone.now())
    revoke_links(site=service.site, now=timezone.now())
    good = make_link(site=service.site, now=timezone.now())
    cut, forged = good[:-3], good.partition(".")[0] + "." + "A" * 22
    tried = [expired, revoked, cut, forged, "", "x", "%00", "%ff", "%0a", "a/b", "<b>", "x" * 3000]
    answers = [getattr(browser, method)(f"/r/{token}/") for token in tried]
    answers.append(getattr(browser, method)("/r/none"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert "Use the one in our newest message" in said(answers[0])


def test_a_link_whose_last_slash_was_lost_works(browser: Client, url: str) -> None:
    assert browser.get(url.rstrip("/")).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(browser: Client, url: str, method: str) -> None:
    answer = getattr(browser, method)(url)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"
    assert "Access-Control-Allow-Methods" not in answer


def test_the_page_is_kept_by_nobody_and_sends_nobody_on(browser: Client, url: str) -> None:
    for answer in (browser.get(url), browser.get("/r/none/"), tap(browser, url, "Full")):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Frame-Options"] == "DENY"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer
        assert "Set-Cookie" not in answer
        assert not answer.cookies


def test_cookies_are_not_even_read(browser: Client, url: str) -> None:
    browser.cookies["sessionid"] = "anything"
    answer = browser.get(url)
    assert not hasattr(answer.wsgi_request, "session")
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize(
    ("accepted", "language", "word"),
    [
        ("es-MX,es;q=0.9", "es", "Lista de espera"),
        ("fr", "fr", "Liste d’attente"),
        ("de", "en", "Waitlist"),
    ],
)
def test_it_speaks_the_readers_language(
    browser: Client, url: str, accepted: str, language: str, word: str
) -> None:
    for path in (url, "/r/none/"):
        answer = browser.get(path, headers={"Accept-Language": accepted})
        assert answer["Content-Language"] == language
        assert f'<html lang="{language}">' in answer.content.decode()
    assert word in said(browser.get(url, headers={"Accept-Language": accepted}))


def test_a_page_of_five_services_is_less_than_ten_kilobytes(browser: Client) -> None:
    site = a_site()
    for kind in list(Kind)[:5]:
        a_report(a_service(site, kind), remaining=12)
    page = browser.get(path_of(site), headers={"Accept-Language": "fr"}).content
    assert len(page) < 10_000
    assert b"<script" not in page
    assert b"style=" not in page


@pytest.mark.parametrize("visibility", [Visibility.APPROXIMATE, Visibility.PHONE_ONLY])
def test_a_hidden_place_stays_hidden(browser: Client, visibility: Visibility) -> None:
    site = a_site(visibility=visibility, address="12 Canary Lane", city="Canaryville")
    a_service(site)
    page = browser.get(path_of(site)).content.decode()
    assert "Canary" not in page
    assert "39.95" not in page


def test_names_are_escaped(browser: Client) -> None:
    site = a_site(name="<script>alert(1)</script>")
    a_service(site)
    assert "<script" not in browser.get(path_of(site)).content.decode()


def test_while_the_database_is_away_the_page_says_so(
    browser: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("api.report_page.link_behind", away)
    answer = browser.get(url)
    assert answer.status_code == 503
    assert "try again in a minute" in said(answer)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the process writes down, as it is set up to."""
    [console] = [one for one in logging.root.handlers if one.name == "console"]
    assert isinstance(console, logging.StreamHandler)
    page = io.StringIO()
    before = console.setStream(page)
    yield page
    console.setStream(before)


def test_no_log_holds_a_token(
    browser: Client,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    written: io.StringIO,
) -> None:
    token = url.split("/")[2]

    def crashes(*_: Any) -> None:
        raise RuntimeError(token)

    browser.get(f"/r/{token}x/")
    browser.put(url)
    send(browser, url, {"id": "no"})
    monkeypatch.setattr("api.report_page.link_behind", crashes)
    assert browser.get(url).status_code == 500
    assert "request crashed" in written.getvalue()
    assert token not in written.getvalue()
