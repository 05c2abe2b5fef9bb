"""How a client takes answers, and where an answer leads on to."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from schemathesis import Response

from tests.proofs.api.made import AnyCase

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def unpacked(application: Application) -> Application:
    """Answers with gzip undone, as every HTTP library hands them over; parts stay as they are."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        content = application(environ, lambda *start: told.extend(start[:2]))
        body = b"".join(content)
        if hasattr(content, "close"):
            content.close()
        status, headers = told
        if ("Content-Encoding", "gzip") in headers and status.startswith("200"):
            body = gzip.decompress(body)
            away = ("Content-Encoding", "Content-Length")
            headers = [(name, value) for name, value in headers if name not in away]
        start_response(status, headers)
        return [body]

    return answer


def follow_up(case: AnyCase, response: Response) -> Iterator[tuple[str, AnyCase, Response]]:
    """What a client asks next: whether it changed, for the next page, the same write once more.

    Yields:
        A name of it, the request, and its answer.
    """
    if not 200 <= response.status_code < 300:
        return
    if case.method == "GET" and (tags := response.headers.get("etag")):
        again = _with(case, headers={**case.headers, "If-None-Match": tags[0]})
        yield "unchanged", again, again.call()
    if (page := _next_page(response)) is not None:
        following = _with(case, query=dict(parse_qsl(urlsplit(page).query)))
        yield "next page", following, following.call()
    if case.method in WRITES:
        yield "once more", case, case.call()


def _with(case: AnyCase, **changed: Any) -> AnyCase:
    parts = {"path_parameters": case.path_parameters, "headers": case.headers}
    parts |= {"query": case.query} | changed
    made: AnyCase = case.operation.Case(**parts)
    return made


def _next_page(response: Response) -> str | None:
    kind = response.headers.get("content-type", [""])[0]
    if response.status_code != 200 or kind.partition(";")[0] not in JSON:
        return None
    told = response.json()
    page = told.get("next") if isinstance(told, dict) else None
    return page if isinstance(page, str) else None


JSON = ("application/json", "application/geo+json")
