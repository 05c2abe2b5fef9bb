"""What was measured, a file for each stage and size, so that a run cut short can be rendered.

Each says of which code it tells, so that no page puts figures of different code side by side.
"""

import functools
import json
import os
from pathlib import Path
from typing import Any

from tests.bench.sources import ROOT, state_of

MEASURED = ("services", "api", "locator", ".dev", "tests/bench")  # a change of these is other code
PAGES = (
    "page",
    "plot",
    "test_",
    "goals",
)  # modules that tell what was measured, and measure nothing


def folder() -> Path:
    """Where results lie; a quick run has its own."""
    chosen = Path(os.environ["BENCH_RESULTS"])
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def keep(stage: str, size: int, told: dict[str, Any]) -> None:
    """Remember what a stage measured at a size."""
    text = json.dumps({"stage": stage, "size": size, "code": code(), **told}, indent=1)
    path = folder() / f"{stage}-{size}.json"
    path.with_suffix(".part").write_text(text)
    path.with_suffix(".part").replace(path)


def all_kept() -> dict[str, dict[int, dict[str, Any]]]:
    """Results by stage and size; sizes in order."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    read = [json.loads(path.read_text()) for path in folder().glob("*-*.json")]
    for told in sorted(read, key=lambda told: told["size"]):
        found.setdefault(told["stage"], {})[told["size"]] = told
    return found


@functools.cache
def code() -> str:
    """A name for the state of the code that is measured, and of that which measures."""
    paths = (path for name in MEASURED for path in (ROOT / name).rglob("*.*"))
    return state_of(path for path in paths if _measures(path))[:12]


def _measures(path: Path) -> bool:
    is_code = path.suffix in (".py", ".lua", ".txt")
    return is_code and not path.name.startswith(PAGES) and path.parent.name != "ranking"


def codes(found: dict[str, dict[int, dict[str, Any]]]) -> set[str]:
    """Of which code the results tell; one name unless they are of several runs between changes."""
    return {told.get("code", "unknown") for sizes in found.values() for told in sizes.values()}
