"""Reading a JSON body: one object, in UTF-8, small, each name once, no numbers that are none."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest

from api.problems import (
    INVALID,
    MALFORMED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    RefusedError,
)

LARGEST = 16 * 1024  # bytes


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The object in the body.

    Raises:
        RefusedError: another media type, too large, or not such an object.
    """
    if request.content_type != "application/json":
        raise RefusedError(UNSUPPORTED_MEDIA_TYPE)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise RefusedError(MALFORMED)
    if int(length) > LARGEST:
        raise RefusedError(TOO_LARGE)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise RefusedError(TOO_LARGE)
    try:
        value = DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise RefusedError(MALFORMED) from None  # the cause quotes the body
    if not isinstance(value, dict):
        raise RefusedError(MALFORMED)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        error = FieldError("", "duplicate", "A name stands twice in one object.")
        raise RefusedError(INVALID, errors=[error])
    return found


def _no_number(name: str) -> NoReturn:
    raise RefusedError(MALFORMED)


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
