"""Refusals: every one is an RFC 9457 problem, our own crashes included.

Phones branch on ``type``. A problem names fields and says what to do; it never repeats a value that
was sent, because values are where people are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import orjson
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from drf_standardized_errors.formatter import flatten_errors
from redis.exceptions import RedisError
from rest_framework import exceptions

from api.crashes import log_crash
from api.outages import database_is_away, is_walled_off
from api.refusals import (
    ALREADY_DECIDED,
    BAD_REQUEST,
    CLAIMED,
    CONFLICT,
    CRASHED,
    CURSOR_EXPIRED,
    FORBIDDEN,
    INVALID,
    LAST_ADMIN,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    NO_PLAN,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    OTP_REFUSED,
    OTP_REQUIRED,
    PLACE_AMBIGUOUS,
    PLACE_NOT_FOUND,
    SECOND_PERSON_NEEDED,
    SIGN_IN_REFUSED,
    STARTING,
    TOO_LARGE,
    TOO_MANY,
    TOO_MANY_INVITATIONS,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    WRONG_HOST,
    FieldError,
    Refusal,
    RefusedError,
)
from services.accounts import AccountRefusedError, NotAllowedError
from services.availability import ReportConflictError, ReportRefusedError
from services.changes.cursor import CursorExpiredError
from services.claims import ClaimedError
from services.closing import ClosingConflictError, ClosingRefusedError
from services.editing import EditRefusedError
from services.gazetteer import PlaceAmbiguousError, PlaceNotFoundError, PlacesNotReadyError
from services.holding import AlreadyDecidedError, DangerousRevertError, SecondPersonNeededError
from services.index import BusyError, IndexNotReadyError
from services.invitations import InvitationConflictError, TooManyInvitationsError
from services.limits import LimitReachedError, LimitsAwayError
from services.members import LastAdminError
from services.models import (
    AvailabilityReport,
    Closing,
    HeldChange,
    Membership,
    Organization,
    Pack,
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

# What the domain, Django and DRF raise, and how we say it; the first that fits, subclasses first.
REFUSALS: dict[type[Exception], Refusal] = {
    PlaceAmbiguousError: PLACE_AMBIGUOUS,
    PlaceNotFoundError: PLACE_NOT_FOUND,
    IndexNotReadyError: STARTING,
    BusyError: UNAVAILABLE,
    PlacesNotReadyError: STARTING,
    Service.DoesNotExist: NOT_FOUND,
    Site.DoesNotExist: NOT_FOUND,
    HeldChange.DoesNotExist: NOT_FOUND,
    EditRefusedError: INVALID,
    SecondPersonNeededError: SECOND_PERSON_NEEDED,
    DangerousRevertError: SECOND_PERSON_NEEDED,
    AlreadyDecidedError: ALREADY_DECIDED,
    Organization.DoesNotExist: NOT_FOUND,
    Pack.DoesNotExist: NOT_FOUND,
    Closing.DoesNotExist: NOT_FOUND,
    AvailabilityReport.DoesNotExist: NOT_FOUND,
    ChangeSetUnknownError: NOT_FOUND,
    ClosingRefusedError: INVALID,
    ClosingConflictError: CONFLICT,
    UndoRefusedError: INVALID,
    CursorExpiredError: CURSOR_EXPIRED,
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
    if database_is_away(exc):
        return problem(UNAVAILABLE)
    refusal = next((REFUSALS[kind] for kind in type(exc).__mro__ if kind in REFUSALS), None)
    if refusal is None:
        log_crash(exc, request)  # of what is walled off, too: a filter of ours has let it through
        return problem(NOT_FOUND if is_walled_off(exc) else CRASHED)
    if isinstance(exc, PlaceNotFoundError):
        return _place_problem(exc, refusal)
    if errors := _field_errors(exc):
        return problem(refusal, errors=errors)
    wait = getattr(exc, "wait", None)
    headers = {} if wait is None else {"Retry-After": f"{wait:.0f}"}
    instead: dict[str, Any] = {}
    if isinstance(exc, CursorExpiredError):
        instead["pack"] = f"/api/v1/packs/{quote(exc.region)}/"
    return problem(refusal, headers=headers, **instead)


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
