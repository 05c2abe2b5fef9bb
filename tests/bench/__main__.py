"""``make bench``: search beside other ways to do it, as ratios measured in one run.

Each stage runs in a process of its own, on a database of its own, and keeps what it measured: a run
that was cut short can be rendered, and a stage can be run again alone.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kept_files import is_taken
from tests.bench import databases, results
from tests.bench.goals import LARGE, MIDDLE, Found
from tests.bench.setting_up import end_quietly
from tests.bench.sizes import short, size_of
from tests.bench.sources import ROOT

DEFAULT = "20k,200k,2m"
QUICK = "1k,5k"
STAGES = ("searches", "profile", "http", "process", "freshness")
AT_EACH_SIZE = {"searches"}
BUSY = (
    "The load is {:.1f}: something else uses this machine, or did a minute ago. "
    "Figures that are measured beside it say less."
)
OTHERS = ",".join(stage for stage in STAGES if stage != "http")
WITHOUT = f'or measure without it: make bench ARGS="--stages {OTHERS}"'
RENDER = "make bench ARGS=--render (with --quick, if that was asked for) writes it down."
WRK = f"wrk is missing. sudo apt-get install -y --no-install-recommends wrk\n{WITHOUT}"
WRK_MACOS = f"wrk is missing. brew install wrk\n{WITHOUT}"


def main() -> None:
    """Measure what was asked for, then write the page."""
    asked = _asked()
    home = Path(os.environ["LOCATOR_HOME"]) / "bench"
    os.environ["BENCH_RESULTS"] = str(home / ("quick" if asked.quick else "full"))
    failed: list[str] = []
    if not asked.render:
        if "http" in asked.stages and shutil.which("wrk") is None:
            sys.exit(WRK_MACOS if sys.platform == "darwin" else WRK)
        with _alone(home):
            failed = _measure(asked.sizes, asked.stages, "quick" if asked.quick else "full")
    _render(quick=asked.quick)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One bench of this checkout at a time: they share databases, and both cores."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a") as file:
        if not is_taken(file):
            sys.exit("make bench runs in this checkout already: wait until it ends, or stop it.")
        yield


def _asked() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--sizes", default="", help=f"services, such as {DEFAULT} (the default)")
    options.add_argument("--stages", default=",".join(STAGES), help="some of the default")
    options.add_argument("--quick", action="store_true", help="small sizes and few rounds")
    options.add_argument("--render", action="store_true", help="write the page of what is kept")
    asked = options.parse_args()
    try:
        sizes = asked.sizes or (QUICK if asked.quick else DEFAULT)
        asked.sizes = sorted(map(size_of, sizes.split(",")))
    except ValueError as error:
        options.error(str(error))
    stages = {stage.strip() for stage in asked.stages.split(",")} - {""}
    if not stages:
        options.error(f"Say which stages, of {', '.join(STAGES)}.")
    if unknown := stages - set(STAGES):
        options.error(
            f"No such stage: {', '.join(sorted(unknown))}. There are {', '.join(STAGES)}."
        )
    asked.stages = [stage for stage in STAGES if stage in stages]
    return asked


def _measure(sizes: list[int], stages: list[str], pace: str) -> list[str]:
    """Run the stages at the sizes they are for; returns what failed."""
    from tests.bench.machine import QUIET, load, machine

    results.keep("machine", 0, {"facts": machine()})
    if (before := load()) > QUIET:
        print(BUSY.format(before), flush=True)
    middle = MIDDLE if MIDDLE in sizes else sizes[-1]
    failed = []
    for size in sizes:
        database = databases.ensure(size)
        for stage in stages:
            start_only = stage == "process" and size == LARGE
            wanted = stage in AT_EACH_SIZE or size == middle or start_only
            if wanted and not _run(stage, size, pace, database):
                failed.append(f"{stage} at {short(size)}")
    return failed


def _run(stage: str, size: int, pace: str, database: str) -> bool:
    print(f"{stage} at {short(size)} …", flush=True)
    began = time.monotonic()
    environment = databases.environment_for(database)
    command = [sys.executable, "-m", f"tests.bench.{stage}", str(size), pace]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
        try:
            code = process.wait()
        except SystemExit:  # the stage stops its servers, drops its copies and ends
            process.terminate()
            process.wait()
            print(f"Stopped in {stage}. What was measured is kept: {RENDER}", flush=True)
            raise
    said = f"failed with exit code {code}" if code else "done"
    print(f"{stage} at {short(size)}: {said}, {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


def _render(*, quick: bool) -> None:
    """Write the page and the plot: beside the results, and into docs/ if all was measured."""
    from tests.bench import page

    found = results.all_kept()
    if not set(STAGES) & set(found):
        sys.exit("Nothing was measured yet: make bench measures all, ARGS=--quick a little.")
    text, of_docs = _written(found, results.folder()), page.of_docs(found)
    is_of_one = _is_of_one_code(found if quick else of_docs)
    if not quick and is_of_one and page.is_whole(of_docs):
        text = _written(of_docs, ROOT / "docs")
    elif not quick or not is_of_one:
        why = "Not all was measured" if is_of_one else "Not all is of the same code"
        print(f"{why}: the page is in {results.folder()}, docs/ stays as it is.")
    print(text)


def _written(found: Found, folder: Path) -> str:
    """The page, which is in a folder from then on, with its plot; and where that is."""
    from tests.bench import page, plot

    text, path = page.page_of(found), folder / "benchmarks.md"
    path.write_text(text)
    plot.draw(found, path.with_suffix(".svg"))
    return f"{text}\nThis page: {path}"


def _is_of_one_code(found: Found) -> bool:
    measured = {stage: sizes for stage, sizes in found.items() if stage in STAGES}
    return len(results.codes(measured)) <= 1


if __name__ == "__main__":
    end_quietly()
    main()
