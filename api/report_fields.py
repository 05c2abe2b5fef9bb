"""What a report and an outcome are made of."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.fields import CONTROL, Field, Moment, Number, UnusableError, read_fields
from api.refusals import INVALID, FieldError, RefusedError
from services.availability import LONGEST_NOTE, MOST, Observation
from services.vocabulary import Availability, Outcome

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Id:
    """A UUID in its usual form."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        return {"type": "string", "format": "uuid", "description": self.description}

    def read(self, value: Any) -> uuid.UUID:
        """See Field."""
        if not isinstance(value, str) or not UUID.fullmatch(value):
            raise UnusableError("invalid_id", "A UUID, such as your device makes.")
        return uuid.UUID(value)


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words, which must be sent."""

    description: str
    words: tuple[str, ...]

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        return {"type": "string", "enum": list(self.words), "description": self.description}

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str) or value not in self.words:
            raise UnusableError("invalid_choice", f"One of: {', '.join(self.words)}.")
        return value


@dataclass(frozen=True, slots=True)
class Note:
    """One line of text, which may be empty."""

    description: str
    longest: int

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"maxLength": self.longest, "default": ""}
        return {"type": ["string", "null"], "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str):
            raise UnusableError("not_a_text", "Send a text in quotes.")
        if CONTROL.search(value):
            detail = "One line of text, without control characters."
            raise UnusableError("invalid_characters", detail)
        if len(value) > self.longest:
            raise UnusableError("max_length", f"At most {self.longest} characters.")
        return value.strip()


STATES = tuple(state.value for state in Availability if state != Availability.UNKNOWN)

REPORT: dict[str, Field] = {
    "id": Id("Made by your device for this observation: the same id is the same event for ever."),
    "state": Word("What was seen.", STATES),
    "remaining": Number(
        "Units free, such as beds. Leave it out if not counted.", 0, MOST, whole=True
    ),
    "wait_days": Number(
        "Days until one may be free. Free while people wait is a waitlist.", 0, MOST, whole=True
    ),
    "note": Note("For people who look for care. Name nobody.", LONGEST_NOTE),
    "observed_at": Moment(
        "When it was seen, up to 30 days ago; when it is received, if left out. A clock that runs "
        "ahead counts as five minutes from now."
    ),
}
IN_BATCH: dict[str, Field] = {"service": Id("The service's id.")} | REPORT
OUTCOME: dict[str, Field] = {
    "id": Id("Made by your device for this visit: the same id is the same event for ever."),
    "outcome": Word("What the visit came to.", tuple(Outcome.values)),
}


def read_all(
    body: Mapping[str, Any], fields: Mapping[str, Field], required: tuple[str, ...]
) -> dict[str, Any]:
    """The values of the fields that were sent.

    Raises:
        RefusedError: with an entry for every field that is missing, unknown or not usable.
    """
    missing = [
        FieldError(name, "required", "This must be sent.") for name in required if name not in body
    ]
    try:
        values = read_fields(body, fields)
    except RefusedError as refused:
        raise RefusedError(refused.refusal, errors=(*missing, *refused.errors)) from None
    if missing:
        raise RefusedError(INVALID, errors=missing)
    return values


def observation_of(values: Mapping[str, Any]) -> Observation:
    """The observation that was sent, out of ``read_all``."""
    observed_at: dt.datetime | None = values.get("observed_at")
    return Observation(
        id=values["id"],
        state=Availability(values["state"]),
        observed_at=observed_at,
        remaining=values.get("remaining"),
        wait_days=values.get("wait_days"),
        note=values.get("note", ""),
    )
