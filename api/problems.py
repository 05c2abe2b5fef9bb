"""Refusals: every one is an RFC 9457 problem, our own crashes included.

Phones branch on ``type``. A problem names fields and says what to do; it never repeats a value that
was sent, because values are where people are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from drf_standardized_errors.formatter import flatten_errors
from redis.exceptions import RedisError
from rest_framework import exceptions

from api.crashes import log_crash
from services.accounts import AccountRefusedError, NotAllowedError
from services.availability import ReportConflictError, ReportRefusedError
from services.claims import ClaimedError
from services.closing import ClosingConflictError, ClosingRefusedError
from services.editing import EditRefusedError
from services.gazetteer import PlaceAmbiguousError, PlaceNotFoundError
from services.holding import AlreadyDecidedError, DangerousRevertError, SecondPersonNeededError
from services.index import IndexNotReadyError
from services.invitations import InvitationConflictError, TooManyInvitationsError
from services.limits import LimitReachedError, LimitsAwayError
from services.members import LastAdminError
from services.models import (
    AvailabilityReport,
    Closing,
    HeldChange,
    Membership,
    Organization,
    Service,
    Site,
)
from services.reporting_links import NoPlanError
from services.reporting_plans import PlanRefusedError
from services.reverting import ChangeSetUnknownError
from services.second_factor import CodeRequiredError, CodeTooSoonError, CodeWrongError
from services.sign_in import LockedOutError, WrongCredentialsError
from services.undoing import UndoRefusedError
from services.verifying import MayNotVerifyError

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A way to say no.

    Attributes:
        name: the last part of the problem's ``type``; never changes its meaning.
        title: the same words each time.
        detail: what to do about it, where that is always the same.
        retry_after_s: seconds after which to come back.
    """

    name: str
    status: int
    title: str
    detail: str = ""
    retry_after_s: int | None = None

    @property
    def type(self) -> str:
        """The problem's type: a path at this server, where people read what it means."""
        return f"/problems/{self.name}"


INVALID = Refusal(
    "invalid", 400, "Some of the values sent are not usable", "See errors: one entry for each."
)
MALFORMED = Refusal(
    "malformed",
    400,
    "The body cannot be read",
    "Send one JSON object in UTF-8, without NaN and Infinity.",
)
POSITION_IN_URL = Refusal(
    "position-in-url",
    400,
    "A position must not travel in a URL",
    "URLs end up in logs. Send the position in the body of POST /api/v1/nearby/ instead.",
)
BAD_REQUEST = Refusal("bad-request", 400, "The request is not usable")
WRONG_HOST = Refusal(
    "wrong-host", 400, "This server does not go by that name", "Its names stand in ALLOWED_HOSTS."
)
UNAUTHENTICATED = Refusal("unauthenticated", 401, "This needs a token")
SIGN_IN_REFUSED = Refusal(
    "sign-in-refused",
    401,
    "The name or the password is not right",
    "Check both. After ten tries a name is locked for 15 minutes.",
)
OTP_REQUIRED = Refusal(
    "otp-required",
    401,
    "This account needs a code",
    "Send the code that its authenticator app shows now, as otp.",
)
OTP_REFUSED = Refusal(
    "otp-refused",
    401,
    "The code is not right",
    "Wait for the app's next code: each counts once, and only for half a minute.",
)
FORBIDDEN = Refusal("forbidden", 403, "This account may not do that")
NOT_FOUND = Refusal(
    "not-found",
    404,
    "Nothing is here",
    "No such path or id; /api/docs/ lists the paths, which end with a slash.",
)
METHOD_NOT_ALLOWED = Refusal(
    "method-not-allowed", 405, "This method does not work here", "See the Allow header."
)
NOT_ACCEPTABLE = Refusal(
    "not-acceptable", 406, "None of the media types asked for is spoken here", "Ask for JSON."
)
CLAIMED = Refusal(
    "claimed",
    409,
    "Somebody else is calling this clinic",
    "Their claim ends by itself: see Retry-After. A report or confirmation needs no claim.",
)
SECOND_PERSON_NEEDED = Refusal(
    "second-person-needed",
    403,
    "Somebody else approves this",
    "Who asked for a change cannot approve it, but can reject it, which takes it back. To put "
    "back what could send people astray, edit it: that waits for a second person.",
)
ALREADY_DECIDED = Refusal(
    "already-decided", 409, "This was decided before", "Read it again to see what became of it."
)
PRECONDITION_FAILED = Refusal(
    "precondition-failed",
    412,
    "Somebody else edited this meanwhile",
    "Read it again, look at what changed, and edit that. The ETag header is that of now.",
)
PRECONDITION_REQUIRED = Refusal(
    "precondition-required",
    428,
    "Say which version you edit",
    "Send If-Match with the ETag of the listing as you read it, or * to edit whatever it is now.",
)
CONFLICT = Refusal(
    "conflict",
    409,
    "This id was used for something else",
    "The same id is the same event for ever. Make a new id for another event.",
)
NO_PLAN = Refusal(
    "no-reporting-plan",
    409,
    "The site has no reporting plan",
    "Nobody is known to write to: PUT /api/v1/sites/{id}/reporting-plan/ first.",
)
LAST_ADMIN = Refusal(
    "last-admin",
    409,
    "This is the clinic's only admin",
    "Make somebody else an admin first, or ask a moderator.",
)
TOO_LARGE = Refusal(
    "too-large", 413, "The body is too large", "Send at most 16 kB; in a batch, 2 MB."
)
TOO_MANY_ITEMS = Refusal(
    "too-many-items", 413, "Too many items in one batch", "Send at most 500 at a time."
)
UNSUPPORTED_MEDIA_TYPE = Refusal(
    "unsupported-media-type",
    415,
    "The body's media type is not spoken here",
    "Send Content-Type: application/json.",
)
PLACE_NOT_FOUND = Refusal("place-not-found", 422, "No such place is known")
PLACE_AMBIGUOUS = Refusal("place-ambiguous", 422, "Several places bear that name")
TOO_MANY = Refusal("too-many-requests", 429, "Too many requests", "Wait, then try again.")
TOO_MANY_INVITATIONS = Refusal(
    "too-many-invitations",
    429,
    "Too many of your invitations wait for an answer",
    "Wait until some are accepted or have expired, or withdraw some.",
)
CRASHED = Refusal("internal", 500, "Something broke on our side", "Trying again may help.")
UNAVAILABLE = Refusal(
    "unavailable", 503, "This is not available right now", "Try again soon.", retry_after_s=5
)
STARTING = Refusal(
    "starting", 503, "The server is still loading its services", "Try again.", retry_after_s=2
)

ALL: tuple[Refusal, ...] = tuple(value for value in globals().values() if type(value) is Refusal)

# What the domain, Django and DRF raise, and how we say it; the first that fits, subclasses first.
REFUSALS: dict[type[Exception], Refusal] = {
    PlaceAmbiguousError: PLACE_AMBIGUOUS,
    PlaceNotFoundError: PLACE_NOT_FOUND,
    IndexNotReadyError: STARTING,
    Service.DoesNotExist: NOT_FOUND,
    Site.DoesNotExist: NOT_FOUND,
    HeldChange.DoesNotExist: NOT_FOUND,
    EditRefusedError: INVALID,
    SecondPersonNeededError: SECOND_PERSON_NEEDED,
    DangerousRevertError: SECOND_PERSON_NEEDED,
    AlreadyDecidedError: ALREADY_DECIDED,
    Organization.DoesNotExist: NOT_FOUND,
    Closing.DoesNotExist: NOT_FOUND,
    AvailabilityReport.DoesNotExist: NOT_FOUND,
    ChangeSetUnknownError: NOT_FOUND,
    ClosingRefusedError: INVALID,
    ClosingConflictError: CONFLICT,
    UndoRefusedError: INVALID,
    ClaimedError: CLAIMED,
    MayNotVerifyError: FORBIDDEN,
    ReportRefusedError: INVALID,
    ReportConflictError: CONFLICT,
    PlanRefusedError: INVALID,
    NoPlanError: NO_PLAN,
    LimitReachedError: TOO_MANY,
    LimitsAwayError: UNAVAILABLE,
    AccountRefusedError: INVALID,
    NotAllowedError: FORBIDDEN,
    Membership.DoesNotExist: NOT_FOUND,
    LastAdminError: LAST_ADMIN,
    InvitationConflictError: CONFLICT,
    TooManyInvitationsError: TOO_MANY_INVITATIONS,
    WrongCredentialsError: SIGN_IN_REFUSED,
    LockedOutError: TOO_MANY,
    CodeRequiredError: OTP_REQUIRED,
    CodeWrongError: OTP_REFUSED,
    CodeTooSoonError: TOO_MANY,
    RedisError: UNAVAILABLE,
    OperationalError: UNAVAILABLE,
    InterfaceError: UNAVAILABLE,
    Http404: NOT_FOUND,
    PermissionDenied: FORBIDDEN,
    RequestDataTooBig: TOO_LARGE,
    DisallowedHost: WRONG_HOST,
    SuspiciousOperation: BAD_REQUEST,
    UnreadablePostError: BAD_REQUEST,
    exceptions.ValidationError: INVALID,
    exceptions.ParseError: MALFORMED,
    exceptions.AuthenticationFailed: UNAUTHENTICATED,
    exceptions.NotAuthenticated: UNAUTHENTICATED,
    exceptions.PermissionDenied: FORBIDDEN,
    exceptions.NotFound: NOT_FOUND,
    exceptions.MethodNotAllowed: METHOD_NOT_ALLOWED,
    exceptions.NotAcceptable: NOT_ACCEPTABLE,
    exceptions.UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE,
    exceptions.Throttled: TOO_MANY,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. ``code`` is for programs, ``detail`` for people."""

    field: str
    code: str
    detail: str


class RefusedError(Exception):
    """Raised by views to say no in one of the ways above."""

    def __init__(
        self,
        refusal: Refusal,
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal
        self.errors = tuple(errors)
        self.headers = headers


def problem_body(refusal: Refusal, detail: str = "") -> dict[str, Any]:
    """The members that every problem has."""
    return {
        "type": refusal.type,
        "title": refusal.title,
        "status": refusal.status,
        "detail": detail or refusal.detail or refusal.title,
    }


def problem(
    refusal: Refusal,
    *,
    detail: str = "",
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """The answer that says no."""
    body = problem_body(refusal, detail)
    if listed := [asdict(error) for error in errors]:
        body["errors"] = listed
    response = HttpResponse(
        orjson.dumps(body | more),
        status=refusal.status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store"} | dict(headers or {}),
    )
    if refusal.status == 401:  # noqa: PLR2004
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    if refusal.retry_after_s is not None:
        response["Retry-After"] = str(refusal.retry_after_s)
    return response


def problem_of(exc: Exception, request: HttpRequest) -> HttpResponse:
    """The answer to a request that raised. What nobody foresaw is logged, without its values."""
    if isinstance(exc, RefusedError):
        return problem(exc.refusal, errors=exc.errors, headers=exc.headers)
    refusal = next((REFUSALS[kind] for kind in type(exc).__mro__ if kind in REFUSALS), None)
    if refusal is None:
        log_crash(exc, request)
        return problem(CRASHED)
    if isinstance(exc, PlaceNotFoundError):
        return _place_problem(exc, refusal)
    if errors := _field_errors(exc):
        return problem(refusal, errors=errors)
    wait = getattr(exc, "wait", None)
    return problem(refusal, headers={} if wait is None else {"Retry-After": f"{wait:.0f}"})


def _field_errors(exc: Exception) -> list[FieldError]:
    """What an exception says is wrong, field by field."""
    if isinstance(exc, OF_ONE_FIELD):
        return [FieldError(exc.field, exc.code, str(exc))]
    if isinstance(exc, EditRefusedError):
        return [FieldError(one.field, "invalid", str(one)) for one in (exc, *exc.more)]
    if isinstance(exc, exceptions.ValidationError):
        return [
            # Django's own texts repeat what was sent.
            FieldError(error.attr or "", error.code, DETAILS.get(error.code, "Not usable here."))
            for error in flatten_errors(exc.detail)
        ]
    return []


OF_ONE_FIELD = (
    ClosingRefusedError,
    UndoRefusedError,
    ReportRefusedError,
    PlanRefusedError,
    AccountRefusedError,
    CodeRequiredError,
    CodeWrongError,
)
DETAILS = {
    "invalid_choice": "Not one of the values that stand in /api/v1/kinds/.",
    "max_length": "Too long for such a code.",
    "invalid": "Not of the form that the documentation shows.",
}


def _place_problem(exc: PlaceNotFoundError, refusal: Refusal) -> HttpResponse:
    if isinstance(exc, PlaceAmbiguousError):
        error = FieldError("place", "ambiguous", str(exc))
        return problem(refusal, errors=[error], detail=error.detail, choices=exc.choices)
    error = FieldError("place", "not_found", str(exc))
    return problem(refusal, errors=[error], detail=error.detail)


def drf_problem(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler: the same table."""
    return problem_of(exc, context["request"])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of what fails before the API is reached, such as a wrong Host."""
    return problem_of(exception, request)
