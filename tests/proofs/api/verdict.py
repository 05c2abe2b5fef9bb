"""Whether the promises held, and what was asked."""

from collections import Counter

from tests.proofs.api.plan import ROLES, Plan
from tests.proofs.api.run import Seen
from tests.proofs.table import Table


def verdict(seen: Seen, plan: Plan) -> Table:
    """The promises, and how often each was put to the test."""
    table = Table()
    asked = sum(seen.cases.values())
    table.promise("cases sent, as many as planned", asked, held=seen.cases == Counter(plan))
    table.figure("of them such as fit the document, and others", _told(seen.modes))
    table.figure("asked besides, since an answer led there", _told(seen.after))
    broken = sum(n for (_, status), n in seen.statuses.items() if status >= 500)
    table.promise("answers of 5xx", broken, held=broken == 0)
    wrong = sum(seen.wrong.values())
    table.promise("violations of the OpenAPI document", wrong, held=wrong == 0)
    blunt = blunted(seen, plan)
    told = ", ".join(blunt) or "none"
    table.promise("operations that nobody got an answer of 2xx from", told, held=not blunt)
    return table


def blunted(seen: Seen, plan: Plan) -> list[str]:
    """Operations whose every case was refused: what lies behind was not reached."""
    reached = {name for (name, status), n in seen.statuses.items() if n and status < 300}
    return sorted({name for name, _ in plan} - reached)


def show_counts(seen: Seen) -> None:
    """Cases by operation and role, and the statuses that they got."""
    print("\nCases by operation and role: " + ", ".join(ROLES))
    for name in sorted({name for name, _ in seen.cases}):
        counts = " ".join(f"{seen.cases[name, role]:>4}" for role in ROLES)
        got = {status: n for (one, status), n in sorted(seen.statuses.items()) if one == name}
        print(f"  {name:<58} {counts}   {_told(got)}")


def show_wrong(seen: Seen) -> None:
    """Each thing that is wrong, with a request that shows it."""
    for what, times in seen.wrong.most_common():
        print(f"\n{times} × {what}\n    {seen.examples[what]}")


def _told(counts: dict[str, int] | dict[int, int]) -> str:
    return ", ".join(f"{name}: {n}" for name, n in counts.items())
