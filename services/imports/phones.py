"""Phone numbers as feeds write them: extensions, two in one field, words for digits."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import phonenumbers

from services.imports.text import plain
from services.phones import SHORT, dialable

PARTS = re.compile(r"\s*(?:;|\||,(?!\s*(?:ext|x))|\*|\bor\b|/|<br\s*/?>)\s*", re.IGNORECASE)
EXTENSION = re.compile(
    r"[\s,]*(?:\bext(?:ension)?\b\.?|(?<![A-Z])x|#)\s*(\d{1,11})\s*$", re.IGNORECASE
)
NUMBER = re.compile(r"(\+?1?[\s.(-]*\d{3}[\s.)-]*[0-9A-Z]{3}[\s.-]*[0-9A-Z]{4,})$")
MAX_NUMBERS = 10
MOST_READ = 500  # characters of a field: the patterns above look at each many times
MOST_TOLD = 5  # parts that are no numbers, of one field
NANP_DIGITS = 10


class Number(NamedTuple):
    """A dialable number: E.164 ("+12155550100") or a short one ("988"), and what it is for."""

    number: str
    extension: str
    label: str


def numbers_in(value: object, *, label: str, country: str) -> tuple[list[Number], list[str]]:
    """The numbers in one field, and the parts that are none.

    Args:
        value: such as "215-555-0100 x12" or "Intake 416-555-0100 ; 416-555-0101".
        label: what the field says its numbers are for; a word before a number says it better.
        country: ISO code whose numbering plan applies.
    """
    if len(written := str(value or "")) > MOST_READ:
        return [], [written[:MOST_READ]]
    found: list[Number] = []
    lost: list[str] = []
    for part in PARTS.split(written):
        text = plain(part)
        if not text:
            continue
        number = _number(text, label, country)
        if number is None:
            lost.append(text)
        elif number[:2] not in {known[:2] for known in found}:
            found.append(number)
    return found[:MAX_NUMBERS], lost


def left_out(parts: list[str]) -> list[str]:
    """What a report says of the parts of a field that are no numbers."""
    told = [f"phone left out, it cannot be dialled: “{part[:40]}”" for part in parts[:MOST_TOLD]]
    more = len(parts) - MOST_TOLD
    return [*told, f"{more} more parts that cannot be dialled"] if more > 0 else told


def _number(text: str, label: str, country: str) -> Number | None:
    extension = EXTENSION.search(text)
    bare = EXTENSION.sub("", text)
    if bare in SHORT:
        return Number(bare, "", label)
    written = NUMBER.search(bare)
    if not written:
        return None
    for digits in _dialled(written.group(1)):
        if number := dialable(digits, country):
            words = plain(bare[: written.start()]).rstrip(" :-(")
            return Number(number, extension.group(1) if extension else "", _label(words, label))
    return None


def _dialled(written: str) -> Iterator[str]:
    digits = phonenumbers.convert_alpha_characters_in_number(written)
    yield digits
    if digits != written:  # a word may run past the last digit: 1-800-FLOWERS, 888-85COMPA(SS)
        bare = re.sub(r"\D", "", digits).removeprefix("1")
        yield bare[:NANP_DIGITS]


def _label(words: str, label: str) -> str:
    if "intake" in words.casefold():
        return "intake"
    return words[:40].rstrip() if re.search(r"[A-Za-z]{3}", words) else label
