"""Where this checkout keeps its things."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from accounts import Account, may_enter, server_account
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # bytes, on macOS; Linux allows 107
SHARED_DATA = Path("/var/lib/harm-reduction-locator")


@dataclass(frozen=True)
class Checkout:
    """One working copy of the project and its data.

    Attributes:
        root: the working copy.
        data: everything made here: virtual environment, secret key, static files, databases.
    """

    root: Path
    data: Path

    @cached_property
    def account(self) -> Account:
        """Who runs PostgreSQL and Redis."""
        return server_account()

    @cached_property
    def servers(self) -> Path:
        """Data of PostgreSQL and Redis: in ``data``, unless their account cannot get there."""
        self.data.mkdir(parents=True, exist_ok=True)
        if may_enter(self.account, self.data):
            return self.data / "servers"
        return SHARED_DATA / self.name

    @cached_property
    def sockets(self) -> Path:
        """Directory of the unix sockets, short enough for the operating system."""
        beside_data = self.servers / "run"
        if fits(beside_data):
            return beside_data
        return Path("/tmp") / f"hrl-{self.name}"  # noqa: S108 - checked by accounts.private_directory

    @property
    def name(self) -> str:
        """A short name no other checkout on this machine has."""
        return hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.data / "venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.venv / "bin" / "python"

    @property
    def development_lock(self) -> Path:
        """Every Python package of a development environment, with hashes."""
        return self.root / ".dev" / "lock" / "development.txt"


def fits(directory: Path) -> bool:
    """Whether a PostgreSQL socket in this directory has a path the system accepts."""
    return len(bytes(directory / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH


def checkout_here(environ: Mapping[str, str], root: Path = ROOT) -> Checkout:
    """The working copy this program is part of; its data lies where LOCATOR_HOME says."""
    home = environ.get("LOCATOR_HOME") or str(root / ".local")
    data = Path(home).expanduser()
    if not data.is_absolute():
        raise Refusal(f"LOCATOR_HOME must be an absolute path, not {home!r}.")
    return Checkout(root=root, data=data)
