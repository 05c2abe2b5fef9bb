"""What Django needs before it can serve: tables, static files, the demo's data."""

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from checkout import Checkout
from refusal import Refusal

Manage = Callable[..., None]


def manage_in(checkout: Checkout, environment: Mapping[str, str]) -> Manage:
    """A function that runs one command of manage.py."""

    def manage(*words: str) -> None:
        command = [str(checkout.python), "manage.py", *words]
        done = subprocess.run(command, cwd=checkout.root, env=environment, check=False)
        if done.returncode:
            raise Refusal(f"This failed: manage.py {' '.join(words)}")

    return manage


def collect_static(checkout: Checkout, manage: Manage) -> None:
    """Collect static files, when a package or one of ours has changed."""
    ours = [folder for app in ("api", "services") for folder in [checkout.root / app / "static"]]
    known = checkout.development_lock.read_bytes() + fingerprint(ours).encode()
    stamp = Stamp(checkout.data / "static.made-from", hashlib.sha256(known).hexdigest())
    if not stamp.holds():
        manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
        stamp.keep()


def load_fixtures(checkout: Checkout, manage: Manage) -> None:
    """Load the demo's data the first time, and again when it has changed."""
    folders = sorted(path for path in (checkout.root / "fixtures").iterdir() if path.is_dir())
    stamp = Stamp(checkout.servers / "fixtures.made-from", fingerprint(folders))
    if not stamp.holds():
        print("Loading the published directories (first time only) …", flush=True)
        manage("load_fixtures")
        stamp.keep()


def fingerprint(folders: list[Path]) -> str:
    """Changes when a file in one of these folders does."""
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            found.update(f"{path.relative_to(folder)}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


class Stamp:
    """A file that remembers what something was made from."""

    def __init__(self, path: Path, wanted: str) -> None:
        self.path = path
        self.wanted = wanted

    def holds(self) -> bool:
        """Whether it was made from the same."""
        return self.path.exists() and self.path.read_text() == self.wanted

    def keep(self) -> None:
        """Remember that it has been made."""
        self.path.write_text(self.wanted)
