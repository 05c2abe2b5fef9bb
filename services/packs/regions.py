"""The regions of packs: states and provinces, those with few services united with neighbours."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from services.changes.reading import Area
from services.models import Pack, Service
from services.packs.neighbours import REGIONS, neighbours_in
from services.regions import REGION_NAMES

ENOUGH = 200  # services of a region that has a pack of its own
UNITED_FOR = dt.timedelta(days=1)  # at least: a phone's region should seldom vanish

Group = tuple[str, ...]  # regions of one country, in order; empty: the country names none


@dataclass(frozen=True, slots=True, order=True)
class PackRegion:
    """What one pack holds: regions of one country, and what serves that whole country."""

    country: str
    regions: Group

    @property
    def id(self) -> str:
        """Its name in paths, such as US-ND.US-SD."""
        return ".".join(f"{self.country}-{region}" for region in self.regions) or self.country

    @property
    def name(self) -> str:
        """Its name for people."""
        names = (REGION_NAMES.get(region, region) for region in self.regions)
        return ", ".join(names) or self.country

    @property
    def areas(self) -> list[Area]:
        """What it holds; the last is the whole country."""
        return [(self.country, region) for region in (*self.regions, "")]


def pack_regions(now: dt.datetime) -> tuple[list[PackRegion], dt.datetime]:
    """The regions of now, and when they were united. They stay for a day, and while they are right.

    Args:
        now: aware.
    """
    before = list(Pack.objects.values_list("areas", "united_at").distinct())
    known = sorted({_region_of(areas) for areas, _at in before})
    united_at = min((at for _areas, at in before), default=now)
    counts = listed_by_area()
    if now - united_at >= UNITED_FOR:
        return (known, now) if is_right(known, counts) else (all_united(counts), now)
    if not _covers(known, REGIONS):  # a round that united anew did not come to its end
        return all_united(counts), united_at
    countries = {region.country for region in known}
    of_others = {area: count for area, count in counts.items() if area[0] not in countries}
    return sorted([*known, *all_united(of_others)]), united_at


def _covers(regions: Collection[PackRegion], tables: Mapping[str, Sequence[str]]) -> bool:
    """Whether each state of the countries of these regions is in one of them, and in one only."""
    held = Counter(area for region in regions for area in region.areas if area[1])
    wanted = {(one.country, code) for one in regions for code in tables.get(one.country, ())}
    return wanted <= set(held) and all(count == 1 for count in held.values())


def listed_by_area() -> dict[Area, int]:
    """How many services are listed in each area."""
    rows = Service.objects.listed().values_list("site__country", "site__region")
    counted = rows.annotate(count=Count("pk")).order_by()
    return {(country, region): count for country, region, count in counted}


def all_united(counts: Mapping[Area, int]) -> list[PackRegion]:
    """The regions of every country that has a listed service."""
    return [
        PackRegion(country, group)
        for country in sorted({country for country, _ in counts})
        for group in united(_of(country, counts), neighbours_in(country))
    ]


def united(counts: Mapping[str, int], beside: Mapping[str, set[str]]) -> list[Group]:
    """Regions of one country, those with few services united; the same for the same counts.

    The group with the fewest services joins the one beside it that has the fewest, until each has
    enough or only one is left. A group that nothing lies beside joins the smallest.

    Args:
        counts: listed services by region.
        beside: neighbours by region.
    """
    groups: dict[Group, int] = {(region,): count for region, count in counts.items()}
    while len(groups) > 1:
        smallest = min(groups, key=lambda group: (groups[group], group))
        if groups[smallest] >= ENOUGH:
            break
        count = groups.pop(smallest)
        near = set[str]().union(*(beside.get(region, set()) for region in smallest))
        among = [group for group in groups if near.intersection(group)] or list(groups)
        other = min(among, key=lambda group: (groups[group], group))
        count += groups.pop(other)
        groups[tuple(sorted(smallest + other))] = count
    return sorted(groups) or [()]


def is_right(regions: Collection[PackRegion], counts: Mapping[Area, int]) -> bool:
    """Whether regions that were united before can stay: each area in one, none too small or large.

    Counts that move a little would unite others each day, and phones would lose their region.
    """
    wanted = {(country, region) for country, _ in counts for region in _of(country, counts)}
    held = [area for region in regions for area in region.areas if area[1]]
    if wanted != set(held) or {one.country for one in regions} != {area[0] for area in counts}:
        return False
    alone = Counter(region.country for region in regions)
    for region in regions:
        each = [counts.get(area, 0) for area in region.areas if area[1]]
        if sum(each) < ENOUGH and alone[region.country] > 1:
            return False
        if len(each) > 1 and min(each) >= ENOUGH:
            return False
    return True


def _of(country: str, counts: Mapping[Area, int]) -> dict[str, int]:
    """By region of a country, how many services: 0 where there is none yet."""
    found: dict[str, int] = dict.fromkeys(REGIONS.get(country, ()), 0)
    return found | {region: n for (of, region), n in counts.items() if of == country and region}


def _region_of(areas: Iterable[tuple[str, str]]) -> PackRegion:
    pairs = [(country, region) for country, region in areas]
    return PackRegion(pairs[0][0], tuple(region for _country, region in pairs if region))
