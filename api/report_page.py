"""/r/<token>/: a clinic says how it is now, with one tap, on any phone.

The token is all the authority there is. No cookie is read or set, so no other site can make a
browser act for somebody: it would have to know the token, and could then act without a browser.
That is why the page needs no CSRF token, which old phones and mail apps would fail to send back.
"""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views import View

from api.language import language_of
from api.outages import database_is_away
from api.report_forms import TapRefusedError, read_tap
from services.availability import ReportRefusedError
from services.closing import ClosingRefusedError
from services.link_reports import tap_link
from services.models import ReportLink, Service
from services.reporting_links import LinkGoneError, link_behind
from services.told import word_of
from services.vocabulary import KIND_FACTS, Availability, Kind
from services.wording import moment_in_words, said_in_words, told_in_words

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "style-src 'self'",
        )
    ),
    "Referrer-Policy": "no-referrer",  # the path is the secret
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


class ReportPage(View):
    """The services of one site: what is told of each, and buttons to say how it is."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - how Django spells it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in the reader's language; what cannot be answered is told on a page too."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"], headers=HEADERS)
        language = language_of(request)
        with translation.override(language):
            try:
                response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
            except (LinkGoneError, Service.DoesNotExist):
                response = _page(404, {"gone": True})
            except Error as error:
                if not database_is_away(error):
                    raise
                response = _page(503, {"away": True})
                response["Retry-After"] = "30"
        response["Content-Language"] = language
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The page. Asking for it changes nothing: scanners of mail follow every link."""
        now = timezone.now()
        thanks = request.GET.get("thanks") == "1"
        return _page(200, {"thanks": thanks, **shown(link_behind(token, now), now)})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Store what was tapped, then lead back, so that reloading sends nothing again."""
        now = timezone.now()
        link = link_behind(token, now)
        try:
            tap = read_tap(request, link.site.time_zone)
            tap_link(token=token, tap=tap, now=now)
        except TapRefusedError as refusal:
            return _page(400, {"error": str(refusal), **shown(link, now)})
        except ReportRefusedError:
            return _page(
                400, {"error": _("That cannot be. Please look again."), **shown(link, now)}
            )
        except ClosingRefusedError:  # its time is checked; what is left is that it ends too late
            return _page(400, {"error": _("At most a year from now."), **shown(link, now)})
        return HttpResponseRedirect("?thanks=1", status=303, headers=HEADERS)


ReportPage.csrf_exempt = True  # type: ignore[attr-defined]  # see above


def shown(link: ReportLink, now: dt.datetime) -> dict[str, Any]:
    """What the page says of a link's site."""
    site = link.site
    services = Service.objects.listed().filter(site=site)
    return {
        "site": site.name,
        "services": [_service(one, site.time_zone, now) for one in services],
        "zone": site.time_zone,
        "today": f"{now.astimezone(ZoneInfo(site.time_zone)):%Y-%m-%d}",
        "ends": moment_in_words(link.expires_at, site.time_zone),
    }


def _service(service: Service, time_zone: str, now: dt.datetime) -> dict[str, Any]:
    word = word_of(service)
    is_closed = word.is_closed_at(now)
    repeatable = service.state != Availability.UNKNOWN and not is_closed
    said = said_in_words(service.state, service.remaining, service.wait_days)
    return {
        "kind": service.kind,
        "label": service.get_kind_display(),
        "told": told_in_words(word, now, time_zone),
        "still": said if repeatable else "",
        "expired": repeatable and word.state_at(now) == Availability.UNKNOWN,
        "state": service.state,
        "remaining": service.remaining,
        "wait_days": service.wait_days,
        "unit": KIND_FACTS[Kind(service.kind)].unit,
        "tap": uuid.uuid4().hex,  # the same for all forms: another button makes another event
    }


def _page(status: int, told: dict[str, Any]) -> HttpResponse:
    told["language"] = translation.get_language()
    html = render_to_string("api/report.html", told)
    return HttpResponse(html, status=status, headers=HEADERS)
