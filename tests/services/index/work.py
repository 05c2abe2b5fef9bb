"""The walk through the tree, run uncompiled, and what it looks at counted."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.index import Query, SearchIndex, walk
from services.index.asking import ask_of

UNCOMPILED = ["share_of", "none_yet", "bar_of", "_slot_minutes", "_node_minutes", "_look_into"]
UNCOMPILED += ["_weigh_cheapest", "_open", "facts_match", "facts_may_match"]


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
    weigh = walk._weigh

    def counted(told: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            work[told] += 1
            return does(*arguments)

        return count

    with pytest.MonkeyPatch.context() as patched:
        for name in UNCOMPILED:
            patched.setattr(walk, name, getattr(walk, name).py_func)
        for name, value in constants.items():
            patched.setattr(walk, name, value)
        plain = shelves.rows
        patched.setattr(walk, "box_m", counted("nodes", walk.box_m.py_func))
        patched.setattr(walk, "spot_m", counted("services", walk.spot_m.py_func))
        patched.setattr(walk, "_look_into", counted("leaves", walk._look_into))
        patched.setattr(
            walk, "_weigh", counted("weighed", lambda slot, _, *rest: weigh(slot, plain, *rest))
        )
        patched.setattr(walk, "_weigh_elsewhere", lambda *arguments: arguments[-1])
        slots, _ = walk.walk.py_func(
            readable,
            standing.outlook,
            wanted.areas,
            ask_of(query),
            standing.zone_chance,
            standing.openings,
            wanted.limit,
        )
    return slots, work
