"""A process of its own: what is compiled, or read from the cache, for changes after a rehearsal.

``python -m tests.services.index.rehearsed FOLDER`` tells which functions; there should be none.
"""

import datetime as dt
import gc
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from numba.core.dispatcher import Dispatcher

NOW = dt.datetime.now(dt.UTC)


def overloads() -> dict[str, int]:
    """How many versions of each function there are by now."""
    found: Iterator[Any] = (one for one in gc.get_objects() if isinstance(one, Dispatcher))
    return {f"{one.__module__}.{one.__name__}": len(one.overloads) for one in found}


def change(index: Any, services: list[Any]) -> None:
    """Whatever following may do to an index."""
    index.put(services[100:])
    index.put([services[0]._replace(point=(40.0, -75.0), area=None, remote=False)])
    index.remove([services[1].id])
    index.tell([services[2].id], NOW)
    index.move_to(NOW + dt.timedelta(minutes=5))
    index.pack(NOW)
    index.packed(NOW)


def main(folder: str) -> None:
    """Start from the snapshot in a folder, rehearse, and change something."""
    from django.conf import settings

    from services.index import snapshot
    from services.index.rehearsing import ENOUGH, rehearse
    from services.index.search_index import SearchIndex
    from tests.listed import a_listed_service

    settings.INDEX_FOLDER = folder
    (written,) = Path(folder).glob("*.index")
    written.rename(snapshot._path())  # as if it were of the database here, which is not asked
    dice = random.Random(4)
    services = [a_listed_service(dice) for _ in range(300)]
    restored = snapshot.latest(now=NOW)
    assert restored is not None
    index = SearchIndex(NOW, restored.shelving)
    index.warm_up()
    if "unprepared" not in sys.argv:
        rehearse(services[:ENOUGH], NOW)
    before = overloads()
    change(index, services)
    after = overloads()
    more = sorted(name for name, count in after.items() if count > before.get(name, 0))
    sys.stdout.write(" ".join(more))


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1])
