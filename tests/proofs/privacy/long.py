"""The long form of the census: its order, and what it promises."""

import contextlib
from collections.abc import Iterator, Sequence

from django.core.management import call_command

from services.models import Service
from services.vocabulary import Role
from tests.builders import a_token, an_account
from tests.proofs.privacy import rounds
from tests.proofs.privacy.asking import Door
from tests.proofs.privacy.breaking import faults, outages
from tests.proofs.privacy.canaries import Canary, canaries
from tests.proofs.privacy.census import SHOWN, Found, census, missed, told, unknown
from tests.proofs.privacy.database import (
    ActivityRecorder,
    slow,
    told_by,
    watch_statements,
    written_out,
)
from tests.proofs.privacy.home import RECORDED, CensusHome
from tests.proofs.privacy.needles import Hit, Needles
from tests.proofs.privacy.redis_memory import RedisMemory
from tests.proofs.privacy.searches import EVERY_WAY, Listed
from tests.proofs.privacy.seeding import leaks_into
from tests.proofs.privacy.sinks import (
    Piece,
    descendants,
    files_below,
    files_elsewhere,
    may_dump_core,
    processes,
)
from tests.proofs.sync.world import a_world as make
from tests.proofs.table import Table

CRASHED = 500  # from this status on, an answer says that something broke
FOUND = {"searches": 250, "slow queries": 8, "outages": 30}  # answers of 200, at least
SEED = 20261126
SPARE = 60  # in each round, for those whose rounded coordinates are in PostGIS's own tables
# How many searchers each round has, and how many leaks there may be.
COUNTS = {
    "searches": 1000,
    "in a URL": 40,
    "malformed": 128,
    "raising": 108,
    "outages": 60,
    "slow queries": len(EVERY_WAY),
    "leaks": 60,
}


def prove(home: CensusHome, began: float) -> bool:
    """Seed, search, break, and read everything; whether every promise held."""
    watch_statements(home.cluster)
    listed = a_world()
    home.start_all()
    table = Table()
    with RedisMemory(home.redis.socket, home.redis.folder, home.folder / RECORDED) as memory:
        run = Census(home, memory, began)
        run.shows_that_it_can_find(table)
        run.send(listed)
        run.judge(table)
    return table.show("A search leaves no trace")


def a_world() -> Listed:
    """Places, services in four regions, and an outreach worker."""
    call_command("migrate", verbosity=0)
    call_command("load_places", no_progress=True)
    world = make(100)
    service = Service.objects.select_related("site").get(pk=world.services[0])
    return Listed(
        service=str(service.pk),
        site=str(service.site.pk),
        organization=str(service.site.organization_id),
        token=a_token(an_account(Role.OUTREACH)),
    )


class Census:
    """One run of it."""

    def __init__(self, home: CensusHome, memory: RedisMemory, began: float) -> None:
        self.home, self.memory, self.began = home, memory, began
        self.groups = {
            name: canaries(2000 * (10 + n), count + SPARE, SEED)
            for n, (name, count) in enumerate(COUNTS.items())
        }
        self.record = rounds.Record()
        self.straight = Door("straight", home.port)
        self.through = Door("through the proxy", home.proxy.https_port, tls=True)
        self.plain = Door("the proxy without TLS", home.proxy.http_port)

    def pieces(self) -> Iterator[Piece]:
        """All that is kept anywhere."""
        written_out(self.home.cluster)
        self.memory.write_out()
        yield from self.memory.told()
        yield from told_by(self.home.cluster)
        yield from files_below(self.home.places())
        yield from processes(self.pids())
        yield from files_elsewhere(self.home.outside, self.began)
        yield from self.record.pieces

    def pids(self) -> list[int]:
        """First processes of all programs and servers."""
        servers = [self.home.cluster.pid, self.memory.pid]
        return [one.pid for one in self.home.started.values()] + servers

    def read(self, searchers: Sequence[Canary]) -> Found:
        """Look for some searchers everywhere."""
        needles = Needles(searchers, self.record.paths)
        print(f"Looking for {len(needles):,} forms of their values …", flush=True)
        return census(self.pieces(), needles)

    def shows_that_it_can_find(self, table: Table) -> None:
        """Leak on purpose into every sink; and see that nothing else is there by chance."""
        leaks, seeds = leaks_into(self), self.groups["leaks"]
        with contextlib.ExitStack() as open_:
            for leak, one in zip(leaks, seeds, strict=False):
                if isinstance(kept := leak.make(one), contextlib.AbstractContextManager):
                    open_.enter_context(kept)
            found = self.read([one for group in self.groups.values() for one in group])
        unseen = missed(found, leaks, seeds)
        seen = f"{len(leaks) - len(unseen)} of {len(leaks)}, in {len(found.read)} sinks"
        table.promise("leaks made on purpose that were found", seen, held=not unseen)
        for line in unseen:
            table.promise("missed", line, held=False)
        self.record.pieces.clear()
        self.leave_out(found.of(self.searchers), table)

    def leave_out(self, hits: Sequence[tuple[str, str, Hit]], table: Table) -> None:
        """Let nobody search of whose values one stands somewhere already, by chance."""
        for name, count in COUNTS.items():
            self.groups[name] = unknown(self.groups[name], count, hits)
        known = {hit.searcher for _, _, hit in hits}
        table.figure("searchers left out: a value stood somewhere before", len(known))

    @property
    def searchers(self) -> list[Canary]:
        """All but those of the leaks."""
        return [one for name, group in self.groups.items() if name != "leaks" for one in group]

    def send(self, listed: Listed) -> None:
        """All rounds."""
        both, groups = [self.straight, self.through], self.groups
        print(f"{len(self.searchers):,} searchers …", flush=True)
        with ActivityRecorder(self.home.cluster, self.home.folder / RECORDED / "activity-1"):
            rounds.search(groups["searches"], both, listed, self.record)
            rounds.over_plain_http(groups["in a URL"], self.plain, listed, self.record)
            rounds.send_malformed(groups["malformed"], [*both, self.plain], self.record)
            with slow(self.home.cluster):
                rounds.search_slowly(groups["slow queries"], both, listed, self.record)
            outages(self, iter(groups["outages"]), both, listed)
            faults(self, groups["raising"], both)

    def judge(self, table: Table) -> None:
        """Read everything, and count."""
        found = self.read(self.searchers)
        for sink in sorted(found.read):
            hits = told(one for one in found.of(self.searchers) if one[0] == sink)
            seen = f"{found.read[sink] / 1e6:.1f} MB, {len(hits)} traces"
            table.promise(sink, seen, held=not hits)
            for line in hits[:SHOWN]:
                table.promise("  a trace", line, held=False)
        for round_ in ("readiness", "malformed", "raising"):
            table.figure(f"answers: {round_}", self.record.by_status(round_))
        usual = self.record.by_status("searches")
        broken = {status for status in usual if not 0 < status < CRASHED}
        table.promise("answers to searches that broke", broken or 0, held=not broken)
        for round_, least in FOUND.items():
            statuses = self.record.by_status(round_)
            table.promise(f"answers: {round_}", statuses, held=statuses.get(200, 0) >= least)
        told_so = self.record.by_status("in a URL")
        table.promise("answers: in a URL", told_so, held=set(told_so) == {400})
        cores = [
            pid for pid in descendants([self.home.started["web"].pid])[1:] if may_dump_core(pid)
        ]
        table.promise("web processes that may dump core", len(cores), held=not cores)
