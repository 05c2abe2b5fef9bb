"""The search index in this process, loaded the way a web process does it."""


def load_index() -> None:
    """Read the latest snapshot, or the database, and catch up.

    No thread follows: it would let the index look ahead from the real time, not from that which
    is asked about.
    """
    from services.gazetteer import gazetteer
    from services.index import live_index

    gazetteer.ensure()
    live_index.restore()
    live_index.catch_up()
    live_index.keep()
