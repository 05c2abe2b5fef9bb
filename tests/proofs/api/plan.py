"""How many cases each role sends to each operation, so that the sum is exact."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

SHORT, LONG = 2_000, 20_000  # cases: in the suite, and by make prove-api

ROLES = (
    "anonymous",
    "clinic_staff",
    "clinic_admin",
    "outreach",
    "moderator",
    "superuser",
    "expired",  # a token that was good once
    "broken",  # an Authorization header with nothing of ours in it
)

Plan = dict[tuple[str, str], int]


def plan_of(total: int, operations: Sequence[str]) -> Plan:
    """Cases by operation and role, as even as whole numbers allow."""
    pairs = list(itertools.product(operations, ROLES))
    each, over = divmod(total, len(pairs))
    # Whoever gets one more lies spread over the operations, not in the first of them.
    extra = {pairs[number * len(pairs) // over] for number in range(over)} if over else set()
    return {pair: each + (pair in extra) for pair in pairs}


@dataclass(frozen=True)
class Slice:
    """Operations that one test asks, so that tests can share the work."""

    number: int
    of: int

    def operations(self, names: Sequence[str]) -> list[str]:
        """Those of this slice."""
        return [name for at, name in enumerate(names) if at % self.of == self.number]
