"""Promises and figures, as a proof prints them."""

import sys
from dataclasses import dataclass, field
from typing import NoReturn


@dataclass
class Table:
    """Promises, each with what was seen and whether it held."""

    rows: list[tuple[str, str, bool]] = field(default_factory=list)

    def promise(self, what: str, seen: object, *, held: bool) -> None:
        """Something that must hold."""
        self.rows.append((what, str(seen), held))

    def figure(self, what: str, seen: object) -> None:
        """Something worth knowing."""
        self.promise(what, seen, held=True)

    def show(self, title: str) -> bool:
        """Print it; returns whether everything held."""
        print(f"\n{title}")
        for what, seen, held in self.rows:
            print(f"  {'' if held else 'NOT KEPT: '}{what:<58} {seen}")
        return all(held for _, _, held in self.rows)


def end(*, kept: bool, otherwise: str = "") -> NoReturn:
    """Say whether all was proved, with more words if not; the exit code says it, too."""
    print("\nProved." if kept else f"\nA promise was not kept.{otherwise}")
    sys.exit(not kept)
