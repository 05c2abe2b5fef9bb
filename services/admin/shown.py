"""How values are shown: times in a site's zone, JSON to read, links to other screens."""

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

NOTHING = "–"
ADMIN_CSS = "services/admin.css"


def local_time(moment: dt.datetime | None, time_zone: str) -> str:
    """A moment on the clock of a place, with weekday and the zone's abbreviation."""
    if moment is None:
        return NOTHING
    there = moment.astimezone(ZoneInfo(time_zone))
    return f"{date_format(there, 'D j M Y, H:i')} {there:%Z}"


def link_to(row: Model | None) -> str:
    """A link to a row's own screen."""
    if row is None:
        return NOTHING
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), row)


def link_to_list(model: type[Model], label: str, **filters: Any) -> str:
    """A link to the list of a model, filtered."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a href="{}?{}">{}</a>', address, query, label)


def pretty_json(value: Any) -> SafeString:
    """JSON with one thing a line."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    return format_html('<pre class="verbatim">{}</pre>', text)


def badge(text: Any, tone: str) -> SafeString:
    """A word with a colour; the word alone says it too."""
    return format_html('<span class="badge badge-{}">{}</span>', tone, text)


def yes_no_unknown(answer: bool | None) -> str:  # noqa: FBT001 - the value itself
    """An answer as a word; unknown stays unknown."""
    return {True: "Yes", False: "No", None: "Unknown"}[answer]
