"""Bars drawn on the server: an SVG of attributes alone, as the strict policy wants it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 320, 150
LEFT, TOP, BOTTOM = 34, 12, 20  # room for the scale, the numbers and the labels
GAP = 0.2  # of a bar's room
FEW = 10  # bars wide enough for a label of their own
TOPS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place in the drawing, what stands below it, and what it says."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    text: str
    number: str
    anchor: str  # of the label: it stays within the drawing


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its scale; ``lines`` are heights with what they stand for."""

    id: str
    title: str
    note: str
    bars: list[Bar]
    lines: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def share_chart(id_: str, title: str, note: str, days: Sequence[tuple[Any, float]]) -> Chart:
    """Shares by day. The scale ends at the next round share above the greatest."""
    greatest = max((share for _day, share in days), default=0.0)
    top = next(top for top in TOPS if top >= greatest or top == TOPS[-1])
    labelled = {0, len(days) // 2, len(days) - 1}
    cells = []
    for n, (day, share) in enumerate(days):
        name = f"{day:%b} {day.day}"
        cells.append((name if n in labelled else "", f"{name}: {share:.1%}", share, ""))
    lines = [(_y(part), f"{100 * top * part:g} %") for part in (0.0, 0.5, 1.0)]
    return Chart(id_, title, note, _bars(cells, top), lines)


def count_chart(id_: str, title: str, note: str, counts: Sequence[tuple[str, int]]) -> Chart:
    """Counts by name, each number above its bar."""
    top = max((count for _label, count in counts), default=0) or 1
    cells = [(label, f"{label}: {count:,}", count, f"{count:,}") for label, count in counts]
    return Chart(id_, title, note, _bars(cells, top), [(_y(0.0), "")])


def _bars(cells: Sequence[tuple[str, str, float, str]], top: float) -> list[Bar]:
    room = (WIDTH - LEFT) / max(1, len(cells))
    bars = []
    for n, (label, text, value, number) in enumerate(cells):
        y = _y(value / top)
        bar = Bar(
            x=round(LEFT + room * (n + GAP / 2), 2),
            y=y,
            width=round(room * (1 - GAP), 2),
            height=round(HEIGHT - BOTTOM - y, 2),
            middle=round(LEFT + room * (n + 0.5), 2),
            label=label,
            text=text,
            number=number,
            anchor="middle" if len(cells) < FEW else "start" if n == 0 else "end",
        )
        bars.append(bar)
    return bars


def _y(part: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - part), 2)
