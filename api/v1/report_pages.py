"""Pages of reports, newest first: a page starts after the last report of the one before it."""

import datetime as dt
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from api.parameters import whole_number
from api.refusals import INVALID, FieldError, RefusedError
from api.v1.pages import LARGEST_PAGE, PAGE
from services.models import AvailabilityReport

LONGEST_CURSOR = 120  # characters; ours have fewer


def page_of(
    request: HttpRequest, reports: QuerySet[AvailabilityReport]
) -> tuple[list[AvailabilityReport], str | None]:
    """The reports of the page asked for, and the path of the next page.

    New reports move none between pages, and reports seen in one instant part by id, so none is
    skipped or told twice.

    Raises:
        RefusedError: the cursor or limit is not usable.
    """
    limit = whole_number(request, "limit", least=1, most=LARGEST_PAGE, default=PAGE)
    if (cursor := request.GET.get("cursor")) is not None:
        seen_at, id_ = read_cursor(cursor)
        later = Q(observed_at__lt=seen_at) | Q(observed_at=seen_at, pk__gt=id_)
        reports = reports.filter(later, observed_at__lte=seen_at)
    rows = list(reports.order_by("-observed_at", "pk")[: limit + 1])
    page = rows[:limit]
    if len(rows) <= limit:
        return page, None
    cursor = cursor_after(page[-1].observed_at, page[-1].pk)
    return page, f"{request.path}?cursor={cursor}&limit={limit}"


def cursor_after(moment: dt.datetime, id_: uuid.UUID) -> str:
    """Leads on from what stands at this moment, and in it at this id."""
    text = f"{moment.isoformat()} {id_}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    """The moment and id that a cursor leads on from.

    Raises:
        RefusedError: it is none of ours.
    """
    try:
        padded = cursor[:LONGEST_CURSOR].encode("ascii") + b"=="
        moment, _, id_ = urlsafe_b64decode(padded).decode("ascii").partition(" ")
        seen_at = dt.datetime.fromisoformat(moment).astimezone(dt.UTC)
        return seen_at, uuid.UUID(id_)
    except (ValueError, OverflowError):
        error = FieldError("cursor", "invalid", "Use the next of a page.")
        raise RefusedError(INVALID, errors=[error]) from None
