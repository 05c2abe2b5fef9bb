"""Writers whose transactions are short and long, hold or not, and change all that a phone is told.

Each writer has a dice of its own, so its choices are the same in every run; how the transactions
interleave is not.
"""

import contextlib
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from services.availability import Observation, report_availability
from services.models import AvailabilityReport, Organization, Service, Site
from services.vocabulary import Availability, Kind, Reporter, Visibility
from tests.proofs.sync.world import REGIONS, World

SPARE_KINDS = [
    Kind.SYRINGE_SERVICES,
    Kind.TESTING,
]  # none of the world's: to be put in and taken out
STATES = [Availability.AVAILABLE, Availability.WAITLIST, Availability.LIMITED]
LONGEST_PAUSE = 0.2  # seconds that a slow writer keeps its transaction open


@dataclass
class Writer:
    """One writer.

    Attributes:
        most: services changed by one statement, at most.
        counts: transactions by what they did.
        failed: transactions that the database ended, such as for a deadlock.
    """

    number: int
    world: World
    most: int
    counts: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    writes: int = 0

    def __post_init__(self) -> None:
        """Its dice."""
        self.dice = random.Random(self.number)
        self.actions: list[Callable[[], object]] = [
            *[self.edit] * 6,
            *[self.report] * 3,
            *(self.roll_back, self.keep_part, self.edit_slowly, self.move, self.hide),
            *(self.retire, self.put_in_or_take_out, self.rename_organization),
        ]

    def write_one(self) -> None:
        """One transaction."""
        action = self.dice.choice(self.actions)
        try:
            action()
        except DatabaseError:  # two writers wait for each other: one of them is told to stop
            self.failed += 1
        name = action.__name__
        self.counts[name] = self.counts.get(name, 0) + 1

    def edit(self) -> None:
        """Some statements about services, in one transaction."""
        with transaction.atomic():
            for _ in range(self.dice.randint(1, 3)):
                self._write()

    def edit_slowly(self) -> None:
        """A transaction that is open for a while."""
        with transaction.atomic():
            self._write()
            time.sleep(self.dice.uniform(0, LONGEST_PAUSE))
            self._write()

    def roll_back(self) -> None:
        """Written, and taken back."""
        with transaction.atomic():
            self._write()
            transaction.set_rollback(True)

    def keep_part(self) -> None:
        """A savepoint that is taken back among others that are kept."""
        with transaction.atomic():
            self._write()
            with transaction.atomic():
                self._write()
                transaction.set_rollback(True)
            with transaction.atomic():
                self._write()

    def report(self) -> None:
        """A report, by the way that all reports go."""
        seen = Observation(
            id=uuid.UUID(int=self.dice.getrandbits(128)), state=self.dice.choice(STATES)
        )
        with contextlib.suppress(Service.DoesNotExist):  # it is hidden just now
            report_availability(
                service_id=self.dice.choice(self.world.services),
                observation=seen,
                reporter=Reporter.OUTREACH,
                channel=AvailabilityReport.Channel.API,
            )

    def move(self) -> None:
        """A site goes to another region, and one of its services is changed."""
        site = self.dice.choice(self.world.sites)
        with transaction.atomic():
            Site.objects.filter(pk=site).update(region=self.dice.choice(list(REGIONS)))
            if self.dice.random() < 0.5:
                Service.objects.filter(site=site, kind=Kind.DETOX).update(name=self._name())

    def hide(self) -> None:
        """A site's place is hidden, or shown again."""
        shown = self.dice.choice(list(Visibility.values))
        Site.objects.filter(pk=self.dice.choice(self.world.sites)).update(visibility=shown)

    def retire(self) -> None:
        """A service or a site is retired, or comes back."""
        at = self.dice.choice([None, None, timezone.now()])
        if self.dice.random() < 0.5:
            Service.objects.filter(pk=self.dice.choice(self.world.services)).update(retired_at=at)
        else:
            Site.objects.filter(pk=self.dice.choice(self.world.sites)).update(retired_at=at)

    def put_in_or_take_out(self) -> None:
        """A service is new, or deleted for good."""
        site, kind = self.dice.choice(self.world.sites), self.dice.choice(SPARE_KINDS)
        with transaction.atomic():
            deleted, _ = Service.objects.filter(site=site, kind=kind).delete()
            if not deleted:
                Service.objects.create(site_id=site, kind=kind, name=self._name())

    def rename_organization(self) -> None:
        """An organization's name stands beside each of its services."""
        found = Organization.objects.filter(pk=self.dice.choice(self.world.organizations))
        found.update(name=self._name())

    def import_all(self, *, is_over: Callable[[], bool]) -> None:
        """One long transaction, as an import is one: it holds up every reader behind it.

        What it writes nobody else does, or all would wait for it.
        """
        with transaction.atomic():
            while not is_over():
                self._write()
                self.move()

    def _write(self) -> None:
        """Change some services that follow each other, so that writers seldom meet."""
        start = self.dice.randrange(len(self.world.services))
        some = self.world.services[start : start + self.dice.randint(1, self.most)]
        Service.objects.filter(pk__in=some).update(name=self._name())

    def _name(self) -> str:
        self.writes += 1
        return f"Written {self.writes} by {self.number}"


class Work(threading.Thread):
    """Work in a thread that has a database connection of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work, self._failure = work, list[BaseException]()

    def run(self) -> None:
        """Do it."""
        try:
            self._work()
        except BaseException as failure:
            self._failure.append(failure)
        finally:
            connection.close()

    def join(self, timeout: float | None = None) -> None:
        """Wait for it; raises what it raised."""
        super().join(timeout)
        if self._failure:
            raise self._failure[0]


def in_a_thread(work: Callable[[], object]) -> Work:
    """Start work."""
    thread = Work(work)
    thread.start()
    return thread
