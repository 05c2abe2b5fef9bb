"""What a phone holds: regions, each from a pack and the changes since, on disk and in memory.

A region is one file: a line about the pack, the pack as it was signed, and a line for each page of
changes since; without what a later page no longer tells of a place, for that may be hidden. A file
is replaced as a whole: after a crash the old or the new one is there.
"""

import hashlib
import itertools
import json
import os
import re
from copy import copy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from locator_offline.blanks import blanked, no_longer_told
from locator_offline.columns import PackError
from locator_offline.pack import Body, FactBits, read
from locator_offline.question import Answer, Question
from locator_offline.search import World

REGION = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,499}")  # a union of a whole country has 353 letters
LONGEST_NAME = 100  # of a file; systems allow 255, with what is put around it
NEWLINE = b"\n"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server lists of a pack: how it is known to be whole, and by whom.

    Attributes:
        sha256: of the JSON, in hex.
        language: of its labels, as the pack itself tells it: that one is signed.
        signature: base64.
        etag: with which the pack was sent; "" if it was not told.
        asked: the language that was asked for, if the server told another one.
    """

    region: str
    language: str
    cursor: str
    sha256: str
    signature: str
    etag: str = ""
    asked: str = ""


class Region:
    """One region as it is held."""

    def __init__(self, listed: Listed, body: Body, size: int) -> None:
        self.listed, self.labels, self.towns = listed, body.labels, body.towns
        self.sites, self.services = dict(body.sites), dict(body.services)
        self.cursor, self.kinds, self.day = body.cursor, body.kinds, body.day
        self.pack_bytes, self.page_bytes = size, 0

    def after(self, page: Body, size: int) -> "Region":
        """The region as a page of changes leaves it; this one stays as it is."""
        new = copy(self)
        new.sites, new.services = dict(self.sites), dict(self.services)
        new.take_in(page, size)
        return new

    def take_in(self, page: Body, size: int) -> None:
        """Apply a page of changes. To apply it again changes nothing."""
        for id_ in page.gone:
            self.services.pop(id_, None)
        self.sites |= page.sites
        self.services |= page.services
        used = {service.site_id for service in self.services.values()}
        self.sites = {id_: site for id_, site in self.sites.items() if id_ in used}
        self.cursor, self.kinds = page.cursor, page.kinds
        self.page_bytes += size


class Store:
    """The regions in a folder, which one process at a time may use.

    Attributes:
        regions: by name; the one brought up to date last is the last.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.facts = FactBits()
        self.regions: dict[str, Region] = {}
        self._world: World | None = None
        for path in sorted(self.folder.glob("*.pack"), key=lambda path: path.stat().st_mtime_ns):
            self._open(path)

    def search(self, question: Question) -> Answer:
        """The services to try, best first. Nobody else hears of it."""
        return self.world.search(question)

    @property
    def world(self) -> World:
        """All that is held, as it is searched. A service of two packs is told by the later one."""
        if self._world is None:
            pairs = {}
            for region in self.regions.values():
                for id_, service in region.services.items():
                    pairs[id_] = (service, region.sites[service.site_id])
            towns = itertools.chain(*(region.towns for region in self.regions.values()))
            self._world = World(pairs.values(), self.kinds, self.facts, towns)
        return self._world

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of service, in order."""
        named = (kind for region in reversed(self.regions.values()) for kind in region.kinds)
        return tuple(dict.fromkeys(named))

    def put(self, listed: Listed, pack: bytes) -> Region:
        """Hold a pack, in the place of the one held of its region.

        Raises:
            PackError: it is not what was listed, or cannot be read. The old one is held on.
        """
        region = self._read(listed, pack, listed.sha256)
        head = {"bytes": len(pack), "listed": asdict(listed)}
        self._replace(listed.region, _line(head) + pack + NEWLINE)
        self._hold(listed.region, region)
        return region

    def apply(self, region: str, page: bytes) -> Body:
        """Take in a page of changes.

        Raises:
            KeyError: the region is not held.
            PackError: the page is none of this region.
        """
        held, body = self.regions[region], read(page, self.facts)
        if body.region != region:
            raise PackError(f"Changes of {body.region}, not of {region}.")
        line = _one_line(page) + NEWLINE
        after = held.after(body, len(line))
        kept = self._path(region).read_bytes()
        self._replace(region, _without(kept, held, after) + line)
        self._hold(region, after)
        return body

    def drop(self, region: str) -> None:
        """Hold a region no longer."""
        self._path(region).unlink(missing_ok=True)
        self.regions.pop(region, None)
        self._world = None

    def _hold(self, name: str, region: Region) -> None:
        self.regions.pop(name, None)
        self.regions[name] = region
        self._world = None

    def _read(self, listed: Listed, pack: bytes, sha256: str) -> Region:
        if hashlib.sha256(pack).hexdigest() != sha256:
            raise PackError("The pack is not whole: it differs from its SHA-256.")
        body = read(pack, self.facts)
        told = (body.region, body.language, body.cursor)
        if told != (listed.region, listed.language, listed.cursor):
            raise PackError("The pack is not the one that was listed.")
        return Region(listed, body, len(pack))

    def _open(self, path: Path) -> None:
        """Hold what a file holds; one that a failing disk has broken is passed over."""
        try:
            head, pack, pages = _parts(path.read_bytes())
            listed = Listed(**head["listed"])
            region = self._read(listed, pack, head.get("sha256", listed.sha256))
            for page in pages:
                region.take_in(read(page, self.facts), len(page) + 1)
        except (OSError, ValueError, TypeError, KeyError):
            return
        self._hold(listed.region, region)

    def _path(self, region: str) -> Path:
        if not REGION.fullmatch(region):
            raise PackError("This is the name of no region.")
        return self.folder / f"{file_name(region)}.pack"

    def _replace(self, region: str, data: bytes) -> None:
        replace_file(self._path(region), data)


def file_name(region: str) -> str:
    """What a region's files are called: a union of many states has a name too long for a file."""
    if len(region) <= LONGEST_NAME:
        return region
    return f"{region[:LONGEST_NAME]}-{hashlib.sha256(region.encode()).hexdigest()[:16]}"


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another, whole or not at all, and on the disk for good."""
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parts(kept: bytes) -> tuple[dict[str, Any], bytes, list[bytes]]:
    """Of a region's file: what is noted about the pack, the pack, and the pages since."""
    line, _, rest = kept.partition(NEWLINE)
    head = json.loads(line)
    return head, rest[: head["bytes"]], rest[head["bytes"] + 1 :].split(NEWLINE)[:-1]


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + NEWLINE


def _without(kept: bytes, before: Region, after: Region) -> bytes:
    """A region's file without the words and places that are no longer told."""
    sites = no_longer_told(before.sites, after.sites)
    services = no_longer_told(before.services, after.services)
    if not sites and not services:
        return kept
    head, pack, pages = _parts(kept)
    pack, *pages = [blanked(body, sites, services) for body in (pack, *pages)]
    head |= {"bytes": len(pack), "sha256": hashlib.sha256(pack).hexdigest()}
    return _line(head) + b"".join(body + NEWLINE for body in (pack, *pages))


def _one_line(page: bytes) -> bytes:
    """A document without line breaks: JSON holds none but between its tokens."""
    compact: Any = json.loads(page) if NEWLINE in page else None
    return page if compact is None else json.dumps(compact, separators=(",", ":")).encode()
