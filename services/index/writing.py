"""JSON written byte by byte into an array, compiled: numbers, times, ids, ready texts."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.compiled import lean
from services.index.copying import copy_bytes

DAY_S = 86_400
MICRO = 1_000_000
ZERO, DASH, COLON, QUOTE, T = (ord(mark) for mark in '0-:"T')
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
DASHES = (8, 12, 16, 20)  # of a UUID, before these of its 32 digits


def text(words: str) -> NDArray[np.uint8]:
    """A constant as compiled code writes it."""
    return np.frombuffer(words.encode(), np.uint8)


def table(words: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Constants by number: all of them end to end, and where each starts."""
    starts = np.zeros(len(words) + 1, np.int64)
    starts[1:] = np.cumsum([len(word.encode()) for word in words])
    return text("".join(words)), starts


NULL = text("null")


@lean
def put(out: NDArray[Any], at: int, words: NDArray[Any]) -> int:
    """Write a text; like all that write here, returns where to go on."""
    for offset in range(len(words)):
        out[at + offset] = words[offset]
    return at + len(words)


@lean
def put_numbered(
    out: NDArray[Any], at: int, words: NDArray[Any], starts: NDArray[Any], number: int
) -> int:
    """Write one text of many."""
    first, last = starts[number], starts[number + 1]
    copy_bytes(out, at, words, first, last - first)
    return at + last - first


@lean
def put_digits(out: NDArray[Any], at: int, number: int, width: int) -> int:
    """Write the last ``width`` digits of a number, not negative."""
    for place in range(at + width - 1, at - 1, -1):
        out[place] = ZERO + number % 10
        number //= 10
    return at + width


@lean
def put_whole(out: NDArray[Any], at: int, number: int) -> int:
    """Write a whole number, not negative."""
    width, rest = 1, number // 10
    while rest > 0:
        width += 1
        rest //= 10
    return put_digits(out, at, number, width)


@lean
def put_decimal(out: NDArray[Any], at: int, number: float, places: int) -> int:
    """Write a number, not negative, rounded to so many decimals, without zeros at the end."""
    scale = 10**places
    scaled = int(np.rint(number * scale))
    at = put_whole(out, at, scaled // scale)
    out[at] = ord(".")
    end = put_digits(out, at + 1, scaled % scale, places)
    while out[end - 1] == ZERO and end > at + 2:
        end -= 1
    return end


@lean
def put_count(out: NDArray[Any], at: int, number: int) -> int:
    """Write a whole number, or null for a negative one."""
    return put(out, at, NULL) if number < 0 else put_whole(out, at, number)


@lean
def civil_date(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.

    Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """
    days += 719_468
    era = days // 146_097
    day_of_era = days - era * 146_097
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day


@lean
def put_time(out: NDArray[Any], at: int, seconds: float, offset: float) -> int:
    """Write a POSIX time in quotes, in RFC 3339, or null for 0.

    Args:
        out, at: where to.
        seconds: since 1970; to the microsecond until 2106, where double precision ends.
        offset: seconds that the clock to tell it by is ahead of UTC.
    """
    if seconds == 0:
        return put(out, at, NULL)
    local = int(np.rint(seconds * MICRO)) + int(offset) * MICRO
    days, rest = local // (DAY_S * MICRO), local % (DAY_S * MICRO)
    whole, micro = rest // MICRO, rest % MICRO
    year, month, day = civil_date(days)
    out[at] = QUOTE
    at = put_digits(out, at + 1, year, 4)
    hour, minute, second = whole // 3600, whole // 60 % 60, whole % 60
    for mark, part in ((DASH, month), (DASH, day), (T, hour), (COLON, minute), (COLON, second)):
        out[at] = mark
        at = put_digits(out, at + 1, part, 2)
    if micro:
        out[at] = ord(".")
        at = put_digits(out, at + 1, micro, 6)
    ahead = int(math.fabs(offset))
    out[at] = ord("-") if offset < 0 else ord("+")
    at = put_digits(out, at + 1, ahead // 3600, 2)
    out[at] = COLON
    at = put_digits(out, at + 1, ahead // 60 % 60, 2)
    out[at] = QUOTE
    return at + 1


@lean
def put_id(out: NDArray[Any], at: int, high: Any, low: Any) -> int:
    """Write a UUID of two halves in quotes."""
    out[at] = QUOTE
    at += 1
    for digit in range(32):
        if digit in DASHES:
            out[at] = DASH
            at += 1
        half = high if digit < 16 else low
        out[at] = HEX[(half >> np.uint64(60 - 4 * (digit % 16))) & np.uint64(15)]
        at += 1
    out[at] = QUOTE
    return at + 1
