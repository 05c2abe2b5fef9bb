"""The ways to say no: one for each reason, known to phones by its ``type``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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
BAD_REQUEST = Refusal(
    "bad-request",
    400,
    "The request is not usable",
    "Send it as /api/docs/ shows: the whole body, a Host, at most 100 parameters.",
)
WRONG_HOST = Refusal(
    "wrong-host", 400, "This server does not go by that name", "Its names stand in ALLOWED_HOSTS."
)
UNAUTHENTICATED = Refusal(
    "unauthenticated",
    401,
    "This needs a token",
    "Send `Authorization: Bearer …` with a token from POST /api/v1/tokens/. One that has expired "
    "or was revoked is none: sign in again.",
)
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
FORBIDDEN = Refusal(
    "forbidden",
    403,
    "This account may not do that",
    "Ask an admin of the organization, or a moderator. GET /api/v1/account/ tells your role.",
)
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
CURSOR_EXPIRED = Refusal(
    "cursor-expired",
    410,
    "What changed since then cannot be told any more",
    "Take the region's pack anew: its path is in `pack`. If nothing is there, look for the region "
    "in /api/v1/packs/.",
)
RANGE_NOT_SATISFIABLE = Refusal(
    "range-not-satisfiable",
    416,
    "It has no such bytes",
    "Content-Range tells how many there are. Ask without a range.",
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
    "Who asked for a change cannot approve it, but can reject it, which takes it back; nor can who "
    "joined the clinic just now, nor be approved by a colleague. To put "
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
    "starting",
    503,
    "The server is still loading its services",
    "Try again in a few seconds. If it stays so, its database cannot be reached and it has no "
    "snapshot to search: whoever runs it finds in docs/operating.md what to do.",
    retry_after_s=2,
)

ALL: tuple[Refusal, ...] = tuple(value for value in globals().values() if type(value) is Refusal)


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
