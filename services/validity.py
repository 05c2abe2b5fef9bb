"""What of a listing can be true: one definition for the API, the admin and files.

Each function takes a value as somebody wrote it and gives it as it is stored.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from services.content import in_order_of_days
from services.editing import EditRefusedError
from services.hours import are_plain_times, is_valid
from services.models.service import check_access
from services.phones import UNDIALABLE, dialable
from services.vocabulary import AsamLevel, HoursType
from services.websites import WebsiteRefusedError, website_as_kept

WEST = {"US", "CA"}  # countries whose longitudes are negative
EAST = {"GU", "MP", "PW", "FM", "MH"}  # and their regions whose are not
MOST_PHONES, MOST_EXCEPTIONS = 20, 100
LONGEST_RULE, LONGEST_TIMES, LONGEST_REASON = 1000, 100, 200  # characters: the columns' lengths
LONGEST_LABEL = 40
EXTENSION = re.compile(r"[0-9#*,]{1,16}")
LANGUAGE = re.compile("[a-z]{2,3}")
# Controls, and marks that make what follows read backwards.
READS_OTHERWISE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COUNTRY, REGION = re.compile("[A-Z]{2}"), re.compile("[A-Z0-9-]{0,8}")


def languages_as_kept(codes: Iterable[str]) -> list[str]:
    """ISO 639 codes in lower case, each once, in order."""
    kept = sorted({code.strip().lower() for code in codes} - {""})
    if not all(LANGUAGE.fullmatch(code) for code in kept):
        raise EditRefusedError("languages", "Use ISO 639 codes, such as en, es, fr, zh.")
    return kept


def access_as_kept(facts: Mapping[str, bool | None]) -> dict[str, bool | None]:
    """Access facts that were answered, or made unknown by null."""
    try:
        check_access({fact: bool(answer) for fact, answer in facts.items()})
    except ValidationError as error:
        raise EditRefusedError("access", error.messages[0]) from None
    return dict(facts)


def levels_as_kept(asam: Mapping[str, Any]) -> dict[str, Any]:
    """ASAM levels in the order of the vocabulary, each once."""
    if "levels" not in asam:
        return dict(asam)
    if wrong := set(asam["levels"]) - set(AsamLevel.values):
        raise EditRefusedError("asam", f"{len(wrong)} of the levels are none of ASAM's.")
    return {**asam, "levels": [level for level in AsamLevel.values if level in asam["levels"]]}


def hours_as_kept(rules: Mapping[str, str | None]) -> dict[str, str | None]:
    """Rules by type of hours; null for none."""
    kept = {type_: (rule or "").strip() or None for type_, rule in rules.items()}
    for type_, rule in kept.items():
        if type_ not in HoursType.values:
            raise EditRefusedError("hours", f"Hours are of: {', '.join(HoursType.values)}.")
        if rule and (len(rule) > LONGEST_RULE or not is_valid(rule)):
            message = "Use OSM opening_hours, such as “Mo-Fr 05:30-14:00; PH off”."
            raise EditRefusedError(f"hours.{type_}", message)
    return kept


def exceptions_as_kept(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Days on which the hours differ, in order, each once."""
    if len(rows) > MOST_EXCEPTIONS:
        raise EditRefusedError("hours_exceptions", f"At most {MOST_EXCEPTIONS} exceptions.")
    kept: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        exception = _exception(row, f"Number {number}: ")
        if exception not in kept:
            kept.append(exception)
    return sorted(kept, key=in_order_of_days)


def _exception(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    first, last = (_day(row[name], where) for name in ("first_day", "last_day"))
    times, reason = (row.get("times") or "").strip(), (row.get("reason") or "").strip()
    if first > last:
        raise EditRefusedError("hours_exceptions", f"{where}it ends before it begins.")
    if times and (len(times) > LONGEST_TIMES or not are_plain_times(times)):
        message = f"{where}use times such as 09:00-12:00, 13:00-17:00; none if closed."
        raise EditRefusedError("hours_exceptions", message)
    if len(reason) > LONGEST_REASON:
        message = f"{where}a reason has at most {LONGEST_REASON} characters."
        raise EditRefusedError("hours_exceptions", message)
    return {"first_day": first, "last_day": last, "times": times or None, "reason": reason}


def _day(text: str, where: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        message = f"{where}use days such as 2026-12-24."
        raise EditRefusedError("hours_exceptions", message) from None


def phones_as_kept(phones: Sequence[Mapping[str, Any]], country: str) -> list[dict[str, Any]]:
    """The numbers of a site as they are dialled from anywhere.

    Args:
        phones: number, extension, label of each.
        country: whose numbering plan applies to a number without a country code.
    """
    if len(phones) > MOST_PHONES:
        raise EditRefusedError("phones", f"At most {MOST_PHONES} numbers.")
    kept = [_phone(phone, f"Number {n}: ", country) for n, phone in enumerate(phones, start=1)]
    if len({(phone["number"], phone["extension"]) for phone in kept}) < len(kept):
        raise EditRefusedError("phones", "A number stands twice; list each once.")
    return kept


def _phone(phone: Mapping[str, Any], where: str, country: str) -> dict[str, Any]:
    number = dialable(phone["number"], country)
    extension = (phone.get("extension") or "").strip() or None
    label = (phone.get("label") or "").strip() or "main"
    if number is None:
        raise EditRefusedError("phones", where + UNDIALABLE)
    if extension and not EXTENSION.fullmatch(extension):
        raise EditRefusedError("phones", f"{where}an extension has up to 16 digits.")
    if len(label) > LONGEST_LABEL:
        message = f"{where}a label has at most {LONGEST_LABEL} characters."
        raise EditRefusedError("phones", message)
    return {"number": number, "extension": extension, "label": label}


def website_or_none(address: str | None) -> str | None:
    """An address of the web, or none."""
    if not address:
        return None
    try:
        return website_as_kept(address)
    except WebsiteRefusedError as refusal:
        raise EditRefusedError("website", str(refusal)) from None


def country_as_kept(code: str) -> str:
    """An ISO 3166 code of two letters."""
    kept = code.strip().upper()
    if not COUNTRY.fullmatch(kept):
        raise EditRefusedError("country", "Use a country’s two letters, such as US or CA.")
    return kept


def region_as_kept(code: str) -> str:
    """The code of a state or province, or none."""
    kept = code.strip().upper()
    if not REGION.fullmatch(kept):
        raise EditRefusedError("region", "Use a code such as PA or ON: letters and digits only.")
    return kept


def refuse_unreadable_name(name: str) -> None:
    """Refuse a name of blanks, marks or characters that nobody sees."""
    if not any(character.isalnum() for character in name):
        raise EditRefusedError("name", "Give a name with letters or digits.")
    if READS_OTHERWISE.search(name):
        message = "It holds signs that nobody sees and that turn text around: type it anew."
        raise EditRefusedError("name", message)


def refuse_no_place(lat: float, lon: float) -> None:
    """Refuse the point that stands for no point: in the sea off Africa, at zero and zero."""
    if lat == 0 and lon == 0:
        raise EditRefusedError("location", "Nothing is at 0, 0: give the point of the door.")


def refuse_wrong_hemisphere(lon: float, *, country: str, region: str) -> None:
    """Refuse a longitude that lost its sign on the way."""
    if lon > 0 and country in WEST and region not in EAST:
        message = "West is negative: did the longitude lose its minus sign?"
        raise EditRefusedError("location", message)


def refuse_levels_without_edition(levels: Sequence[str], edition: int | None) -> None:
    """A level means something only with the edition it is from."""
    if levels and not edition:
        message = "Name the edition that the levels are from, such as 4."
        raise EditRefusedError("asam_edition", message)


def refuse_disordered_ages(least: int | None, most: int | None) -> None:
    """Refuse a highest age below the lowest."""
    if least is not None and most is not None and least > most:
        raise EditRefusedError("max_age", "The highest age is below the lowest.")
