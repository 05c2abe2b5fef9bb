"""The fields of a request: what each takes, and how that reads in the OpenAPI document.

One definition serves both. Reading is plain Python on purpose: a serializer would cost more than
the search itself.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from api.refusals import INVALID, FieldError, RefusedError

PLAIN_NAME = re.compile(r"[a-z_]{1,40}", re.IGNORECASE)  # no digits: a name tells no position
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
YEARS = 5  # how far from now a moment may lie
TEXT_OR_NULL = ["string", "null"]
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class UnusableError(ValueError):
    """A value that a field does not take. ``inside`` names the part that is wrong, if any."""

    def __init__(self, code: str, detail: str, *, inside: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.inside = inside


class Field(Protocol):
    """What one field takes."""

    @property
    def schema(self) -> dict[str, Any]:
        """The field in the OpenAPI document."""

    def read(self, value: Any) -> Any:
        """The value, usable by the domain.

        Raises:
            UnusableError: it is not usable.
        """


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``least`` to ``most``; with ``above``, ``least`` itself is too little."""

    description: str
    least: float
    most: float
    above: bool = False
    whole: bool = False
    default: int | None = None

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        type_ = "integer" if self.whole else "number"
        least = "exclusiveMinimum" if self.above else "minimum"
        schema: dict[str, Any] = {"type": [type_, "null"], least: self.least, "maximum": self.most}
        if self.default is not None:
            schema |= {"type": type_, "default": self.default}
        return schema | {"description": self.description}

    def read(self, value: Any) -> Any:
        """See Field."""
        if type(value) is not int and (self.whole or type(value) is not float):
            what = "a whole number" if self.whole else "a number"
            raise UnusableError("not_a_number", f"Send {what}, without quotes.")
        if value > self.most:
            raise UnusableError("max_value", f"At most {self.most:g}.")
        if not (value > self.least if self.above else value >= self.least):
            bound = "More than" if self.above else "At least"
            raise UnusableError("min_value", f"{bound} {self.least:g}.")
        return value if self.whole else float(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        return {"type": "boolean", "default": False, "description": self.description}

    def read(self, value: Any) -> bool:
        """See Field."""
        if not isinstance(value, bool):
            raise UnusableError("not_a_boolean", "Send true or false, without quotes.")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    description: str
    words: tuple[str, ...]
    default: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        schema = {"type": "string", "enum": list(self.words), "default": self.default}
        return schema | {"description": self.description}

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str) or value not in self.words:
            raise UnusableError("invalid_choice", f"One of: {', '.join(self.words)}.")
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A short text without control characters."""

    description: str
    longest: int

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"minLength": 1, "maxLength": self.longest}
        return {"type": TEXT_OR_NULL, "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str):
            raise UnusableError("not_a_text", "Send a text in quotes.")
        if not value.strip():
            raise UnusableError("blank", "This is empty.")
        if len(value) > self.longest:
            raise UnusableError("max_length", f"At most {self.longest} characters.")
        if CONTROL.search(value):
            raise UnusableError("invalid_characters", "Control characters have no place here.")
        return value.strip()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time with its offset, some years from now at most."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        return {"type": TEXT_OR_NULL, "format": "date-time", "description": self.description}

    def read(self, value: Any) -> dt.datetime:
        """See Field."""
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            raise UnusableError(
                "invalid_time", "RFC 3339 with an offset, such as 2026-11-23T14:00:00-05:00."
            )
        try:
            moment = dt.datetime.fromisoformat(value.upper())
        except ValueError:
            raise UnusableError("invalid_time", "There is no such day or time.") from None
        if abs(moment.year - dt.datetime.now(dt.UTC).year) > YEARS:
            raise UnusableError("too_far", f"At most {YEARS} years from now.")
        return moment


@dataclass(frozen=True, slots=True)
class OrNull:
    """A field whose null says something of its own, such as that nobody knows."""

    field: Field

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        schema = self.field.schema
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return schema | {"type": list(dict.fromkeys([*types, "null"]))}

    def read(self, value: Any) -> Any:
        """See Field."""
        return None if value is None else self.field.read(value)


@dataclass(frozen=True, slots=True)
class Language:
    """A language tag; one we have no texts in means English."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        pattern = f"^{LANGUAGE_TAG.pattern}$"
        return {"type": TEXT_OR_NULL, "pattern": pattern, "description": self.description}

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str) or not LANGUAGE_TAG.fullmatch(value):
            raise UnusableError("invalid_language", "A language tag such as es or fr-CA.")
        return value


def name_of(field: str) -> str:
    """A field's name as it may be told back: only if it looks like one of ours."""
    return field if PLAIN_NAME.fullmatch(field) else ""


def object_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    """The object of these fields in the OpenAPI document. Other fields are refused."""
    properties = {name: field.schema for name, field in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def read_fields(body: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values of the fields that were sent; null counts as not sent where it is the default.

    Raises:
        RefusedError: with an entry for every field that is unknown or not usable.
    """
    values, errors = {}, []
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            detail = "There is no such field. Look for a slip in its name, or leave it out."
            errors.append(FieldError(name_of(name), "unknown_field", detail))
            continue
        if value is None and not isinstance(field, OrNull) and "null" in field.schema["type"]:
            continue
        try:
            values[name] = field.read(value)
        except UnusableError as error:
            where = f"{name}.{error.inside}" if error.inside else name
            errors.append(FieldError(where, error.code, error.detail))
    if errors:
        raise RefusedError(INVALID, errors=errors)
    return values
