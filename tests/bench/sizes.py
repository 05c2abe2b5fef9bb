"""Sizes as people write them: 20k, 2m."""

LARGEST = 5_000_000  # some 15 GB


def short(size: int) -> str:
    """A number of services in few letters: ``200k``."""
    for unit, letter in ((1_000_000, "m"), (1_000, "k")):
        if size % unit == 0 and size:
            return f"{size // unit}{letter}"
    return str(size)


def size_of(text: str) -> int:
    """The number that ``short`` wrote.

    Raises:
        ValueError: it is no such number.
    """
    number = text.strip().lower()
    unit = {"k": 1_000, "m": 1_000_000}.get(number[-1:], 1)
    digits = number[:-1] if unit > 1 else number
    if not (digits.isascii() and digits.isdecimal() and int(digits)):
        raise ValueError(f"Not a number of services: {text!r}. Say 5000, 20k or 2m.")
    if (size := int(digits) * unit) > LARGEST:
        raise ValueError(f"{text!r} is too many: its database would fill the disk. Say at most 5m.")
    return size
