"""``make run``: web, worker and beat in the foreground."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from checkout import Checkout
from environment import mail_folder
from processes import Crew, Program
from refusal import Refusal

HOST = "127.0.0.1"
STOP_SECONDS = 30
ENOUGH_IN_A_ROW = 6
GIVES_WAY = ["nice", "-n", "5"]  # to searches: a worker applies imports, too
# For the demo's sake root may run it all; Celery would say in five lines that he should not.
QUIET = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def programs(checkout: Checkout, port: int) -> list[Program]:
    """What a run consists of."""
    venv = checkout.venv / "bin"
    celery = [str(venv / "celery"), "--quiet", "--app", "locator"]
    schedule = str(checkout.data / "beat-schedule")
    server = [str(venv / "python"), "-m", "locator.server"]
    web = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2"]
    web += ["--blocking-threads", "60", "--no-ws", "--no-access-log", "--log-level", "warning"]
    web += ["--respawn-failed-workers"]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Program("web", [*server, *web, "locator.wsgi:application"]),
        Program("worker", [*GIVES_WAY, *celery, "worker", "--concurrency", "2", *quiet]),
        Program("beat", [*celery, "beat", "--loglevel", "WARNING", "--schedule", schedule]),
    ]


def run(checkout: Checkout, port: int, environment: Mapping[str, str]) -> None:
    """Run everything until it is told to stop."""
    crew = Crew([])
    print("Starting web, worker and beat …", flush=True)
    try:
        crew = Crew.start(programs(checkout, port), {**environment, **QUIET}, checkout.root)
        with contextlib.suppress(KeyboardInterrupt):  # being told to stop is how a run ends well
            crew.watch(
                _when_lasting(
                    lambda: can_search(port), lambda: print(welcome(checkout, port), flush=True)
                )
            )
    finally:
        print("Stopping …", flush=True)
        crew.stop()


def port_from(environ: Mapping[str, str]) -> int:
    """The port that PORT asks for."""
    text = environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def require_free(port: int) -> None:
    """Refuse to start where another program listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            another = port + 1 if port + 1 < 2**16 else 8000
            raise Refusal(
                f"Port {port} is not free ({error.strerror}). Take another one: "
                f"PORT={another} make run"
            ) from None


def can_search(port: int) -> bool:
    """Whether the web process that happens to answer has read every service."""
    try:
        with NO_PROXY.open(f"http://{HOST}:{port}/readyz", timeout=2) as answer:
            body = answer.read()
    except urllib.error.HTTPError as refused:  # another part is not up yet: it says which
        with refused:
            body = refused.read()
    except OSError:
        return False
    try:
        return bool(json.loads(body)["parts"]["index"] == "up")
    except (ValueError, KeyError, TypeError):
        return False


def welcome(checkout: Checkout, port: int) -> str:
    """What to try first."""
    url = f"http://localhost:{port}"
    post = f"curl -s {url}/api/v1/nearby/ -H 'Content-Type: application/json' -d"
    near = '{"lat": 39.9526, "lon": -75.1652, "kinds": ["methadone"]}'
    place = '{"place": "19125", "kinds": ["suboxone"]}'
    return f"""
Ready: {url}  (pages: {url}/api/docs/ and {url}/admin/). Ctrl-C stops it. Try:

  {post} '{near}'
  {post} '{place}'
  curl -s {url}/api/v1/kinds/ -H 'Accept-Language: es'

No mail is sent: every message is a file in {mail_folder(checkout)}.
"""


@contextmanager
def only_one(checkout: Checkout, port: int) -> Iterator[None]:
    """Refuse a second run in the same checkout."""
    with (checkout.data / "run.lock").open("a+") as file:
        if not _taken(file):
            raise Refusal(f"It runs already in this checkout ({_holder(file)}). Stop it: make stop")
        file.truncate(0)
        file.write(f"process {os.getpid()}, port {port}")
        file.flush()
        yield
        file.truncate(0)


def stop_other_run(checkout: Checkout) -> bool:
    """Stop the run of this checkout, if there is one, and wait until it has."""
    with (checkout.data / "run.lock").open("a+") as file:
        if _taken(file):
            return False
        with contextlib.suppress(ProcessLookupError):  # it ended this moment
            os.kill(int(_holder(file).split()[1].rstrip(",")), signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not _taken(file):
            if time.monotonic() > deadline:
                raise Refusal(f"The run did not stop in {STOP_SECONDS} s ({_holder(file)}).")
            time.sleep(0.1)
        return True


def _taken(file: IO[str]) -> bool:
    """Take the lock if it is free; the system frees it when its holder ends, however it ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _when_lasting(is_so: Callable[[], bool], then: Callable[[], None]) -> Callable[[], None]:
    """A function that calls ``then`` once, when ``is_so`` has held several times in a row.

    Several, because each question reaches any of the web processes and each has its own index.
    """
    in_a_row = 0

    def look() -> None:
        nonlocal in_a_row
        if in_a_row < ENOUGH_IN_A_ROW:
            in_a_row = in_a_row + 1 if is_so() else 0
            if in_a_row == ENOUGH_IN_A_ROW:
                then()

    return look
