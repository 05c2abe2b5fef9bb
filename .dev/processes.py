"""Programs that run in the foreground together: all of them, or none."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from refusal import Refusal

POLL_SECONDS = 0.2
GRACE_SECONDS = 10.0  # a worker finishes its task; then it is killed (tasks are safe to run twice)
NAME_WIDTH = 6
WATCHED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True)
class Program:
    """What to run, the name its log lines carry, and what it alone finds in its environment."""

    name: str
    command: Sequence[str]
    extra: Mapping[str, str] = field(default_factory=dict)


class Running:
    """A program that was started, in a process group of its own.

    Its group means that a Ctrl-C in the terminal reaches only us, so programs stop in our order,
    and that everything a program has started can be ended with it and nothing else.
    """

    def __init__(self, program: Program, environment: Mapping[str, str], folder: Path) -> None:
        self.name = program.name
        self.process = subprocess.Popen(
            [*_ends_with_us(), *program.command],
            env={**environment, **program.extra},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert self.process.stdout is not None  # noqa: S101 - for the type checker: it is a PIPE
        arguments = (self.name, self.process.stdout, sys.stdout)
        self.reader = threading.Thread(target=copy_lines, args=arguments, daemon=True)
        self.reader.start()

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Ask its first process, which tells the others."""
        if self.exit_code() is None:
            self.process.terminate()

    def end(self, *, until: float) -> None:
        """Wait for it, and kill what is left of its group."""
        try:
            self.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{self.name} did not stop in {GRACE_SECONDS:.0f} s: killed.", flush=True)
        with contextlib.suppress(ProcessLookupError):  # mostly nothing is left of it
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(timeout=1)


@dataclass
class Crew:
    """All programs of one run."""

    members: list[Running]

    @classmethod
    def start(cls, programs: Sequence[Program], environment: Mapping[str, str], at: Path) -> Self:
        """Start every program, in order."""
        crew = cls([])
        for program in programs:
            crew.members.append(Running(program, environment, at))
        return crew

    def watch(self, each_time: Callable[[], None]) -> None:
        """Wait for ever; refuse as soon as one program has ended by itself."""
        while True:
            for member in self.members:
                code = member.exit_code()
                if code is not None:
                    raise Refusal(
                        f"{member.name} ended by itself ({told(code)}). Stopped the rest."
                    )
            each_time()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop all of them, last started first, and wait."""
        with undisturbed():
            for member in reversed(self.members):
                member.ask_to_stop()
            until = time.monotonic() + GRACE_SECONDS
            for member in reversed(self.members):
                member.end(until=until)


def copy_lines(name: str, source: IO[str], target: IO[str]) -> None:
    """Copy a program's log line by line, each with the program's name before it."""
    with source:
        for line in source:
            text = line.rstrip("\n")
            if text:
                target.write(f"{name:<{NAME_WIDTH}} | {text}\n")
                target.flush()


def told(code: int) -> str:
    """An exit code in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C cut the cleaning up short, neither here nor in what it runs."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in WATCHED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_on_signals() -> None:
    """Make a polite kill and a closed terminal the same as Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in WATCHED:
        signal.signal(number, interrupt)


def _ends_with_us() -> list[str]:
    """On Linux a program is told to stop even when this one is killed outright."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
