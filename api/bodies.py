"""Reading a JSON body: one object, in UTF-8, small, each name once, no numbers that are none."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import HttpRequest

from api.refusals import (
    INVALID,
    MALFORMED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    RefusedError,
)

LARGEST = 16 * 1024  # bytes
MOST_DIGITS = 18  # of a length; thousands would not even be read


def body_of(request: HttpRequest, largest: int) -> bytes:
    """The bytes of a JSON body.

    Args:
        request: not read yet.
        largest: bytes that the body may have.

    Raises:
        RefusedError: another media type, in pieces, compressed, or too large.
    """
    if request.content_type != "application/json":
        raise RefusedError(UNSUPPORTED_MEDIA_TYPE)
    _refuse_packed(request)
    length_of(request.META, largest)
    body = request.read(largest + 1)
    if len(body) > largest:
        raise RefusedError(TOO_LARGE)
    return body


def length_of(headers: Mapping[str, Any], largest: int) -> int:
    """How long the body says it is, in bytes.

    Raises:
        RefusedError: that is no length, or too much.
    """
    length = headers.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise RefusedError(MALFORMED)
    if len(length) > MOST_DIGITS or int(length) > largest:
        raise RefusedError(TOO_LARGE)
    return int(length)


def _refuse_packed(request: HttpRequest) -> None:
    """Say what is wrong with a body that would look empty or garbled."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        detail = "Send the body in one piece, with its Content-Length."
        raise RefusedError(INVALID, errors=[FieldError("", "length_required", detail)])
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        detail = "Send the body as it is, without Content-Encoding."
        raise RefusedError(INVALID, errors=[FieldError("", "compressed", detail)])


def json_object(request: HttpRequest, *, largest: int = LARGEST) -> dict[str, Any]:
    """The object in the body.

    Raises:
        RefusedError: another media type, too large, or not such an object.
    """
    return object_in(body_of(request, largest))


def object_in(body: bytes) -> dict[str, Any]:
    """The object that a body is.

    Raises:
        RefusedError: it is no such object.
    """
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
