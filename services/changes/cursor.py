"""How far a phone has read the change log: a text that it keeps and hands back, and never reads.

It holds the place of the last change read, in order of transaction and change, and when everything
up to there had been read. What it cannot tell, it does not: it names no phone and no search.
"""

import base64
import binascii
import datetime as dt
import hashlib
import struct
import uuid
from dataclasses import dataclass
from typing import NamedTuple

from services.index.lineage import lineage

VERSION = 1
LIFE = dt.timedelta(days=90)
SLACK = dt.timedelta(days=1)  # by how much clocks of ours may differ
# Version, history, region, transaction, change, hold (two transactions), part told, seconds.
FORM = struct.Struct(">B6s4sQQQQ16sI")
NOTHING_TOLD = uuid.UUID(int=0)


class CursorError(ValueError):
    """The text is none of our cursors, or one of another region."""


class CursorExpiredError(Exception):
    """What changed since cannot be told any more: only a whole pack leads on from here."""

    def __init__(self, region: str) -> None:
        super().__init__()
        self.region = region


class Hold(NamedTuple):
    """Moves wait until whoever may not have seen them has ended: see ``services.changes.moves``.

    Attributes:
        moves_below: moves of transactions below this one wait …
        until: … until every transaction below this one has ended.
    """

    moves_below: int
    until: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the change log of one history of the database, for one region.

    Attributes:
        history: of ``history_now``.
        region: the pack's, such as "US-ND.US-SD".
        xid, change: every change up to this transaction and change has been told.
        hold: what moves wait for, if they do.
        told: of the next change, the last service told; the null UUID if none was.
        read_at: when everything up to there had been read. Pages on the way to the end keep that of
            the first: what they have not told yet is as old as that.
    """

    history: bytes
    region: str
    xid: int
    change: int
    read_at: dt.datetime
    hold: Hold | None = None
    told: uuid.UUID = NOTHING_TOLD

    def as_text(self) -> str:
        """The text a phone keeps."""
        packed = FORM.pack(
            VERSION,
            self.history,
            _short(self.region, 4),
            self.xid,
            self.change,
            *(self.hold or (0, 0)),
            self.told.bytes,
            int(self.read_at.timestamp()),
        )
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def check(self, history: bytes, now: dt.datetime) -> None:
        """Refuse to go on where that could skip a change.

        Raises:
            CursorExpiredError: it is too old, or the database has another history.
        """
        if self.history != history or now - self.read_at > LIFE:
            raise CursorExpiredError(self.region)


def cursor_from(text: str, region: str, now: dt.datetime) -> Cursor:
    """Read a cursor strictly: one spelling each, and nothing else.

    Raises:
        CursorError: it is none, or one of another region.
    """
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, history, place, xid, change, low, high, told, seconds = FORM.unpack(packed)
        read_at = dt.datetime.fromtimestamp(seconds, dt.UTC)
        hold = Hold(low, high) if (low, high) != (0, 0) else None
        cursor = Cursor(history, region, xid, change, read_at, hold, uuid.UUID(bytes=told))
    except (binascii.Error, struct.error, ValueError, OverflowError):
        raise CursorError from None
    known = version == VERSION and place == _short(region, 4) and max(xid, change, high) < 1 << 63
    if not known or cursor.as_text() != text or read_at > now + SLACK:
        raise CursorError
    return cursor


def history_now() -> bytes:
    """The history of the database that is read here: one cluster, one timeline, one change log.

    When the server started is left out: a primary that starts anew goes on in its history.
    """
    cluster, _started, timeline = lineage().split()
    return _short(f"{cluster} {timeline}", 6)


def _short(text: str, length: int) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:length]
