"""Services that do not exist, clustered as real towns are; the same for the same seed.

They come in blocks, so that two million need no more memory than ten thousand.
"""

import datetime as dt
import itertools
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.vocabulary import KIND_FACTS, Availability, Kind, Reporter, Visibility
from tests.bench import words
from tests.bench.towns import Town, towns

SITES_A_BLOCK = 10_000
OFFERS = (1, 2, 3, 4, 5)  # kinds at a site: three on average
WITH_HOURS, WITH_WORD = 0.5, 0.3
APPROXIMATE, PHONE_ONLY = 0.02, 0.002
LOCAL_DEGREES = 0.012  # how far the point shown lies from the true one

Row = list[Any]

COLUMNS = {
    "organization": "id name region country website created_at",
    "site": (
        "id organization_id name delivery location displaced_location location_accuracy address "
        "address_extra city region postal_code country time_zone website visibility "
        "created_at updated_at"
    ),
    "phone": "site_id number extension label position",
    "service": (
        "id site_id kind name description access languages asam_levels methadone_policy "
        "buprenorphine_policy state note as_of expires_at reported_by remaining disputed "
        "evidence_for evidence_against evidence_at closed_by created_at updated_at"
    ),
    "hours": "service_id type rule verbatim",
}


@dataclass(slots=True)
class Block:
    """Rows by table, in the order of COLUMNS."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def add(self, table: str, row: Row) -> None:
        """One more row of a table."""
        self.rows[table].append(row)


def blocks(services: int, now: dt.datetime, seed: int = 1) -> Iterator[Block]:
    """Blocks of listings that hold so many services in all; reports are as old as of ``now``."""
    left = services
    cumulated = list(itertools.accumulate(town.population for town in towns()))
    for number in itertools.count():
        if not left:
            return
        maker = _Maker(random.Random(f"{seed} {number}"), now, left)
        block = maker.block(maker.dice.choices(towns(), cum_weights=cumulated, k=SITES_A_BLOCK))
        if number == 0:
            _add_remote_sites(maker)
        left = maker.left
        yield block


def _add_remote_sites(maker: "_Maker") -> None:
    """One that works by phone and mail for each region, however many services there are."""
    by_region = {town.region: town for town in towns()}
    for region in sorted(by_region)[: maker.left]:
        maker.add_site(by_region[region], maker.organization(by_region[region]), remote=True)


class _Maker:
    """Makes one block with dice of its own."""

    def __init__(self, dice: random.Random, now: dt.datetime, left: int) -> None:
        self.dice = dice
        self.now = now
        self.left = left
        self.made = Block()

    def block(self, chosen: list[Town]) -> Block:
        """Sites at these towns with their services, until there are enough."""
        organization = uuid.UUID(int=0)
        for place, town in enumerate(chosen):
            if self.left <= 0:
                break
            if place % 4 == 0:
                organization = self.organization(town)
            self.add_site(town, organization)
        return self.made

    def new_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)

    def organization(self, town: Town) -> uuid.UUID:
        id_ = self.new_id()
        name = f"{words.a_house(self.dice)} of {town.name}"
        self.made.add("organization", [id_, name, town.region, "US", "", self.now])
        return id_

    def add_site(self, town: Town, organization: uuid.UUID, *, remote: bool = False) -> None:
        dice, id_ = self.dice, self.new_id()
        visibility, point, shown = self._whereabouts(town, remote=remote)
        host = f"{id_.hex[:8]}.example.org"
        self.made.add(
            "site",
            [
                *(id_, organization, f"{words.a_house(dice)} {town.name}"),
                *("remote" if remote else "door", point, shown, "street"),
                *(words.an_address(dice), f"Suite {dice.randint(1, 40)}" if remote else ""),
                *(town.name, town.region, f"{dice.randint(1000, 99999):05}", "US", town.time_zone),
                *(f"https://{host}/locations", visibility, self.now, self.now),
            ],
        )
        number = f"+1{dice.randint(201, 989)}555{dice.randint(0, 9999):04}"
        self.made.add("phone", [id_, number, "", "main", 0])
        wanted = min(dice.choice(OFFERS), self.left)
        kinds, weights = list(words.KIND_WEIGHTS), list(words.KIND_WEIGHTS.values())
        for kind in list(dict.fromkeys(dice.choices(kinds, weights, k=2 * wanted)))[:wanted]:
            self.add_service(id_, kind)

    def _whereabouts(self, town: Town, *, remote: bool) -> tuple[str, str | None, str | None]:
        """How much of its place is public, its point, and the one to show instead."""
        if remote:
            return Visibility.PUBLIC.value, None, None
        lat = town.lat + self.dice.gauss(0, town.spread)
        lon = town.lon + self.dice.gauss(0, town.spread)
        drawn, point = self.dice.random(), f"SRID=4326;POINT({lon:.6f} {lat:.6f})"
        if drawn < PHONE_ONLY:
            return Visibility.PHONE_ONLY.value, point, None
        if drawn < APPROXIMATE:
            moved = f"SRID=4326;POINT({lon:.6f} {lat + LOCAL_DEGREES:.6f})"
            return Visibility.APPROXIMATE.value, point, moved
        return Visibility.PUBLIC.value, point, None

    def add_service(self, site: uuid.UUID, kind: Kind) -> None:
        dice, id_ = self.dice, self.new_id()
        self.left -= 1
        head = [id_, site, kind.value, "", "", json.dumps(self._access())]
        head += [dice.choice(words.LANGUAGES), "{}", "unknown", "unknown"]
        word = self._word(kind) if dice.random() < WITH_WORD else NOTHING_SAID
        self.made.add("service", [*head, *word, "", self.now, self.now])
        if dice.random() < WITH_HOURS:
            self.made.add("hours", [id_, "open", words.a_rule(dice), ""])

    def _access(self) -> dict[str, bool]:
        facts = {}
        for fact, (yes, no) in words.ACCESS_CHANCES.items():
            drawn = self.dice.random()
            if drawn < yes + no:
                facts[fact] = drawn < yes
        likely = words.PETS_WITH_ASL if facts.get("asl") else words.PETS_OTHERWISE
        if self.dice.random() < likely:
            facts["pets"] = True
        return facts

    def _word(self, kind: Kind) -> Row:
        """The latest word: minutes to two weeks old, with the evidence of some reports."""
        dice = self.dice
        seen = self.now - dt.timedelta(minutes=10 ** dice.uniform(0.5, 4.3))
        state = dice.choice(STATES)
        remaining = dice.randint(1, 20) if state == "available" and dice.random() < 0.5 else None
        reporter = dice.choice([Reporter.CLINIC_STAFF, Reporter.OUTREACH, Reporter.FEED]).value
        evidence = [round(dice.uniform(0, 8), 3), round(dice.uniform(0, 8), 3), seen]
        expires = seen + KIND_FACTS[kind].expires
        return [state, "", seen, expires, reporter, remaining, dice.random() < 0.02, *evidence]


STATES = [state.value for state in Availability if state != Availability.UNKNOWN]
NOTHING_SAID: Row = ["unknown", "", None, None, "", None, False, 0, 0, None]
