"""POST /api/v1/reports/batch/: many reports at once, each stored and answered on its own."""

import uuid
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.batches import decoded, items_of
from api.fields import UnusableError
from api.outages import database_is_away
from api.parameters import refuse_unknown
from api.problems import problem_of
from api.refusals import INVALID, TOO_MANY_ITEMS, FieldError, RefusedError
from api.report_fields import IN_BATCH, read_all
from api.v1.examples import BATCHES
from api.v1.report_shapes import BatchAnswer
from api.v1.reports import NEEDED, NOT_KEPT, READS, body_schema, stored
from services.models import User
from services.reporting import Say, says_of

MOST_AT_ONCE = 500
LARGEST = 2_000_000  # bytes; 500 reports fit, each with a long note

BODY = {
    "type": "object",
    "properties": {
        "reports": {
            "type": "array",
            "maxItems": MOST_AT_ONCE,
            "items": body_schema(IN_BATCH, "service", *NEEDED),
        }
    },
    "required": ["reports"],
    "additionalProperties": False,
}


class Item:
    """One report of a batch, as far as it can be read."""

    id: uuid.UUID | None = None
    service: uuid.UUID | None = None
    refused: RefusedError | None = None

    def __init__(self, text: str) -> None:
        self.values: dict[str, Any] = {}
        try:
            self._read(decoded(text))
        except RefusedError as refused:
            self.refused = refused

    def _read(self, body: Any) -> None:
        if not isinstance(body, dict):
            error = FieldError("", "not_an_object", "A report is an object.")
            raise RefusedError(INVALID, errors=[error])
        self.id = _id_of(body)
        self.values = read_all(body, IN_BATCH, ("service", *NEEDED))
        self.service = self.values.pop("service")

    def store(self, account: User, says: dict[uuid.UUID, Say]) -> tuple[int, bytes]:
        """Store it. Raises what a single report's request would raise."""
        if self.refused is not None or self.service is None:
            raise self.refused or RefusedError(INVALID)
        return stored(account, says.get(self.service), self.service, self.values)


def _id_of(body: dict[str, Any]) -> uuid.UUID | None:
    try:
        id_: uuid.UUID = IN_BATCH["id"].read(body.get("id"))
    except UnusableError:
        return None
    return id_


class ReportBatch(AccountView):
    """Many reports at once."""

    refuses = (*READS, TOO_MANY_ITEMS)

    @extend_schema(
        operation_id="report_batch",
        summary="Report many at once",
        tags=["reports"],
        request={JSON: BODY},
        responses={200: BatchAnswer},
        examples=BATCHES,
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """Up to 500 reports, such as a phone kept while it was offline; `results` in their order.

        Each is stored on its own and answered as if it had been sent alone: one that is refused
        holds up none of the others. If the server says 503 it may have stored some: send them all
        again, nothing is stored twice.
        """
        account = signed_in(request)
        refuse_unknown(request, ())
        texts = items_of(request, "reports", largest=LARGEST)
        if len(texts) > MOST_AT_ONCE:
            raise RefusedError(TOO_MANY_ITEMS)
        items = [Item(text) for text in texts]
        says = says_of(account, {item.service for item in items if item.service})
        results = [_result(item, account, says, request) for item in items]
        return HttpResponse(as_json({"results": results}), content_type=JSON, headers=NOT_KEPT)


def _result(
    item: Item, account: User, says: dict[uuid.UUID, Say], request: HttpRequest
) -> dict[str, Any]:
    told: dict[str, Any] = {"id": None if item.id is None else str(item.id)}
    try:
        status, body = item.store(account, says)
    except Exception as exc:  # a single report's request would be answered alike
        if database_is_away(exc):
            raise  # nothing can be said of any item that came after
        answer = problem_of(exc, request)
        return told | {"status": answer.status_code, "problem": orjson.Fragment(answer.content)}
    return told | {"status": status, "report": orjson.Fragment(body)}
