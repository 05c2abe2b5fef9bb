"""Whose processes and directories these are.

PostgreSQL refuses to run as root, so for root both servers run as the ``postgres`` user that the
Debian package makes. Everybody else runs them under his own name.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from refusal import Refusal


@dataclass(frozen=True)
class Account:
    """A user of this machine.

    Attributes:
        name: the login name.
        uid: his number.
        gid: the number of his group.
    """

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether we are that user already."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command as that user, with no terminal, and keep what it says."""
        return subprocess.run(
            command,
            user=None if self.is_us else self.uid,
            group=None if self.is_us else self.gid,
            extra_groups=None if self.is_us else [],
            cwd="/",  # that user may not enter ours
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def ourselves() -> Account:
    """The user this program runs as."""
    entry = pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account() -> Account:
    """The user who runs PostgreSQL and Redis."""
    if os.geteuid() != 0:
        return ourselves()
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Refusal("Root cannot run PostgreSQL, and there is no user 'postgres'.") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def may_enter(account: Account, directory: Path) -> bool:
    """Whether the account can reach this directory; asked of the system, which knows of ACLs."""
    return account.run(["test", "-x", directory]).returncode == 0


def private_directory(path: Path, account: Account) -> Path:
    """Make a directory that only the account (and root) can enter, or make sure it is one.

    Somebody else may have put a directory or a link of that name into /tmp before us, so an
    existing one is looked at without following links.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise Refusal(f"{path} belongs to somebody else. Remove it first.") from None
        path.chmod(0o700)
    return path
