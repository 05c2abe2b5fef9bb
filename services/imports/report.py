"""What an import did, as counts, as a table for people and as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from services.imports.text import visible

COUNTS = (
    "read",
    "created",
    "merged",
    "changed",
    "unchanged",
    "refused",
    "not_ours",
    "vanished",
    "retired",
    "unproven",
    "warnings",
    "sites_created",
    "services_created",
)
MEANING = {
    "read": "rows in the file",
    "created": "became a new site",
    "merged": "joined a site that another record made",
    "changed": "said something else than before, or came back",
    "unchanged": "said what they said before; nothing was touched",
    "refused": "could not be listed; the reasons are below",
    "not_ours": "sound, but offer none of our kinds of help",
    "vanished": "records that the file no longer has",
    "retired": "services that no record names any more",
    "unproven": "name a kind that only another record could prove",
    "warnings": "values left out or not believed",
}
SHOWN_ROWS = 40
MOST = 300  # characters printed of a reason: files may be as long-winded as they like


@dataclass(slots=True)
class Report:
    """An import's result. Every row is counted once, under created, merged … or not_ours."""

    feed: str
    source: str
    file_name: str
    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    message: str = ""
    seconds: float = 0.0
    run: str = ""

    def refuse(self, row: int, key: str, reason: str, *, not_ours: bool = False) -> None:
        """A row that did not become a listing."""
        self.counts["not_ours" if not_ours else "refused"] += 1
        self.refusals.append({"row": row, "key": key, "reason": reason, "not_ours": not_ours})

    def warn(self, row: int, key: str, warning: str) -> None:
        """Something of a row that was left out."""
        self.counts["warnings"] += 1
        self.warnings.append({"row": row, "key": key, "warning": warning})

    def totals(self) -> dict[str, int]:
        """Every count by its name, zeros included."""
        return {name: self.counts[name] for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """The whole report; every refused row is in it."""
        return {
            "run": self.run,
            "feed": self.feed,
            "source": self.source,
            "file": self.file_name,
            "status": self.status,
            "message": self.message,
            "seconds": round(self.seconds, 2),
            "counts": self.totals(),
            "refusals": self.refusals,
            "warnings": self.warnings,
        }

    def as_text(self) -> str:
        """A table, then the refused rows grouped by reason, then the first rows one by one."""
        lines = [f"{self.feed} → {self.source}, {visible(self.file_name)}: {self.status}"]
        lines += [
            f"  {name:<17}{count:>8,}  {MEANING.get(name, '')}".rstrip()
            for name, count in self.totals().items()
            if count or name in MEANING
        ]
        errors = [row for row in self.refusals if not row["not_ours"]]
        others = Counter(row["reason"] for row in self.refusals if row["not_ours"])
        lines += [f"  not ours, {count} rows: {reason}" for reason, count in others.items()]
        lines += [
            f"  refused row {row['row']} {_told(row['key'], row['reason'])}" for row in errors
        ]
        lines += [
            f"  warning row {row['row']} {_told(row['key'], row['warning'])}"
            for row in self.warnings[:SHOWN_ROWS]
        ]
        if len(self.warnings) > SHOWN_ROWS:
            lines.append(
                f"  … {len(self.warnings) - SHOWN_ROWS} more warnings; --json has them all"
            )
        if self.message:
            lines.append(f"  {self.message}")
        return "\n".join(lines)


def _told(key: str, why: str) -> str:
    return f"({visible(key, 24)}): {visible(why, MOST)}"
