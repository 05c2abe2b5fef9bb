"""Sizes as people write them: 20k, 2m."""


def short(size: int) -> str:
    """A number of services in few letters: ``200k``."""
    for unit, letter in ((1_000_000, "m"), (1_000, "k")):
        if size % unit == 0 and size:
            return f"{size // unit}{letter}"
    return str(size)


def size_of(text: str) -> int:
    """The number that ``short`` wrote."""
    letter = text[-1:].lower()
    unit = {"k": 1_000, "m": 1_000_000}.get(letter)
    return int(text[:-1]) * unit if unit else int(text)
