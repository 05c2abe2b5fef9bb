"""What is told of a service, in words, in the language of now. For pages and messages."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from services.told import Word
from services.vocabulary import Availability

# Short, with the weekday: a clinic thinks in shifts. Only English says times with a.m. and p.m.
MOMENT = {"en": "D, M j, g:i A"}
MOMENT_ELSEWHERE = "D j b, H:i"


def moment_in_words(moment: dt.datetime, time_zone: str) -> str:
    """A moment on the clock of a place."""
    form = MOMENT.get(translation.get_language() or "en", MOMENT_ELSEWHERE)
    return date_format(moment.astimezone(ZoneInfo(time_zone)), form)


def said_in_words(state: str, remaining: int | None, wait_days: int | None) -> str:
    """A state with its counts, such as "Available, 3 free"."""
    words = [str(Availability(state).label)]
    if remaining:
        words.append(_("%(count)s free") % {"count": remaining})
    if wait_days:
        words.append(_("days to wait: %(days)s") % {"days": wait_days})
    return ", ".join(words)


def told_in_words(word: Word, now: dt.datetime, time_zone: str) -> str:
    """What anyone is told now, and until when."""
    told = word.at(now)
    if word.is_closed_at(now):
        until = moment_in_words(told["expires_at"], time_zone)
        return _("Closed until %(moment)s") % {"moment": until}
    said = said_in_words(told["state"], told["remaining"], told["wait_days"])
    if told["state"] == Availability.UNKNOWN:
        return said
    until = moment_in_words(told["expires_at"], time_zone)
    return _("%(said)s. Told until %(moment)s") % {"said": said, "moment": until}
