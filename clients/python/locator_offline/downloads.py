"""Taking a large file over a bad line: what came is kept, and the rest is asked for."""

import json
from pathlib import Path
from typing import Any

from locator_offline.columns import PackError
from locator_offline.transport import GZIP, NetworkError, Transport, unpacked

AT_ONCE = 1 << 16  # bytes
OK, PARTIAL, NOT_MODIFIED, NOT_SATISFIABLE = 200, 206, 304, 416


class Part:
    """What has come of a file so far: a line that says of which, and its bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.etag, self.encoding, self._head = "", "", 0
        try:
            with path.open("rb") as file:
                line = file.readline()
                told = json.loads(line)
                self.etag, self.encoding, self._head = told["etag"], told["encoding"], len(line)
        except (OSError, ValueError, KeyError, TypeError):
            self.drop()

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self._path.stat().st_size - self._head if self._head else 0

    def begin(self, etag: str, encoding: str) -> None:
        """Begin anew."""
        line = json.dumps({"etag": etag, "encoding": encoding}).encode() + b"\n"
        self._path.write_bytes(line)
        self.etag, self.encoding, self._head = etag, encoding, len(line)

    def add(self, some: bytes) -> None:
        """Keep some more bytes."""
        with self._path.open("ab") as file:
            file.write(some)

    def data(self) -> bytes:
        """All that came."""
        return self._path.read_bytes()[self._head :]

    def drop(self) -> None:
        """Forget it."""
        self._path.unlink(missing_ok=True)
        self.etag, self.encoding, self._head = "", "", 0


class MissingError(LookupError):
    """There is no such file on the server."""


def download(
    transport: Transport, path: str, query: dict[str, Any], *, part: Part, held: str, most: int
) -> tuple[bytes, str] | None:
    """A file and its entity tag; None if the one held is still the same.

    Args:
        transport: the way to the server.
        path, query: of the file.
        part: what came of it before, and where the rest goes.
        held: entity tag of the file held, or "".
        most: bytes that it may have.

    Raises:
        NetworkError: the line broke. What came is kept: ask again.
        MissingError: there is no such file.
        PackError: more came than was announced, or what came cannot be unpacked.
    """
    headers = {"Accept-Encoding": GZIP}
    if part.size and part.etag:
        headers |= {"Range": f"bytes={part.size}-", "If-Range": part.etag}
    elif held:
        headers["If-None-Match"] = held
    with transport.opened(path, query, headers) as answer:
        if answer.status == NOT_MODIFIED:
            return None
        _take(answer, part, most)
    data, etag = _unpacked(part, most), part.etag
    part.drop()
    return data, etag


def _take(answer: Any, part: Part, most: int) -> None:
    """Read an answer into the part."""
    if answer.status == NOT_SATISFIABLE:
        part.drop()
        raise NetworkError("What came before is no part of the file any more.")
    if answer.status not in {OK, PARTIAL}:
        if answer.status in {404, 410}:
            raise MissingError("There is no such file (any more).")
        raise NetworkError(f"Not a file, but the answer {answer.status}.")
    if answer.status == OK or not _goes_on(answer, part):
        part.begin(answer.headers.get("ETag", ""), answer.headers.get("Content-Encoding", ""))
        if answer.status == PARTIAL:
            part.drop()
            raise NetworkError("Another part came than the one asked for.")
    wanted, came = answer.headers.get("Content-Length"), 0
    while some := answer.read(AT_ONCE):
        came += len(some)
        if part.size + len(some) > most:
            part.drop()
            raise PackError("The file is larger than was announced.")
        part.add(some)
    if wanted is not None and came != int(wanted):
        raise NetworkError("The line broke.")


def _goes_on(answer: Any, part: Part) -> bool:
    """Whether a partial answer continues what came before."""
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {part.size}-")


def _unpacked(part: Part, most: int) -> bytes:
    if part.encoding != GZIP:
        return part.data()
    try:
        return unpacked(part.data(), most)
    except NetworkError as error:
        part.drop()
        raise PackError(str(error)) from error
