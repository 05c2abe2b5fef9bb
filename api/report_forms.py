"""What the forms of the report page send, read with care: browsers differ, and so do people."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from services.availability import MOST
from services.link_reports import Tap
from services.vocabulary import Availability, Kind

LARGEST = 4 * 1024  # bytes
FORM = "application/x-www-form-urlencoded"
SAYABLE = [state for state in Availability if state != Availability.UNKNOWN]


class TapRefusedError(ValueError):
    """A form that says nothing usable. The message says what to do, in the reader's language."""


def read_tap(request: HttpRequest, time_zone: str) -> Tap:
    """What a form says.

    Args:
        request: a POST.
        time_zone: of the site, whose clock the form's times are on.

    Raises:
        TapRefusedError: it says nothing that can be stored.
    """
    form = _form(request)
    try:
        id_, kind = uuid.UUID(form.get("id", "")), Kind(form.get("kind", ""))
        state = Availability(form.get("state", ""))
    except ValueError:
        raise TapRefusedError(_unread()) from None
    if state not in SAYABLE:
        raise TapRefusedError(_unread())
    if "date" in form:
        return Tap(id_, kind, closed_until=_moment(form, time_zone))
    remaining = _count(form, "remaining")
    if state == Availability.AVAILABLE and remaining == 0:
        return Tap(id_, kind, Availability.FULL)  # none free is what full means
    return Tap(id_, kind, state, remaining, _count(form, "wait_days"))


def _form(request: HttpRequest) -> QueryDict:
    if request.content_type != FORM:
        raise TapRefusedError(_unread())
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TapRefusedError(_unread())
    try:
        return QueryDict(body, encoding="utf-8")
    except TooManyFieldsSent:
        raise TapRefusedError(_unread()) from None


def _count(form: QueryDict, name: str) -> int | None:
    """A count, or None where the form has none. Asked for and left empty is a mistake."""
    if name not in form:
        return None
    text = form.get(name, "").strip()
    if not (
        text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) and int(text) <= MOST
    ):
        raise TapRefusedError(_("Give a whole number, such as 3."))
    return int(text)


def _moment(form: QueryDict, time_zone: str) -> dt.datetime:
    """A day and a time on the site's clock, as inputs of browsers write them, or people."""
    try:
        day = dt.date.fromisoformat(form.get("date", "").strip())
        time = dt.time.fromisoformat(form.get("time", "").strip().zfill(5))
    except ValueError:
        raise TapRefusedError(_day_and_time()) from None
    if time.tzinfo is not None:
        raise TapRefusedError(_day_and_time())
    moment = dt.datetime.combine(day, time, ZoneInfo(time_zone))
    if moment <= dt.datetime.now(dt.UTC):
        raise TapRefusedError(_day_and_time())
    return moment


def _unread() -> str:
    return _("That could not be read. Please tap again.")


def _day_and_time() -> str:
    return _("Give a day and a time still to come, such as 2030-01-31 and 08:00.")
