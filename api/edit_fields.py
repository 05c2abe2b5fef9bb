"""What people edit of a site or service: the fields of a PATCH, and of ``editable`` in a GET."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.fields import (
    CONTROL,
    Field,
    Number,
    OrNull,
    UnusableError,
    name_of,
    object_schema,
)
from api.report_fields import Word
from services import validity as v
from services import vocabulary as words

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


LISTED = YesNo("Whether anyone may find it. False retires it, true lists it again.")

SERVICE: dict[str, Field] = {
    "name": Words("Only if it differs from the site's; else empty.", 255),
    "description": Words("For people who look for care.", 4000, lines=True),
    "access": Members(
        "Facts: yes, no, or null for unknown. Facts that are not sent stay as they are.",
        {fact: OrNull(YesNo(str(label))) for fact, label in words.ACCESS_FACTS.items()},
    ),
    "languages": Codes("ISO 639 codes, such as en, es.", 3, 100),
    "min_age": OrNull(Number("Lowest age, or null.", 0, 130, whole=True)),
    "max_age": OrNull(Number("Highest age, or null.", 0, 130, whole=True)),
    "asam": Members(
        "ASAM levels of withdrawal management, with the edition they are from.",
        {
            "levels": Codes("Levels.", 6, 20, tuple(words.AsamLevel.values)),
            "edition": OrNull(Number("Edition, such as 4.", 1, 99, whole=True)),
        },
    ),
    "moud_policy": Members(
        "What a detox or residential service says to these medications.",
        {
            name: Word("Its policy.", tuple(words.MoudPolicy.values))
            for name in ("methadone", "buprenorphine")
        },
    ),
    "hours": Members(
        "OSM opening_hours by type, or null for none. Types that are not sent stay.",
        {type_: OrNull(Words("A rule.", v.LONGEST_RULE)) for type_ in words.HoursType.values},
    ),
    "hours_exceptions": Rows(
        "Days on which the hours differ. The whole list: what is not in it goes.",
        Members(
            "Days, on the site's clock.",
            {
                "first_day": Words("Such as 2026-12-24.", 10, needed=True),
                "last_day": Words("The last of the days.", 10, needed=True),
                "times": OrNull(
                    Words("Such as 09:00-12:00, 13:00-15:00; null if closed.", v.LONGEST_TIMES)
                ),
                "reason": Words("Why.", v.LONGEST_REASON),
            },
            ("first_day", "last_day"),
        ),
        v.MOST_EXCEPTIONS,
    ),
    "listed": LISTED,
}

SITE: dict[str, Field] = {
    "name": Words("The site's name.", 255, needed=True),
    "delivery": Word("How people reach it.", tuple(words.Delivery.values)),
    "location": OrNull(
        Members(
            "The true point, in degrees; null if it is remote.",
            {"lat": Degrees("Latitude.", 90), "lon": Degrees("Longitude.", 180)},
            ("lat", "lon"),
        )
    ),
    "location_accuracy": Word("What the point stands for.", tuple(words.LocationAccuracy.values)),
    "address": Words("Street and number. Told only if the site is public.", 255),
    "address_extra": Words("Suite, floor, unit.", 255),
    "city": Words("City.", 120),
    "region": Words("State or province, such as PA.", 8),
    "postal_code": Words("ZIP or postal code.", 12),
    "country": Words("ISO 3166 code, such as US.", 2, needed=True),
    "time_zone": Words("IANA name; empty for the zone of the point.", 64),
    "website": OrNull(Words("Its address, or null.", 500)),
    "visibility": Word("How much of its place anyone may know.", tuple(words.Visibility.values)),
    "naltrexone": OrNull(YesNo("Whether it offers naltrexone, or null if unknown.")),
    "phones": Rows(
        "Its numbers in order. The whole list: what is not in it goes.",
        Members(
            "A number.",
            {
                "number": Words("As people dial it, such as +1 215 555 0100 or 988.", 40),
                "extension": OrNull(Words("Digits dialled after it, or null.", 16)),
                "label": Words("What it is for; main if left out.", v.LONGEST_LABEL),
            },
            ("number",),
        ),
        v.MOST_PHONES,
    ),
    "listed": LISTED,
}
