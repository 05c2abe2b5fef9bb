"""What every answer must be, whatever was asked."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from schemathesis import Response
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.v1.schema import rendered_document
from tests.proofs.api.made import AnyCase

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
# Its items are judged one by one: those that are wrong are told so in an answer of 200.
JUDGES_ITEMS = "POST /api/v1/reports/batch/"
LONG_ENOUGH = 8  # characters: a text that is repeated by chance is shorter


def wrong_with(case: AnyCase, response: Response, fed: set[ParameterLocation]) -> list[str]:
    """What is wrong with an answer; nothing, mostly.

    Args:
        fed: parts of the request into which something was put that exists.
    """
    found = list(_against_the_promises(case, response))
    checks = list(CHECKS)
    if response.status_code != 206:  # a part of a JSON text is none
        checks.append(response_schema_conformance)
    if response.status_code < 400 and _is_wrong(case, fed):
        checks.append(negative_data_rejection)
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as group:
        found += [_told(failure) for failure in group.exceptions]
    return found


def _is_wrong(case: AnyCase, fed: set[ParameterLocation]) -> bool:
    """Whether its address or body does not fit the document."""
    if case.meta is None or case.operation.label == JUDGES_ITEMS:
        return False
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative}
    passed_over = {ParameterLocation.HEADER}  # one that says nothing usable
    return bool(wrong - fed - passed_over)


def _told(failure: BaseException) -> str:
    message = failure.message if isinstance(failure, Failure) else str(failure)
    title = failure.title if isinstance(failure, Failure) else type(failure).__name__
    return " ".join(f"{title}: {message}".split())[:300]


def _against_the_promises(case: AnyCase, response: Response) -> Iterator[str]:
    if response.status_code >= 500:
        yield f"answered {response.status_code}"
    documented = case.operation.definition.raw["responses"]
    if str(response.status_code) not in documented:
        yield f"{response.status_code} is not among the answers of {case.operation.label}"
    if "set-cookie" in response.headers:
        yield "sets a cookie"
    if response.status_code >= 400:
        yield from _of_a_refusal(case, response)


def _of_a_refusal(case: AnyCase, response: Response) -> Iterator[str]:
    if response.headers["content-type"] != ["application/problem+json"]:
        yield f"a refusal of type {response.headers['content-type']}"
        return
    told = response.json()
    if not told["detail"] or told["detail"] == told["title"]:
        yield f"{told['type']} does not say what to do"
    text = json.dumps(told, ensure_ascii=False)
    for sent in _texts([case.body, dict(case.query or {})]):
        if len(sent) >= LONG_ENOUGH and sent in text and sent not in _own_words():
            yield "a refusal repeats what was sent"


@cache
def _own_words() -> frozenset[str]:
    """Words of the document's own, such as a role: our texts may hold them."""
    return frozenset(_texts(_enums(json.loads(rendered_document("json")))))


def _enums(value: Any) -> list[Any]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    listed = value.get("enum", []) if isinstance(value, dict) else []
    return [listed, *(found for part in parts for found in _enums(part))]


def _texts(value: Any) -> Iterator[str]:
    """Texts and longer numbers in what was sent; names of fields are no secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, float):
        yield repr(value)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
