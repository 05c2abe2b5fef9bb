"""Tables and figures as Markdown."""

from collections.abc import Iterable


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def ms(figure: float) -> str:
    """Milliseconds with about three digits."""
    return f"{figure:.3f}" if figure < 1 else f"{figure:.2f}" if figure < 10 else f"{figure:,.0f}"
