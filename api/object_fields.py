"""Fields made of others, as an edit needs them: texts, lists, objects whose members are merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.fields import CONTROL, Field, Number, UnusableError, name_of, object_schema

LINE_BREAKS = str.maketrans("", "", "\n\r\t")


@dataclass(frozen=True, slots=True)
class Words:
    """A text; one line of it unless ``lines``; it may be empty unless ``needed``."""

    description: str
    longest: int
    lines: bool = False
    needed: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        least = {"minLength": 1} if self.needed else {}
        size = {"maxLength": self.longest} | least
        return {"type": "string", "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str):
            raise UnusableError("not_a_text", "Send a text in quotes.")
        if len(value) > self.longest:
            raise UnusableError("max_length", f"At most {self.longest} characters.")
        if CONTROL.search(value.translate(LINE_BREAKS) if self.lines else value):
            raise UnusableError("invalid_characters", "Control characters have no place here.")
        if self.needed and not value.strip():
            raise UnusableError("blank", "This is empty.")
        return value.strip()


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or false, and no default."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        return {"type": "boolean", "description": self.description}

    def read(self, value: Any) -> bool:
        """See Field."""
        if not isinstance(value, bool):
            raise UnusableError("not_a_boolean", "Send true or false, without quotes.")
        return value


@dataclass(frozen=True, slots=True)
class Degrees:
    """A latitude or longitude."""

    description: str
    most: float

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        bounds = {"minimum": -self.most, "maximum": self.most}
        return {"type": "number", "description": self.description} | bounds

    def read(self, value: Any) -> float:
        """See Field."""
        degrees: float = Number("", -self.most, self.most).read(value)
        return degrees


@dataclass(frozen=True, slots=True)
class Codes:
    """A list of short words, each once."""

    description: str
    longest: int
    most: int
    choices: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        item: dict[str, Any] = {"type": "string", "maxLength": self.longest}
        if self.choices:
            item["enum"] = list(self.choices)
        schema = {"type": "array", "items": item, "maxItems": self.most}
        return schema | {"description": self.description}

    def read(self, value: Any) -> list[str]:
        """See Field."""
        if not isinstance(value, list) or len(value) > self.most:
            raise UnusableError("not_a_list", f"Send a list of at most {self.most} codes.")
        for code in value:
            if not isinstance(code, str) or not 0 < len(code) <= self.longest:
                raise UnusableError("invalid_code", "One of them is no such code.")
            if self.choices and code not in self.choices:
                raise UnusableError("invalid_choice", f"Each is one of: {', '.join(self.choices)}.")
        return value


@dataclass(frozen=True, slots=True)
class Members:
    """An object. Members that are not sent stay as they are, unless they are ``needed``."""

    description: str
    fields: Mapping[str, Field]
    needed: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        needed = {"required": list(self.needed)} if self.needed else {}
        return object_schema(self.fields) | needed | {"description": self.description}

    def read(self, value: Any) -> dict[str, Any]:
        """See Field."""
        if not isinstance(value, dict):
            raise UnusableError("not_an_object", "Send an object.")
        if missing := next((name for name in self.needed if name not in value), None):
            raise UnusableError("required", "This must be sent.", inside=missing)
        return {name: self._member(name, part) for name, part in value.items()}

    def _member(self, name: str, part: Any) -> Any:
        if name not in self.fields:
            detail = "There is no such member."
            raise UnusableError("unknown_field", detail, inside=name_of(name) or "?")
        try:
            return self.fields[name].read(part)
        except UnusableError as error:
            inside = f"{name}.{error.inside}" if error.inside else name
            raise UnusableError(error.code, error.detail, inside=inside) from None


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects, sent whole."""

    description: str
    row: Members
    most: int

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        schema = {"type": "array", "items": self.row.schema, "maxItems": self.most}
        return schema | {"description": self.description}

    def read(self, value: Any) -> list[dict[str, Any]]:
        """See Field."""
        if not isinstance(value, list) or len(value) > self.most:
            raise UnusableError("not_a_list", f"Send a list of at most {self.most} objects.")
        return [self._row(at, row) for at, row in enumerate(value)]

    def _row(self, at: int, row: Any) -> dict[str, Any]:
        try:
            return self.row.read(row)
        except UnusableError as error:
            inside = f"{at}.{error.inside}" if error.inside else str(at)
            raise UnusableError(error.code, error.detail, inside=inside) from None
