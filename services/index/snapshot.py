"""The index on disk: a process starts from it in a second, and all of a machine share its pages.

A snapshot is one file of arrays that are mapped, not read: what no process writes to stands in
memory once. It holds what anyone may know of services, and nothing of anybody who searches.
"""

import datetime as dt
import hashlib
import json
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import structlog
from numpy.typing import NDArray

from services.hours import Schedule
from services.index.columns import ROW
from services.index.shelving import Known, Shelving
from services.index.tree import NODE
from services.kept_files import is_taken, path_of, put_whole, require_unbroken

log = structlog.get_logger(__name__)

OLDEST = dt.timedelta(days=30)  # far less than changes are kept
ALIGNED = 64  # bytes
# Spare room, so that what is put in later goes beside the mapped arrays' contents, not into copies
# of them. Holes in a file take no space on disk.
WITH_ROOM = ("rows", "spots", "answers", "texts", "starts")
DTYPES = {
    "rows": ROW,
    "spots": np.dtype("f4"),
    "answers": np.dtype("u8"),
    "boxes": np.dtype("f4"),
    "nodes": NODE,
    "kinds": np.dtype("u4"),
    "zones": np.dtype("i2"),
    "leaf_of": np.dtype("i4"),
    "areas": np.dtype("i8"),
    "directory": np.dtype("i4"),
    "texts": np.dtype("u1"),
    "starts": np.dtype("i8"),
    "numbers": np.dtype("i4"),
    "bounds": np.dtype("i4"),
    "opens": np.dtype("f8"),
    "closes": np.dtype("f8"),
    "open_offsets": np.dtype("f8"),
    "close_offsets": np.dtype("f8"),
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index as it was.

    Attributes:
        shelving: the services, packed.
        floor: the change log's floor then, see services/index/live.py.
        lineage: of the database it was read from.
        written_at: when.
    """

    shelving: Shelving
    floor: int
    lineage: str
    written_at: dt.datetime


def _format() -> str:
    """Changes when anything does that decides what a snapshot holds."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    state = hashlib.sha256(np.__version__.encode())
    for source in sources:
        state.update(source.read_bytes())
    return state.hexdigest()


FORMAT = _format()  # of the code that runs, whatever an upgrade puts in its place meanwhile


def _path() -> Path:
    return path_of(".index")


@contextmanager
def only_one() -> Iterator[bool]:
    """Whether this process is the one of its machine that may write; another one is at it if not.

    Raises:
        OSError: the folder cannot be used.
    """
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as file:
        if not is_taken(file):
            yield False
            return
        for left in path.parent.glob(f"{path.stem}*.new"):  # by a process that was killed
            left.unlink(missing_ok=True)
        yield True


def write(shelving: Shelving, *, floor: int, lineage: str, now: dt.datetime) -> None:
    """Put a snapshot in the place of the last one, whole or not at all.

    Raises:
        OSError: the folder cannot be used, or the disk is full.
    """
    arrays = shelving.arrays()
    header = {
        "format": FORMAT,
        "floor": floor,
        "lineage": lineage,
        "written_at": now.isoformat(),
        "known": asdict(shelving.known),
        "openings_from": shelving.schedules.start.isoformat(),
        "counts": shelving.counts,
        "arrays": _layout(arrays),
    }
    head = json.dumps(header).encode()

    def fill(file: BinaryIO) -> None:
        file.write(len(head).to_bytes(8, "little") + head)
        start = _aligned(file.tell())
        for key, (offset, _shape) in header["arrays"].items():  # type: ignore[attr-defined]
            file.seek(start + offset)
            arrays[key].tofile(file)
        file.truncate(start + _end(header["arrays"]))

    put_whole(_path(), fill)


def latest(*, now: dt.datetime, after: dt.datetime | None = None) -> Snapshot | None:
    """The snapshot of this database, if there is one of this version, not too old and not broken.

    Args:
        now: the time.
        after: no snapshot that was written at this time or earlier.
    """
    try:
        with _path().open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(min(length, os.fstat(file.fileno()).st_size)))
            begins = _aligned(file.tell())
            written_at = dt.datetime.fromisoformat(head["written_at"])
            too_early = after is not None and written_at <= after
            if head["format"] != FORMAT or too_early or now - written_at > OLDEST:
                return None
            require_unbroken(file)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            arrays = _mapped(mapped, begins, head["arrays"])
            start = dt.datetime.fromisoformat(head["openings_from"])
            shelving = Shelving.of(now, _known(head["known"]), start, arrays, head["counts"])
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever a broken file brings about: the database is read then
        log.warning("index: the snapshot cannot be used", error=type(error).__name__)
        return None
    return Snapshot(shelving, head["floor"], head["lineage"], written_at)


def _layout(arrays: dict[str, NDArray[Any]]) -> dict[str, tuple[int, list[int]]]:
    """Offset and shape of every array in the file, with room."""
    layout, offset = {}, 0
    for name, array in arrays.items():
        shape = list(array.shape)
        if name in WITH_ROOM:
            shape[0] += shape[0] // 8 + 1024
        layout[name] = (offset, shape)
        offset = _aligned(offset + _size(name, shape))
    return layout


def _size(name: str, shape: list[int]) -> int:
    return int(np.prod(shape)) * DTYPES[name].itemsize


def _end(layout: Any) -> int:
    return max(offset + _size(name, shape) for name, (offset, shape) in layout.items())


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNED) * ALIGNED


def _mapped(mapped: mmap.mmap, start: int, layout: Any) -> dict[str, NDArray[Any]]:
    return {
        name: np.frombuffer(
            mapped, DTYPES[name], count=int(np.prod(shape)), offset=start + offset
        ).reshape(shape)
        for name, (offset, shape) in layout.items()
    }


def _known(known: dict[str, Any]) -> Known:
    return Known(
        known["zones"],
        [(country, region) for country, region in known["areas"]],
        [Schedule(**schedule) for schedule in known["schedules"]],
    )
