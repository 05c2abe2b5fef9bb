"""Query parameters. A misspelt one would widen the question, so unknown ones are refused."""

from collections.abc import Collection, Iterable

from django.http import HttpRequest

from api.fields import UnusableError, name_of
from api.refusals import INVALID, FieldError, RefusedError
from api.words import Kinds
from services.vocabulary import Kind

LISTS = {"kind", "kinds"}  # parameters that may stand more than once


def refuse_unknown(request: HttpRequest, known: Collection[str]) -> None:
    """Refuse parameters that are not among these, and those that are asked twice."""
    detail = "There is no such parameter here."
    errors = [
        FieldError(name_of(name), "unknown_parameter", detail)
        for name in request.GET
        if name not in known
    ]
    errors += [
        FieldError(name_of(name), "duplicate", "Send it once: nobody can tell which is meant.")
        for name, values in request.GET.lists()
        if len(values) > 1 and name in known and name not in LISTS
    ]
    if errors:
        raise RefusedError(INVALID, errors=errors)


def refuse_blank(request: HttpRequest, names: Iterable[str]) -> None:
    """Refuse parameters of these that are sent without a value: they would choose nothing."""
    detail = "Give it a value, or leave it out."
    errors = [
        FieldError(name, "blank", detail) for name in names if "" in request.GET.getlist(name)
    ]
    if errors:
        raise RefusedError(INVALID, errors=errors)


def whole_number(request: HttpRequest, name: str, *, least: int, most: int, default: int) -> int:
    """A whole number from ``least`` to ``most``."""
    text = request.GET.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):  # noqa: PLR2004
        detail = f"A whole number from {least} to {most}."
        raise RefusedError(INVALID, errors=[FieldError(name, "invalid", detail)])
    return int(text)


def kinds_asked(request: HttpRequest) -> tuple[Kind, ...]:
    """``?kinds=methadone,suboxone``, or repeated; empty for all."""
    words = [word for text in request.GET.getlist("kinds") for word in text.split(",") if word]
    try:
        return Kinds("").read(words)
    except UnusableError as error:
        refused = FieldError("kinds", error.code, error.detail)
        raise RefusedError(INVALID, errors=[refused]) from None
