"""The places as a web process leaves them for its next start, should the database be away then.

What is in the file is published data on towns and ZIP codes; nothing of anybody who searches.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import structlog

from services import place_rows as sources
from services.gazetteer import Gazetteer
from services.kept_files import DIGEST, path_of, put_whole, require_unbroken
from services.place_rows import Town, Zips

log = structlog.get_logger(__name__)

# Changes when anything does that decides what the file holds.
FORMAT = hashlib.sha256(Path(sources.__file__).read_bytes()).hexdigest()


def keep(zips: Zips, towns: Sequence[Town]) -> None:
    """Leave the places for the next start, if they are others than those that are there.

    Raises:
        OSError: the folder cannot be used.
    """
    content = orjson.dumps(
        {
            "format": FORMAT,
            "zips": zips,
            "towns": [list(dataclasses.astuple(town)) for town in towns],
        }
    )
    path = path_of(".places")
    if _content(path) != content:
        put_whole(path, lambda file: file.write(content))


def restore(gazetteer: Gazetteer) -> None:
    """Know the places that were left, if they were left by this version and are unbroken."""
    content = _content(path_of(".places"))
    try:
        told: dict[str, Any] = orjson.loads(content or b"{}")
        if told.get("format") != FORMAT:
            return
        zips = {name: (lat, lon) for name, (lat, lon) in told["zips"].items()}
        gazetteer.hold(zips, [Town(*town) for town in told["towns"]])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("places: the file cannot be used", error=type(error).__name__)


def _content(path: Path) -> bytes | None:
    """What was written; nothing if that is not there or not as it was written."""
    try:
        with path.open("rb") as file:
            require_unbroken(file)
            return path.read_bytes()[:-DIGEST]
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("places: the file cannot be used", error=type(error).__name__)
        return None
