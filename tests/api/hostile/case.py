"""A hostile request, and how it must be answered."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from api.refusals import Refusal

SEARCH = "/api/v1/nearby/"
HERE = {"lat": 39.9526, "lon": -75.1652}
GOOD = json.dumps(HERE).encode()

# What the cases hold of people: no answer may repeat any of it.
TELLTALES = (b"39.95", b"75.16", b"anary", b"2155550199")

SERVICE = "5e221ce0-0000-4000-8000-000000000001"
SITE = "517e0000-0000-4000-8000-000000000001"
FOREIGN = "f0e16000-0000-4000-8000-000000000001"  # another organization's service
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        name: what is wrong with it; each case has its own.
        refused: how; None if it is answered.
        path: as it stands in the request line, percent-encoded.
        headers: as WSGI names them, such as HTTP_ACCEPT.
        role: whose token is sent along; empty for none.
        field: that the problem must name, if any.
        status: of an answer that is none of our problems.
    """

    name: str
    refused: Refusal | None = None
    method: str = "POST"
    path: str = SEARCH
    query: str = ""
    body: bytes = GOOD
    headers: dict[str, str] = field(default_factory=dict)
    role: str = ""
    field: str | None = None
    status: int = 200

    @property
    def expected(self) -> int:
        """The status of the answer."""
        return self.refused.status if self.refused else self.status

    @property
    def environ(self) -> dict[str, Any]:
        """The request as a WSGI server hands it over, but for its body and its token."""
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": self.query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(self.body)),
        } | self.headers


def a_search(name: str, refused: Refusal | None, body: bytes | str, **more: Any) -> Case:
    """A search with this body."""
    return Case(name, refused, body=body if isinstance(body, bytes) else body.encode(), **more)


def a_reading(name: str, refused: Refusal | None, path: str, query: str = "", **more: Any) -> Case:
    """A GET."""
    return Case(name, refused, "GET", path, query, body=b"", **more)
