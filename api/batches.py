"""Reading a body with many items, so that one that cannot be read leaves the others readable."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest

from api.bodies import DECODER, body_of
from api.fields import name_of
from api.refusals import INVALID, MALFORMED, FieldError, RefusedError

# A text, closed or not, as a whole; else what opens, ends or parts things. Nothing here can make
# matching take longer than the text is long.
STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
NAME = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*(.*)', re.DOTALL)


def items_of(request: HttpRequest, name: str, *, largest: int) -> list[str]:
    """The items of ``{name: [item, …]}``, each as its own JSON text, not read yet.

    Args:
        request: its body.
        name: of the one field the object has.
        largest: bytes that the body may have.

    Raises:
        RefusedError: the body is not such an object.
    """
    # Bytes that are no UTF-8 become what no text may hold, and spoil the item they stand in alone.
    text = body_of(request, largest).decode(errors="surrogateescape").strip()
    found: list[str] | None = None
    for member in _members(text, "{}"):
        matched = NAME.fullmatch(member)
        if matched is None:
            raise RefusedError(MALFORMED)
        told = decoded(matched[1])
        if told != name or found is not None:
            code = "unknown_field" if told != name else "duplicate"
            detail = f"The body is an object with the one field “{name}”."
            raise RefusedError(INVALID, errors=[FieldError(name_of(told), code, detail)])
        found = list(_members(matched[2].rstrip(), "[]"))
    if found is None:
        detail = f"Send an object with the field “{name}”, an array."
        raise RefusedError(INVALID, errors=[FieldError(name, "required", detail)])
    return found


def decoded(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        RefusedError: it is none.
    """
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError):
        raise RefusedError(MALFORMED) from None


def _members(text: str, ends: str) -> Iterator[str]:
    """What stands between the commas of an object's or an array's text."""
    if len(text) < len(ends) or (text[0], text[-1]) != (ends[0], ends[1]):
        raise RefusedError(MALFORMED)
    depth, start, inside = 0, 0, text[1:-1]
    for mark in STRUCTURE.finditer(inside):
        if mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            depth -= 1
        elif mark[0] == "," and depth == 0:
            yield inside[start : mark.start()]
            start = mark.end()
        if depth < 0:
            raise RefusedError(MALFORMED)
    if depth:
        raise RefusedError(MALFORMED)
    if start or inside.strip():
        yield inside[start:]
