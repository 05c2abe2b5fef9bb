"""What was measured, a file for each stage and size, so that a run cut short can be rendered."""

import json
import os
from pathlib import Path
from typing import Any


def folder() -> Path:
    """Where results lie; a quick run has its own."""
    chosen = Path(os.environ["BENCH_RESULTS"])
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def keep(stage: str, size: int, told: dict[str, Any]) -> None:
    """Remember what a stage measured at a size."""
    text = json.dumps({"stage": stage, "size": size, **told}, indent=1)
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
