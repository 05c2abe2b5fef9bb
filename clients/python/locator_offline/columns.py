"""Columns of a table: plain, or packed in one of two ways."""

from typing import Any

NOTHING = -1  # an index that means null


class PackError(ValueError):
    """A pack, or a page of changes, that cannot be read. What is held stays as it is."""


def height_of(table: dict[str, Any]) -> int:
    """How many rows a table has: one, if each column says the same of all rows.

    Ids differ, so a table of several rows has a column that is as long.

    Raises:
        PackError: its columns differ in length.
    """
    heights = {height for column in table.values() if (height := _height(column)) is not None}
    if len(heights) > 1:
        raise PackError("The columns of a table differ in length.")
    return heights.pop() if heights else min(1, len(table))


def _height(column: Any) -> int | None:
    if isinstance(column, dict):
        column = column.get("is")
    return len(column) if isinstance(column, list) else None


def column_of(table: dict[str, Any], name: str, height: int, default: Any = None) -> list[Any]:
    """The values of a column, one a row; ``default`` in all rows if the table lacks it.

    Raises:
        PackError: it is in no form of a column.
    """
    column = table.get(name, {"all": default})
    if isinstance(column, list):
        return column
    try:
        if "all" in column:
            return [column["all"]] * height
        values = [*column["of"], None]  # the last is that of NOTHING
        return [values[number] for number in column["is"]]
    except (TypeError, KeyError, IndexError) as error:
        raise PackError(f"The column {name!r} is in no form that is known.") from error
