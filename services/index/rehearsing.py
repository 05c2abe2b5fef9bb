"""What changes will need is compiled, or read from its cache, before the first of them comes."""

import datetime as dt
from collections.abc import Sequence

from services.index.search_index import SearchIndex
from services.index.shelving import filled
from services.listing import ListedService

ENOUGH = 8  # services


def rehearse(services: Sequence[ListedService], now: dt.datetime) -> None:
    """Put services in, change them, take them out and pack them, in an index that nobody searches.

    To read such code from its cache holds searches up for some 50 ms, to compile it for up to half
    a second. So it is done in a process that has just begun, and not when the first report comes.
    """
    index = SearchIndex(now, filled(services, now))
    index.put(services)
    index.remove(service.id for service in services)
    index.put(services)
    index.tell([service.id for service in services], now)
    index.pack(now)
