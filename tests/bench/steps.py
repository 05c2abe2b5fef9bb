"""The steps of a search, one by one, from the call of compiled code to the whole application.

Each step takes in those before it, so a step costs what its line has more than the line above. All
of a cell's searchers ask one after the other, then again for the next step: what one needs has left
the caches when it is its turn again, as on a server.
"""

import datetime as dt
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

import orjson

from services.compiled import brief, direct
from services.index.answering import Standing, Wanted, best_of, page_of
from services.index.answering import taken as taken_of
from services.index.best import none_yet
from services.index.scoring import Ask
from services.index.walk import Hours, walk, weigh
from tests.bench.mix import Cell

STEPS = (
    "call of compiled code, nothing done",
    "… those found weighed exactly, no walk",
    "walk",
    "… and their rows copied",
    "… companions: naloxone by each detox",
    "… and written as JSON",
    "question for compiled code, lock, hours",
    "areas near, notice, head of the answer",
    "body read and checked",
    "WSGI application: frame and headers",
)
Step = Callable[[int], object]


@brief
def _nothing(standing: Standing, ask: Ask, wanted: Wanted) -> int:
    return wanted.limit


@brief
def _walked(standing: Standing, ask: Ask, wanted: Wanted) -> Any:
    hours = Hours(standing.zone_chance, standing.openings)
    return walk(standing.shelves, standing.outlook, wanted.areas, ask, hours, wanted.limit)


@brief
def _weighed(standing: Standing, ask: Ask, wanted: Wanted, slots: Any) -> int:
    hours = Hours(standing.zone_chance, standing.openings)
    best, found = none_yet(wanted.limit), 0
    for slot in slots:
        found = weigh(slot, standing.shelves.rows, ask, hours, best, found)
    return found


@brief
def _copied(standing: Standing, ask: Ask, wanted: Wanted) -> int:
    slots, _ = _walked(standing, ask, wanted)
    return len(taken_of(standing.shelves.rows, slots, wanted.wishes, ask.words_at)[0])


@brief
def _accompanied(standing: Standing, ask: Ask, wanted: Wanted) -> int:
    return len(best_of(standing, ask, wanted)[0])


def steps_of(cell: Cell, at: dt.datetime, searchers: int) -> list[Step]:
    """The steps for the searchers of a cell: each takes the number of one."""
    from api.short_cut import SEARCH, SearchShortCut
    from api.v1.nearby import answer_to
    from services.index import live_index
    from services.index.asking import ask_of
    from services.search import find_nearby

    index, searches = live_index.index, cell.searches(searchers)
    queries = [search.as_query(at) for search in searches]
    bodies = [orjson.dumps(body | {"at": at.isoformat()}) for body in cell.bodies(searchers)]
    standing = index._standing(at, index._shelving.schedules.openings(at))
    asked = [(standing, ask_of(query), index._wanted(query)) for query in queries]
    compiled: list[Any] = [direct(step, *asked[0]) for step in (_walked, _nothing, _copied)]
    walked, nothing, copied = compiled
    slots = [walked(*one)[0] for one in asked]
    weighed = direct(_weighed, *asked[0], slots[0])
    accompanied = direct(_accompanied, *asked[0])
    page = direct(page_of, *asked[0], 1, 1)
    application = SearchShortCut(_no_other)
    environs = [_environ(SEARCH, body) for body in bodies]
    return [
        lambda n: nothing(*asked[n]),
        lambda n: weighed(*asked[n], slots[n]),
        lambda n: walked(*asked[n]),
        lambda n: copied(*asked[n]),
        lambda n: accompanied(*asked[n]),
        lambda n: page(*asked[n], 1, cell.limit),
        lambda n: index.page(queries[n], 1, cell.limit),
        lambda n: find_nearby(searches[n], now=at),
        lambda n: answer_to(bodies[n], ""),
        lambda n: application(environs[n] | {"wsgi.input": io.BytesIO(bodies[n])}, _is_fine),
    ]


def _no_other(environ: dict[str, Any], _: Any) -> Any:
    raise AssertionError(f"Not a search: {environ['PATH_INFO']}")


def _is_fine(status: str, _: Any) -> None:
    if status != "200 OK":
        raise AssertionError(status)


def _environ(path: str, body: bytes) -> dict[str, Any]:
    """A search as the production server hands it over."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
    }


def timed(steps: list[Step], searchers: int, rounds: int) -> list[float]:
    """The median milliseconds of each step."""
    times: list[list[float]] = [[] for _ in steps]
    for _ in range(rounds):
        for step, taken in zip(steps, times, strict=True):
            for number in range(searchers):
                began = time.perf_counter()
                step(number)
                taken.append(time.perf_counter() - began)
    return [statistics.median(taken) * 1000 for taken in times]
