"""Every combination of wishes, against the same search without any: which costs the most?"""

import datetime as dt
import itertools
import statistics
import time
from typing import Any

from services.search import Search, find_nearby
from services.vocabulary import Kind
from tests.bench.towns import LatLon, searchers

FLAGS = ("open_now", "available_only", "strict")
ACCESS: list[dict[str, bool]] = [{}, {"asl": True}, {"asl": True, "pets": True}]
KINDS: list[tuple[Kind, ...]] = [(), (Kind.METHADONE,), (Kind.DETOX, Kind.RESIDENTIAL)]
WITHIN_KM = (None, 3.0)
LATER = {"now": dt.timedelta(0), "in nine hours": dt.timedelta(hours=9)}
SEARCHERS = {"full": 25, "quick": 3}  # of each sort
DENSITIES = ("dense", "rural", "overseas")
TOLD = 8


def combinations() -> list[dict[str, Any]]:
    """All wishes at once, as arguments of a search."""
    flags = [
        dict(zip(FLAGS, said, strict=True)) for said in itertools.product((False, True), repeat=3)
    ]
    every = itertools.product(flags, ACCESS, KINDS, WITHIN_KM)
    return [
        told | {"access": access, "kinds": kinds, "max_km": max_km}
        for told, access, kinds, max_km in every
    ]


def dearest(now: dt.datetime, pace: str) -> dict[str, Any]:
    """The combinations that cost the most, of a plain search at the same place and time.

    Returns:
        ``count`` of all; their ``median``, in plain searches; how many are ``above_10``; the
        ``dearest``, each with its wishes in words, milliseconds, and its ratio to a plain search;
        and the median milliseconds of ``plain`` searches, by where and when.
    """
    from services.index import live_index

    live_index.index.move_to(now)
    count, found = SEARCHERS[pace], []
    plains: dict[str, list[float]] = {}
    for density, (when, later) in itertools.product(DENSITIES, LATER.items()):
        places, at = searchers(density, count), now + later
        for wishes in combinations():
            plain, took = _median_ms(places, now, [{"at": at}, {"at": at} | wishes])
            plains.setdefault(f"{density}, {when}", []).append(plain)
            found.append((took / plain, took, f"{density}, {when}: {said(wishes)}"))
    found.sort(reverse=True)
    return {
        "count": len(found),
        "median": statistics.median(ratio for ratio, _, _ in found),
        "above_10": sum(ratio > 10 for ratio, _, _ in found),
        "plain": {where: statistics.median(times) for where, times in plains.items()},
        "dearest": [{"ratio": r, "ms": ms, "wishes": text} for r, ms, text in found[:TOLD]],
    }


def _median_ms(
    places: list[LatLon], now: dt.datetime, searches: list[dict[str, Any]]
) -> list[float]:
    """Of each search, all of them in turns at every place; a first round only warms up."""
    taken: list[list[float]] = [[] for _ in searches]
    for round_, (lat, lon) in itertools.product(range(2), places):
        for asked, times in zip(searches, taken, strict=True):
            began = time.perf_counter()
            find_nearby(Search(lat=lat, lon=lon, **asked), now=now)
            if round_:
                times.append(time.perf_counter() - began)
    return [statistics.median(times) * 1000 for times in taken]


def said(wishes: dict[str, Any]) -> str:
    """Wishes as people read them."""
    told = [name for name in FLAGS if wishes[name]]
    told += sorted(wishes["access"])
    told += [kind.value for kind in wishes["kinds"]]
    told += [f"within {wishes['max_km']:.0f} km"] if wishes["max_km"] else []
    return ", ".join(told) or "nothing"
