"""Street addresses and postal codes: what is the same although it is written differently."""

import re
from typing import NamedTuple

from services.imports.text import folded, words_in

STREET_TYPES = words_in(
    """
    st street ave avenue av rd road blvd boulevard dr drive ln lane ct court pl place pkwy
    parkway pky cir circle ter terrace sq square trl trail plz plaza way expy expressway loop
    run row path crescent cres alley aly bypass byp pike tpke turnpike fwy freeway xing
    crossing pt point
    """
)
DIRECTIONS = {
    "n": "n", "north": "n", "s": "s", "south": "s", "e": "e", "east": "e", "w": "w", "west": "w",
    "ne": "ne", "northeast": "ne", "nw": "nw", "northwest": "nw",
    "se": "se", "southeast": "se", "sw": "sw", "southwest": "sw",
}  # fmt: skip
SAME_WORD = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
    "sixth": "6", "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10",
    "highway": "hwy", "route": "hwy", "rte": "hwy", "rt": "hwy", "interstate": "hwy",
    "mount": "mt", "fort": "ft", "doctor": "dr", "county": "co", "junior": "jr",
}  # fmt: skip
UNIT = re.compile(
    r"[\s,]+(?:(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|ground|lower|upper|main)\s+"
    r"(?:floor|fl|level)|(?:suites?|stes?|units?|apt|apartment|building|bldg|floor|fl|rooms?|rm|"
    r"department|dept|level|ward|p\.?\s?o\.?\s*box)\b|#).*$",
    re.IGNORECASE,
)
HOUSE_NUMBER = re.compile(r"^([nsew]?\d+)(?:\s*-\s*(?:\d+|[a-z]\b)|[a-z]\b)?\s*", re.IGNORECASE)
NUMBERED_HIGHWAY = re.compile(r"\bU\.? ?S\.? (?:highway |hwy |route |rte )?(?=\d)", re.IGNORECASE)
ALIKE = 0.75  # share of letters two street names must have in common

# States whose ZIPs begin with 0: there a spreadsheet has eaten the zero. Fishers Island, NY, too.
ZERO_STATES = frozenset({"CT", "MA", "ME", "NH", "NJ", "NY", "PR", "RI", "VI", "VT"})
ZIP_LENGTH = 5


class Street(NamedTuple):
    """What identifies a door, without suite, street type and spelling.

    Attributes:
        number: the house number, or empty.
        name: the words of the street's name, in order.
        directions: such as {"nw"}.
    """

    number: str
    name: tuple[str, ...]
    directions: frozenset[str]


def street_of(address: str) -> Street:
    """The comparable part of a street address."""
    line = NUMBERED_HIGHWAY.sub("Highway ", UNIT.sub("", address) or address)
    house = HOUSE_NUMBER.match(line.strip())
    number = house.group(1).casefold() if house else ""
    words = folded(line.strip()[house.end() :] if house else line).split()
    directions = frozenset(DIRECTIONS[word] for word in words if word in DIRECTIONS)
    core = [_word(word) for word in words if word not in DIRECTIONS]
    if core[:1] == ["st"] and len(core) > 1:
        core[0] = "saint"
    named = tuple(word for word in core if word not in STREET_TYPES | {"us", "state", "sr"})
    return Street(number, named or tuple(core[:1]) or tuple(words), directions)


def _word(word: str) -> str:
    ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word)
    return ordinal.group(1) if ordinal else SAME_WORD.get(word, word)


def same_street(one: Street, other: Street) -> bool:
    """Whether two addresses of one town mean the same door, suites left aside."""
    if one.number != other.number:
        return False
    if one.directions and other.directions and one.directions != other.directions:
        return False
    if one.name == other.name:
        return bool(one.number or one.name)
    digits = [{word for word in street.name if word[0].isdigit()} for street in (one, other)]
    if not one.number or digits[0] != digits[1]:
        return False
    return likeness("".join(one.name), "".join(other.name)) >= ALIKE


def likeness(one: str, other: str) -> float:
    """How alike two words are: shared pairs of letters, from 0 to 1.

    Source: L. R. Dice, "Measures of the amount of ecologic association between species" (1945).
    """
    pairs = [{word[at : at + 2] for at in range(len(word) - 1)} for word in (one, other)]
    total = len(pairs[0]) + len(pairs[1])
    return 2 * len(pairs[0] & pairs[1]) / total if total else float(one == other)


def zip_of(text: str, state: str) -> str:
    """The five digits of a ZIP, its lost leading zeros restored; empty if it cannot be one.

    Args:
        text: "19125", "19125-3412", or "6401" where a spreadsheet ate the zero.
        state: two letters; only some states have ZIPs that begin with zero.
    """
    written = re.fullmatch(r"(\d{3,5})(?:\.0)?(?:-?(\d{4}))?", text.strip())
    if not written:
        return ""
    digits = written.group(1)
    if len(digits) < ZIP_LENGTH and state not in ZERO_STATES:
        return ""
    return digits.zfill(ZIP_LENGTH)
