"""Files that web processes of a machine leave for their next start: whole and unbroken, or refused.

They lie in ``INDEX_FOLDER``, readable by their owner alone. Each ends with a digest of all before
it, so that one that was cut short or spoiled is never taken for what it was.
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.db import connection

DIGEST = 32  # bytes at the end of a file


class BrokenFileError(ValueError):
    """The file is not what was written."""


def path_of(suffix: str) -> Path:
    """Where a file that belongs to this database is kept."""
    database = connection.settings_dict
    name = json.dumps([str(database[key]) for key in ("HOST", "PORT", "NAME", "OPTIONS")])
    return Path(settings.INDEX_FOLDER) / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}{suffix}"


def is_taken(file: IO[Any]) -> bool:
    """Take the lock of an open file if no other process has it; whether it is ours now.

    It is given back when the file is closed, or the process ends, however it ends.

    Raises:
        OSError: files of this folder cannot be locked.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def put_whole(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Put a file in the place of the last one, whole or not at all.

    Args:
        path: where.
        fill: writes the content, from the file's beginning to its end.

    Raises:
        OSError: the folder cannot be used, or the disk is full.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".new")
    try:
        with open(handle, "w+b") as file:  # noqa: PTH123 - it is open already
            fill(file)
            file.flush()
            size = os.fstat(file.fileno()).st_size
            digest = _digest(file, size)
            file.seek(size)
            file.write(digest)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def require_unbroken(file: BinaryIO) -> None:
    """Read a file to its end and hold it against its digest.

    Raises:
        BrokenFileError: it is not as it was written.
    """
    size = os.fstat(file.fileno()).st_size - DIGEST
    if size < 0 or _digest(file, size) != file.read(DIGEST):
        raise BrokenFileError


def _digest(file: BinaryIO, size: int) -> bytes:
    """Of the first bytes of a file, which is left at the end of them."""
    state, buffer, left = hashlib.blake2b(digest_size=DIGEST), memoryview(bytearray(1 << 20)), size
    file.seek(0)
    while left and (read := file.readinto(buffer[: min(left, len(buffer))])):  # type: ignore[attr-defined]
        state.update(buffer[:read])
        left -= read
    return state.digest()
