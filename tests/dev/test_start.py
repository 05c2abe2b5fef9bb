# ruff: noqa: S603, S607 - it starts programs on purpose
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_machine_without_python_is_told_the_one_line(tmp_path: Path) -> None:
    for name in ("dirname", "id", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [shutil.which("sh") or "sh", ROOT / ".dev/start", "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "sudo apt-get install -y --no-install-recommends python3 python3-venv" in done.stderr


def test_an_unknown_command_tells_the_known_ones() -> None:
    done = subprocess.run(
        ["sh", ROOT / ".dev/start", "dance"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "run      Run web, worker and beat" in done.stderr


def test_every_target_of_the_makefile_is_explained() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY")).split()[1:]
    explained = [line.partition(":")[0] for line in lines if " ## " in line]
    assert explained == phony
