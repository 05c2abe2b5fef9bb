"""A load that never lets up: as many requests a second as the server answers."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("post.lua")
CONNECTIONS = 8  # four for each process


@dataclass(frozen=True, slots=True)
class Load:
    """What a load measured: requests a second, and milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def load(url: str, bodies: Path, seconds: float) -> Load:
    """Post the bodies of a file, one a line, in turn for some seconds.

    Raises:
        RuntimeError: an answer was not 200, or did not come.
    """
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "30s"]
    command += ["-s", str(SCRIPT), url, "--", str(bodies)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if told["failed"] or not told["requests"]:
        raise RuntimeError(f"{url}: {told['failed']} of {told['requests']} failed.")
    rate = told["requests"] / (told["microseconds"] / 1e6)
    return Load(rate, told["p50_us"] / 1000, told["p99_us"] / 1000)
