"""What ``make check`` asks before anything is merged."""

import difflib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from checkout import Checkout
from refusal import Refusal
from typescript import types_hold

SHOWN_DIFF_LINES = 60
GATES = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy", "services", "api", "locator", "tests", ".dev", "clients/python"],
    "layers": ["lint-imports"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    "production": ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}
AS_IN = {"production": {"SECURE_SSL": "true", "DEBUG": "false"}}  # what a gate finds set
OPENAPI = Path("docs/openapi.yaml")
SPECTACULAR = ["python", "manage.py", "spectacular", "--validate", "--fail-on-warn"]


def check(checkout: Checkout, environment: Mapping[str, str]) -> None:
    """Pass every gate; all are tried, so that one run tells everything."""
    failed = []
    for name, command in GATES.items():
        print(f"--- {name}: {' '.join(command)}", flush=True)
        if _run(checkout, {**environment, **AS_IN.get(name, {})}, command).returncode:
            failed.append(name)
    print(f"--- OpenAPI: {OPENAPI} says what the code does", flush=True)
    if not openapi_is_current(checkout, environment):
        failed.append("OpenAPI")
    print("--- TypeScript: types of the client", flush=True)
    if not types_hold(checkout, environment):
        failed.append("TypeScript")
    if failed:
        raise Refusal(f"Failed: {', '.join(failed)}.")
    print("All gates passed.")


def openapi_is_current(checkout: Checkout, environment: Mapping[str, str]) -> bool:
    """Whether the committed document is the one the code makes; shows the difference."""
    made = _run(checkout, environment, SPECTACULAR, capture=True)
    if made.returncode:
        return False
    committed = checkout.root / OPENAPI
    before = committed.read_text() if committed.exists() else ""
    if before == made.stdout:
        return True
    lines = difflib.unified_diff(
        before.splitlines(), made.stdout.splitlines(), "committed", "made by the code", lineterm=""
    )
    print("\n".join(list(lines)[:SHOWN_DIFF_LINES]))
    print(f"{OPENAPI} is not what the code makes. If the change is meant: make openapi")
    return False


def write_openapi(checkout: Checkout, environment: Mapping[str, str]) -> None:
    """Write the OpenAPI document that the code makes."""
    made = _run(checkout, environment, SPECTACULAR, capture=True)
    if made.returncode:
        raise Refusal("The OpenAPI document cannot be made; the warnings are above.")
    (checkout.root / OPENAPI).write_text(made.stdout)


def _run(
    checkout: Checkout, environment: Mapping[str, str], command: list[str], *, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    program = str(checkout.venv / "bin" / command[0])
    return subprocess.run(
        [program, *command[1:]],
        cwd=checkout.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
