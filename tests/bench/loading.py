"""The search index in this process, loaded the way a web process does it."""

import contextlib
import datetime as dt
import time

PATIENCE_SECONDS = 900


def load_index() -> float:
    """Follow the database; returns after how many seconds the first search was answered.

    Raises:
        RuntimeError: it took too long.
    """
    from services.index import start_following
    from services.index.live import IndexNotReadyError
    from services.search import Search, find_nearby

    began = time.monotonic()
    start_following()
    while time.monotonic() < began + PATIENCE_SECONDS:
        with contextlib.suppress(IndexNotReadyError):
            find_nearby(Search(lat=40.0, lon=-75.0), now=dt.datetime.now(dt.UTC))
            return time.monotonic() - began
        time.sleep(0.05)
    raise RuntimeError(f"The index was not loaded within {PATIENCE_SECONDS} s.")
