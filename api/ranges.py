"""Parts of an answer (RFC 9110, section 14): a download that broke off goes on where it was."""

import re

from django.http import HttpRequest, HttpResponse

from api.refusals import RANGE_NOT_SATISFIABLE, RefusedError

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def range_asked(request: HttpRequest, *, etag: str, length: int) -> tuple[int, int] | None:
    """The bytes that are asked for, first and last; None for all of them.

    What is no single range of bytes is passed over, as the standard allows; so is a range of
    another state of the content, which If-Range names by its strong entity tag.

    Raises:
        RefusedError: the range lies beyond the end.
    """
    match = ONE_RANGE.fullmatch(request.META.get("HTTP_RANGE", "").strip())
    condition = request.META.get("HTTP_IF_RANGE")
    if request.method != "GET" or match is None or match[0] == "bytes=-":
        return None
    if condition is not None and condition.strip() != etag:
        return None
    if match[1] and match[2] and int(match[1]) > int(match[2]):
        return None  # not a range at all
    first, last = _bounds(match[1], match[2], length)
    if first > last:
        headers = {"Content-Range": f"bytes */{length}"}
        raise RefusedError(RANGE_NOT_SATISFIABLE, headers=headers)
    return first, last


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    if not first:  # so many bytes from the end
        return max(0, length - int(last)), length - 1
    return int(first), min(int(last or length), length - 1)


def part_of(response: HttpResponse, first: int, last: int) -> HttpResponse:
    """The answer with these bytes of its content alone."""
    length = len(response.content)
    response.content = response.content[first : last + 1]
    response.status_code = 206
    response["Content-Range"] = f"bytes {first}-{last}/{length}"
    return response
