"""The walk through the tree, run uncompiled, and what it looks at counted."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.index import Query, SearchIndex, bounds, walk
from services.index.asking import ask_of

UNCOMPILED = [
    (walk, ["none_yet", "bar_of", "slot_minutes", "node_minutes", "_look_into", "_weigh_cheapest"]),
    (walk, ["_open", "_walk_down"]),
    (bounds, ["facts_match", "facts_may_match", "least_of"]),
]


def walked(index: SearchIndex, query: Query, **constants: int) -> tuple[NDArray[Any], Counter[str]]:
    """The best slots of the tree, and how often the walk did what.

    Args:
        index: where to walk; services outside its tree are passed over.
        query: the question.
        constants: of the walk, by name, that shall be others.

    Returns:
        Slots, best first; and how many ``nodes`` and ``services`` the way was measured to, how many
        ``leaves`` were opened, and how many services were ``weighed`` exactly.
    """
    work, at = Counter[str](), query.at
    standing = index._standing(at, index._shelving.schedules.openings(at))
    wanted, shelves = index._wanted(query), standing.shelves
    readable = shelves._replace(
        rows=shelves.rows.view(np.recarray),
        tree=shelves.tree._replace(nodes=shelves.tree.nodes.view(np.recarray)),
    )
    weigh, within = walk.weigh, bounds.bounds_within

    def counted(told: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            work[told] += 1
            return does(*arguments)

        return count

    with pytest.MonkeyPatch.context() as patched:
        for module, names in UNCOMPILED:
            for name in names:
                patched.setattr(module, name, getattr(module, name).py_func)
        for name, value in constants.items():
            patched.setattr(walk, name, value)
        plain = shelves.rows
        patched.setattr(bounds, "box_m", counted("nodes", bounds.box_m.py_func))
        patched.setattr(bounds, "spot_m", counted("services", bounds.spot_m.py_func))
        patched.setattr(
            walk, "bounds_within", lambda number, _, *rest: within(number, shelves.tree, *rest)
        )
        patched.setattr(walk, "_look_into", counted("leaves", walk._look_into))
        patched.setattr(
            walk, "weigh", counted("weighed", lambda slot, _, *rest: weigh(slot, plain, *rest))
        )
        for name in ("_weigh_by_area", "_weigh_unsettled"):
            patched.setattr(walk, name, lambda *arguments: arguments[-1])
        slots, _ = walk.walk.py_func(
            readable,
            standing.outlook,
            wanted.areas,
            ask_of(query),
            walk.Hours(standing.zone_chance, standing.openings),
            wanted.limit,
        )
    return slots, work
