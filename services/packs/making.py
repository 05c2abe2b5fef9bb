"""The state of what packs are made by: after an update, or a failover, they are all made anew."""

import functools
import hashlib
from pathlib import Path

from services.changes.cursor import history_now
from services.packs.signing import public_key

HERE = Path(__file__).parent
SOURCES = (
    *("changes/cursor", "gazetteer", "hours", "index/columns", "listing", "listing_rows"),
    *("regions", "told", "vocabulary"),
)


def made_by() -> str:
    """Changes with the code, the labels, the key that signs, and the database's history.

    A pack of another history would lead nowhere: its cursor is refused.
    """
    made_of = f"{_fingerprint()} {public_key()} {history_now().hex()}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]


def sources() -> list[Path]:
    """The files that decide what a pack says."""
    code = [HERE.parent / f"{name}.py" for name in SOURCES] + sorted(HERE.glob("*.py"))
    return code + sorted(HERE.parent.glob("locale/*/LC_MESSAGES/*.mo"))


@functools.cache
def _fingerprint() -> str:
    state = hashlib.sha256()
    for source in sources():
        state.update(source.read_bytes())
    return state.hexdigest()
