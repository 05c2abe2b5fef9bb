"""Rows as columns that compress well."""

from collections.abc import Hashable, Sequence
from typing import Any

SHARED = 3  # values that come this often on average are told once


def packed(values: Sequence[Any]) -> Any:
    """A column in its shortest form; see docs/offline.md.

    Args:
        values: one a row; None, or anything JSON can hold.

    Returns:
        The values; or ``{"all": value}``; or ``{"of": values, "is": numbers}`` with -1 for None.
    """
    keys = [_key(value) for value in values]
    if values and len(set(keys)) == 1:
        return {"all": values[0]}
    first = dict(zip(keys[::-1], values[::-1], strict=True))
    told = [key for key in dict.fromkeys(keys) if first[key] is not None]
    if len(told) * SHARED > len(values):
        return list(values)
    number = {key: n for n, key in enumerate(told)}
    return {"of": [first[key] for key in told], "is": [number.get(key, -1) for key in keys]}


def _key(value: Any) -> Hashable:
    """Equal for values that JSON tells alike: 1 and 1.0 and True are not."""
    if isinstance(value, dict):
        return ("dict", *((key, _key(inner)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_key, value))
    return (type(value).__name__, value)
