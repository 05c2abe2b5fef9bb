"""The search index: all listed services in memory, exactly ranked, at most a second behind."""

from services.index.asking import Query
from services.index.follower import start_following
from services.index.hits import Hit, Hits, Page
from services.index.live import IndexNotReadyError, live_index
from services.index.openings import BusyError
from services.index.search_index import SearchIndex

__all__ = [
    "BusyError",
    "Hit",
    "Hits",
    "IndexNotReadyError",
    "Page",
    "Query",
    "SearchIndex",
    "live_index",
    "start_following",
]
