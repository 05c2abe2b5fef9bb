"""Nobody acts beyond their organization: every operation × who asks × whose the thing is.

The operations come from the OpenAPI document. One without a row in the matrix fails here.
"""

import itertools
import json
from typing import Any

import pytest
from django.db import transaction

from api.v1.schema import openapi_document
from services.index import live_index
from tests.api.authorization_matrix import MATRIX, ROLES, Row
from tests.api.authorization_world import TARGETS, Target, World, a_world
from tests.api.conftest import Phone, phone_of

pytestmark = pytest.mark.django_db

callers = itertools.count()
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = {
    operation["operationId"]: (method, path)
    for path, item in openapi_document()["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}


def test_every_operation_has_its_row_in_the_matrix() -> None:
    assert set(OPERATIONS) == set(MATRIX)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_the_document_says_which_operations_need_a_token(name: str) -> None:
    method, path = OPERATIONS[name]
    accepted = openapi_document()["paths"][path][method].get("security", [{}])
    assert ({} not in accepted) == (
        MATRIX[name].expected["anonymous", "own"] == 401 and name != "sign_in"
    )


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_each_role_may_do_what_the_matrix_says_and_nothing_else(name: str) -> None:
    row, world = MATRIX[name], a_world()
    live_index.catch_up()
    found = {}
    for role in ROLES:
        phone = Phone() if role == "anonymous" else phone_of(world.accounts[role])
        for target in TARGETS if row.target else TARGETS[:1]:
            found[role, target] = answer_to(phone, name, world, row, target)
    told = {key: row.status(answer) for key, answer in found.items()}
    assert told == {key: row.expected[key] for key in told}
    if row.target:
        for role in ROLES:
            foreign, missing = found[role, "foreign"], found[role, "missing"]
            if row.status(foreign) >= 400:
                assert what_is_told(foreign) == what_is_told(missing), role


def answer_to(
    phone: Phone, name: str, world: World, row: Row, target: Target, *, undo: bool = True
) -> Any:
    """The answer to one request, whose effects are then undone."""
    method, path = OPERATIONS[name]
    kwargs = row.path | ({} if row.target is None else row.target(world, target))
    body = None if row.body is None else json.dumps(row.body(world, target))
    with transaction.atomic():
        response = phone.generic(
            method.upper(),
            path.format(**kwargs),
            body or "",
            content_type="application/json",
            headers=row.headers,
            REMOTE_ADDR=f"198.51.{next(callers) % 250}.7",  # nobody meets another one's limit
        )
        transaction.set_rollback(undo)
    return response


def what_is_told(response: Any) -> tuple[int, bytes, dict[str, str]]:
    return response.status_code, response.content, dict(response.headers)
