"""docs/benchmarks.svg: what a search takes against the number of services."""

from pathlib import Path

from tests.bench.goals import Found, typical
from tests.bench.names import OURS, UNFILTERED


def draw(found: Found, path: Path) -> None:
    """Draw it; the same results make the same file."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(8, 4.5), facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        for name, points in _lines(found).items():
            width = 3.0 if name == OURS else 1.5
            axes.plot(*zip(*points, strict=True), marker="o", linewidth=width, label=name)
        axes.set(xscale="log", yscale="log", xlabel="services", ylabel="median over the mix, ms")
        axes.grid(which="major", color="#dddddd")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _lines(found: Found) -> dict[str, list[tuple[int, float]]]:
    lines: dict[str, list[tuple[int, float]]] = {}
    for size, told in found.get("searches", {}).items():
        for name in told["taken"]:
            if name != UNFILTERED and told["taken"][name]:
                lines.setdefault(name, []).append((size, typical(found, size, name)))
    return lines
