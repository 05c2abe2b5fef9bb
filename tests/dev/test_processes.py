# ruff: noqa: S603 - it starts programs on purpose
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import processes
import pytest
from processes import Crew, Program, copy_lines
from refusal import Refusal

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
# Starts a program of its own, tells its number, and then waits.
PARENT = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
)


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew([])
    yield made
    made.stop()


def python(name: str, code: str, *words: str) -> Program:
    return Program(name, [sys.executable, "-c", code, *words])


def start(crew: Crew, *programs: Program) -> None:
    crew.members += Crew.start(programs, dict(os.environ), Path.cwd()).members


def is_alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(path: Path) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(path)


def ends_soon(number: int) -> bool:
    deadline = time.monotonic() + 5
    while is_alive(number) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(number)


def test_each_line_says_who_speaks() -> None:
    target = io.StringIO()
    copy_lines("web", io.StringIO("one\n\ntwo"), target)
    assert target.getvalue() == "web    | one\nweb    | two\n"


def test_a_program_finds_what_it_alone_is_told(crew: Crew, tmp_path: Path) -> None:
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ.get('KEY', '0'))"
    for name, extra in (("own", {"KEY": "7"}), ("other", {})):
        file = str(tmp_path / name)
        program = Program(name, [sys.executable, "-c", code, file], extra)
        start(crew, program)
    assert (eventually(tmp_path / "own"), eventually(tmp_path / "other")) == (7, 0)


def test_the_end_of_one_is_refused_by_name(crew: Crew) -> None:
    start(crew, python("web", SLEEPER), python("beat", "raise SystemExit(3)"))
    with pytest.raises(Refusal, match=r"beat ended by itself \(exit code 3\)"):
        crew.watch(lambda: None)


def test_a_killed_one_is_told_as_such(crew: Crew) -> None:
    start(crew, python("web", "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(Refusal, match="killed by SIGKILL"):
        crew.watch(lambda: None)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_all_that_was_started_stops_and_nothing_else(crew: Crew, tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.DEVNULL)
    try:
        start(crew, python("worker", PARENT, str(tmp_path / "child")))
        child = eventually(tmp_path / "child")
        crew.stop()
        assert crew.members[0].exit_code() is not None
        assert ends_soon(child)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_one_that_will_not_stop_is_killed(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.3)
    start(crew, python("worker", STUBBORN))
    time.sleep(0.3)  # until it has learned not to listen
    began = time.monotonic()
    crew.stop()
    assert crew.members[0].exit_code() is not None
    assert time.monotonic() - began < 3


@pytest.mark.skipif(sys.platform != "linux", reason="setpriv is Linux's")
def test_nothing_outlives_us_when_we_are_killed_outright(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; sys.path.append(sys.argv[1]);"
        "from processes import Crew, Program;"
        "crew = Crew.start([Program('web', ['sleep', '60'])], dict(os.environ), Path('/'));"
        "Path(sys.argv[2]).write_text(str(crew.members[0].process.pid));"
        "crew.watch(lambda: None)"
    )
    folder = str(Path(processes.__file__).parent)
    ours = subprocess.Popen([sys.executable, "-c", code, folder, str(tmp_path / "child")])
    child = eventually(tmp_path / "child")
    time.sleep(0.2)  # until setpriv has handed over
    ours.kill()
    ours.wait()
    assert ends_soon(child)


def test_a_second_interrupt_does_not_disturb_the_cleaning() -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals are the main thread's")
    with processes.undisturbed():
        os.kill(os.getpid(), 2)
        time.sleep(0.05)
