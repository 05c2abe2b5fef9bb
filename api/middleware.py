"""The API's short cut: its requests pass no session, cookie or form machinery.

Half of a light answer's cost would be middleware it has no use for. Searching needs no account, so
whatever knows accounts is not even asked.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import ResolverMatch, resolve

from api.acting import on_nobodys_behalf
from api.problems import problem, problem_of
from api.refusals import BAD_REQUEST, POSITION_IN_URL, RefusedError

PAGES = (
    "/join/",
    "/r/",
)  # for people, not for programs of other sites; they need no account either
OURS = ("/api", "/healthz", "/readyz", "/problems/", "/.well-known/", *PAGES)
NOT_ADDRESSED_BY_NAME = ("/healthz", "/readyz")  # asked from inside, by whatever host name

# Any page may ask the public API: it knows no cookies, so an answer tells nothing about its reader.
OPEN_TO_ANY_PAGE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Language, Content-Range, ETag, Retry-After, WWW-Authenticate"
    ),
}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Headers": (
        "Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range"
    ),
    "Access-Control-Max-Age": "86400",
}

MOST_PARAMETERS = 100
# Beyond the API, names such as location__isnull are filters of the admin's lists.
COORDINATES = {"lat", "latitude", "lng", "lon", "long", "longitude"}
POSITION_WORDS = re.compile(
    r"(?<![a-z])(bbox|cent(er|re)|coord(inate)?s?|geo(hash)?|gps|lat(itude)?|lat_?l(n|o)n?g?|lo?ng?"
    r"|longitude|ll|location|near|point|pos(ition)?)(?![a-z])",
    re.IGNORECASE,
)


class SearchFirst:
    """Answers the API's requests at once and hands all others on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or hand on."""
        ours = request.path_info.startswith(OURS)
        if not ours and any(name.lower() in COORDINATES for name in request.GET):
            return with_length(problem(POSITION_IN_URL))
        return on_nobodys_behalf(request, answered if ours else self.get_response)


def answered(request: HttpRequest) -> HttpResponseBase:
    """The answer to a request to one of ``OURS``; whatever is raised becomes a problem."""
    try:
        response = _answer(request)
    except Exception as exc:  # this is where every crash ends
        response = problem_of(exc, request)
    return with_length(opened(request, response))


def opened(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """An answer that pages of other sites may read, if it is the public API's."""
    if request.path_info.startswith(OURS) and not request.path_info.startswith(PAGES):
        for name, value in OPEN_TO_ANY_PAGE.items():
            response.headers.setdefault(name, value)
    return response


def with_length(response: HttpResponseBase) -> HttpResponseBase:
    """An answer that no middleware behind sees, with the length that it would have set."""
    if isinstance(response, HttpResponse) and (content := response.content):
        response.headers.setdefault("Content-Length", str(len(content)))
    return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    if request.path_info not in NOT_ADDRESSED_BY_NAME:
        request.get_host()  # refuses a host that is not ours
    if request.META.get("QUERY_STRING"):
        refuse_a_position(request.META["QUERY_STRING"])
    match = request.resolver_match = _match_of(request.path_info)
    if request.method == "OPTIONS" and not request.path_info.startswith(PAGES):
        return _preflight(match.func)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response = response.render()
    return response


def _match_of(path: str) -> ResolverMatch:
    """What a path leads to. Those without parameters, searches among them, are looked up once."""
    match = _plain_matches.get(path) or resolve(path)
    if not match.args and not match.kwargs:
        _plain_matches[path] = match
    return match


_plain_matches: dict[str, ResolverMatch] = {}  # as many as there are such paths


def refuse_a_position(query: str) -> None:
    """Refuse a query string with a parameter that sounds like a position, such as ``?lat=``."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise RefusedError(BAD_REQUEST) from None
    if any(POSITION_WORDS.search(name) for name, _value in pairs):
        raise RefusedError(POSITION_IN_URL)


def _preflight(view: Callable[..., HttpResponseBase]) -> HttpResponse:
    """What a browser asks before it lets a page of another site post JSON."""
    methods = ", ".join(allowed_methods(view))
    headers = PREFLIGHT_HEADERS | {"Allow": methods, "Access-Control-Allow-Methods": methods}
    response = HttpResponse(status=204, headers=headers)
    del response["Content-Type"]
    return response


def allowed_methods(view: Callable[..., HttpResponseBase]) -> list[str]:
    """The methods a view answers to, HEAD and OPTIONS included."""
    offered = getattr(view, "cls", None)
    methods = [name for name in ("get", "post", "put", "patch", "delete") if hasattr(offered, name)]
    if "get" in methods:
        methods.insert(1, "head")
    return [name.upper() for name in methods] + ["OPTIONS"]
