"""The fields of requests about accounts."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from api.fields import Text, UnusableError

LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text that must be sent."""

    description: str
    longest: int

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"minLength": 1, "maxLength": self.longest}
        return {"type": "string", "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        return Text(self.description, self.longest).read(value)


@dataclass(frozen=True, slots=True)
class Secret:
    """A password: whatever was typed, spaces at its ends included."""

    description: str
    longest: int

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"minLength": 1, "maxLength": self.longest, "format": "password"}
        return {"type": "string", "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        if not isinstance(value, str):
            raise UnusableError("not_a_text", "Send a text in quotes.")
        if not 0 < len(value) <= self.longest:
            raise UnusableError("invalid_length", f"From 1 to {self.longest} characters.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnusableError("invalid_characters", "This is no text in Unicode.") from None
        return value


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See Field."""
        size = {"maxLength": LONGEST_EMAIL, "format": "email"}
        return {"type": "string", "description": self.description} | size

    def read(self, value: Any) -> str:
        """See Field."""
        address = Text(self.description, LONGEST_EMAIL).read(value)
        try:
            validate_email(address)
        except ValidationError:
            detail = "An e-mail address, such as front-desk@clinic.example."
            raise UnusableError("invalid_email", detail) from None
        return address
