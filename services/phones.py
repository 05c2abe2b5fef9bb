"""Which numbers somebody can dial: one rule for forms, phone apps and feeds."""

import phonenumbers

SHORT = frozenset({"211", "311", "811", "911", "988"})  # dialled as they are, without a country
UNDIALABLE = "Nobody can dial this: use +1 215 555 0100, 988 or 211."


def dialable(written: str, country: str) -> str | None:
    """A number as it is stored, or None if nobody can dial it.

    Args:
        written: as people write it, such as "(215) 555-0100", or a short number such as 988.
        country: ISO code whose numbering plan applies to a number without a country code.

    Returns:
        E.164 such as "+12155550100", or the short number.
    """
    text = written.strip()
    if text in SHORT:
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
