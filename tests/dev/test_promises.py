"""docs/promises.md: what each row calls is there to be called."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/promises.md").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
COMMANDS = sorted(set(re.findall(r"`make ([^`]+)`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_called(command: str) -> None:
    target, _, asked = command.partition(" ")
    assert target in TARGETS
    for path in re.findall(r"tests/[\w/.]+", asked):
        assert (ROOT / path).exists()


def test_every_proof_is_in_the_table() -> None:
    called = {command.partition(" ")[0] for command in COMMANDS}
    assert {target for target in TARGETS if target.startswith("prove-")} <= called


@pytest.mark.parametrize("row", ROWS)
def test_a_row_tells_a_command_and_a_figure(row: str) -> None:
    _, promise, command, figure, _ = (cell.strip() for cell in row.split("|"))
    assert promise
    assert figure
    assert command == "Command" or "`make " in command
    assert "{" not in row


def test_every_proof_that_connects_does_so_as_the_system() -> None:
    """A web process' role is not there before the first migration, and may not write."""
    texts = {path: path.read_text() for path in (ROOT / "tests/proofs").rglob("*.py")}
    connecting = {path: text for path, text in texts.items() if "django.setup()" in text}
    assert len(connecting) > 4
    for path, text in connecting.items():
        assert "this_process_is_the_system()" in text.partition("django.setup()")[0], path
