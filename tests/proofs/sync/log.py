"""Writers and pullers at once: nothing that is written may be missed by anybody who reads."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.utils import timezone

from services.changes.moves import hold_now, is_over
from services.models import Change
from services.packs.round import build_due
from tests.proofs.sync.log_judge import judge
from tests.proofs.sync.pullers import Puller, Way
from tests.proofs.sync.world import World
from tests.proofs.sync.writers import Writer, in_a_thread
from tests.proofs.table import Table

PAUSE_S = 0.2  # of a puller that is at the end
PATIENCE_S = 0.02


@dataclass
class Log:
    """One run.

    Attributes:
        joins_at: from which change on each puller reads; before that it holds its pack.
        written: set when the writers have ended.
    """

    world: World
    pullers: Sequence[Puller]
    joins_at: Sequence[int]
    written: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Where the log ends now."""
        self.first = last_change()

    def run(self, write: Callable[[], None]) -> Table:
        """Pull while ``write`` runs in threads of its own, then to the end; and judge."""
        threads = [
            in_a_thread(partial(self._pull, one, at))
            for one, at in zip(self.pullers, self.joins_at, strict=True)
        ]
        try:
            write()
            settled()
        finally:
            self.written.set()
            for thread in threads:
                thread.join()
        return judge(self.pullers, self.world, self.first)

    def changes(self) -> int:
        """How many ids of changes were given so far: an upper bound of the changes."""
        return last_change() - self.first

    def _pull(self, puller: Puller, joins_at: int) -> None:
        while not self.written.is_set() and self.changes() < joins_at:
            self.written.wait(PAUSE_S)
        while not self.written.is_set():
            if not puller.follow():
                self.written.wait(PAUSE_S)
        while puller.follow() or puller.waits():
            pass


def write_by(writers: Sequence[Writer], is_over: Callable[[Writer], bool]) -> None:
    """Let all write at once until it is over for each."""

    def write(writer: Writer) -> None:
        while not is_over(writer):
            writer.write_one()

    threads = [in_a_thread(partial(write, one)) for one in writers]
    for thread in threads:
        thread.join()


def settled() -> None:
    """Wait until all that is committed may be told: until who runs now has ended."""
    hold, patience = hold_now(0), threading.Event()
    while not is_over(hold):
        patience.wait(PATIENCE_S)


def packs_built() -> list[str]:
    """Build what is due; the regions that were built."""
    return build_due(now=timezone.now()).built


def last_change() -> int:
    """The id of the last change that is committed."""
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def pullers_in(
    folder: Path, regions: Sequence[str], many: int, way: Callable[[], Way]
) -> list[Puller]:
    """So many pullers, of each region in turn."""
    return [
        Puller(folder / str(number), regions[number % len(regions)], way())
        for number in range(many)
    ]
