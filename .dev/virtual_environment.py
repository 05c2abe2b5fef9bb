"""The virtual environment, the same as the lock file says."""

import fcntl
import hashlib
import subprocess
import sys

from checkout import Checkout
from refusal import Refusal


def sync_virtual_environment(checkout: Checkout) -> None:
    """Make the virtual environment, or bring it up to date when the lock file has changed."""
    wanted = _fingerprint(checkout)
    stamp = checkout.venv / "made-from"
    checkout.data.mkdir(parents=True, exist_ok=True)
    with (checkout.data / "venv.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # two commands at once: the second finds it made
        if stamp.exists() and stamp.read_text() == wanted and _works(checkout):
            return
        if not _works(checkout):
            _run([sys.executable, "-m", "venv", "--clear", str(checkout.venv)])
        _install(checkout)
        stamp.write_text(wanted)


def _install(checkout: Checkout) -> None:
    lock = checkout.development_lock
    count = sum("==" in line for line in lock.read_text().splitlines())
    print(f"Installing {count} Python packages (about a minute) …", flush=True)
    pip = [str(checkout.python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "install", "-qq", "--require-hashes", "-r", str(lock)])


def _fingerprint(checkout: Checkout) -> str:
    return hashlib.sha256(checkout.development_lock.read_bytes()).hexdigest()


def _works(checkout: Checkout) -> bool:
    """Whether its interpreter still runs; an upgrade of the system's Python may have broken it."""
    if not checkout.python.exists():
        return False
    asked = [str(checkout.python), "-c", "import pip"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _run(command: list[str]) -> None:
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Refusal(f"This failed: {' '.join(command)}")
