"""Fields made of the vocabulary: kinds of service and access facts."""

from dataclasses import dataclass
from typing import Any

from api.fields import UnusableError, name_of
from services.vocabulary import ACCESS_FACTS, LOW_BARRIER, Kind, kind_called

MOST_KINDS = 50
FACTS = (*ACCESS_FACTS, LOW_BARRIER)


@dataclass(frozen=True, slots=True)
class Kinds:
    """A list of kinds; the words people use for them are understood."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See api.fields.Field."""
        words = {"type": "string", "example": Kind.METHADONE.value, "maxLength": 40}
        schema: dict[str, Any] = {"type": "array", "items": words, "maxItems": MOST_KINDS}
        return schema | {"default": [], "description": self.description}

    def read(self, value: Any) -> tuple[Kind, ...]:
        """See api.fields.Field."""
        if not isinstance(value, list):
            raise UnusableError("not_a_list", "Send a list of kinds.")
        if len(value) > MOST_KINDS:
            raise UnusableError("max_length", f"At most {MOST_KINDS} kinds.")
        kinds: dict[Kind, None] = {}
        for position, word in enumerate(value, start=1):
            kind = kind_called(word) if isinstance(word, str) else None
            if kind is None:
                detail = f"Number {position} is not a kind of service; see /api/v1/kinds/."
                raise UnusableError("unknown_kind", detail)
            kinds[kind] = None
        return tuple(kinds)


@dataclass(frozen=True, slots=True)
class Access:
    """Access facts and the answers wished for."""

    description: str

    @property
    def schema(self) -> dict[str, Any]:
        """See api.fields.Field."""
        return {
            "type": "object",
            "properties": {fact: {"type": "boolean"} for fact in FACTS},
            "additionalProperties": False,
            "default": {},
            "description": self.description,
        }

    def read(self, value: Any) -> dict[str, bool]:
        """See api.fields.Field."""
        if not isinstance(value, dict):
            raise UnusableError("not_an_object", "Send an object of access facts.")
        for fact, wanted in value.items():
            if fact not in FACTS:
                detail = "There is no such access fact; see /api/v1/kinds/."
                raise UnusableError("unknown_fact", detail, inside=name_of(fact))
            if not isinstance(wanted, bool):
                raise UnusableError("not_a_boolean", "Send true or false.", inside=fact)
        return value
