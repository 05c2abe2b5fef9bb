"""From a survey to what changes at each site, and whether a file may take that much away."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.imports.feeds import FEEDS, Feed
from services.imports.matching import Candidate, candidate, match
from services.imports.problems import ImportHeldError
from services.imports.report import Report
from services.imports.survey import Fresh, Known, Survey, is_another_facility, known_records
from services.imports.wanted import Told, Wanted, wanted_from
from services.models import Site

HELD_SHARE = 0.20  # of a feed's services; a file that drops more waits for a person


@dataclass(slots=True)
class SitePlan:
    """One site by its records before and after an import.

    Attributes:
        is_new: no such site stands in the database yet.
        before: what its live records said, or the vanished ones' last word if none was live.
        was_live: whether a live record spoke for it.
        after: what its live records say now, or None if none is left.
        kinds_before: kinds that live records proved.
    """

    site: uuid.UUID
    is_new: bool
    before: Wanted | None
    was_live: bool
    after: Wanted | None

    @property
    def kinds_before(self) -> frozenset[str]:
        """Kinds of help that live records proved before."""
        return frozenset(self.before.services) if self.before and self.was_live else frozenset()

    @property
    def kinds_after(self) -> frozenset[str]:
        """Kinds of help that live records prove now."""
        return frozenset(self.after.services) if self.after else frozenset()


@dataclass(slots=True)
class Plan:
    """Everything an import will write."""

    sites: list[SitePlan] = field(default_factory=list)
    site_of: dict[str, uuid.UUID] = field(default_factory=dict)  # of each fresh row's key
    others: list[Known] = field(
        default_factory=list
    )  # records of these sites that stay as they are


def plan(feed: Feed, found: Survey, report: Report) -> Plan:
    """Give each fresh row a site and work out what that changes."""
    site_of, new_sites = _sites_of(feed, found.fresh, report)
    touched = {record.site for record in found.vanished} | set(site_of.values())
    touched |= {one.known.site for one in found.fresh if one.known}
    records = known_records(site__in=touched - new_sites) if touched - new_sites else []
    moving = {one.known.pk for one in found.fresh if one.known}
    moving |= {record.pk for record in found.vanished}
    others = [record for record in records if record.pk not in moving]

    before, last_word, after = _told(records), _told(records, vanished=True), _told(others)
    for one in found.fresh:
        after[site_of[one.key]].append(Told(feed.rank, f"{feed.slug} {one.key}", one.reading))
    sites = [
        SitePlan(
            site=site,
            is_new=site in new_sites,
            before=wanted_from(before[site] or last_word[site]),
            was_live=bool(before[site]),
            after=wanted_from(after[site]),
        )
        for site in sorted(touched, key=str)
    ]
    return Plan(sites, site_of, others)


def _told(records: Iterable[Known], *, vanished: bool = False) -> dict[uuid.UUID, list[Told]]:
    told: dict[uuid.UUID, list[Told]] = defaultdict(list)
    for record in records:
        if record.vanished == vanished:
            rank = FEEDS[record.source].rank if record.source in FEEDS else len(FEEDS)
            told[record.site].append(Told(rank, f"{record.source} {record.key}", record.reading))
    return told


def _sites_of(
    feed: Feed, fresh: Sequence[Fresh], report: Report
) -> tuple[dict[str, uuid.UUID], set[uuid.UUID]]:
    """The site of each fresh row's key, and which of these sites are new."""
    site_of = {
        one.key: one.known.site
        for one in fresh
        if one.known and not is_another_facility(one.known.reading, one.reading)
    }
    looking = [one for one in fresh if one.key not in site_of]
    if not looking:
        return site_of, set()
    regions = {one.reading.address.region for one in looking}
    neighbours = known_records(reading__address__region__in=sorted(regions))
    known = [candidate((one.source, one.key), one.reading, one.site) for one in neighbours]
    new = [candidate((feed.slug, one.key), one.reading) for one in looking]
    unknown = {one.key for one in looking if one.known is None}
    matches = match(new, known)
    new_sites = set()
    for site, members in matches.groups:
        chosen = site if isinstance(site, uuid.UUID) else uuid.uuid4()
        if site is None:
            new_sites.add(chosen)
        _count(members, unknown, report, is_new=site is None)
        site_of |= {one.order[1]: chosen for one in members}
    _tell_doubles(matches.doubles, report)
    return site_of, new_sites


def _count(
    members: Sequence[Candidate], unknown: set[str], report: Report, *, is_new: bool
) -> None:
    joined = sum(one.order[1] in unknown for one in members)
    report.counts["created"] += int(is_new and joined > 0)
    report.counts["merged"] += joined - int(is_new and joined > 0)


def _tell_doubles(doubles: set[tuple[object, object]], report: Report) -> None:
    for one, other in sorted(doubles, key=str):
        report.warn(0, "", f"sites {one} and {other} may be one; they are left as two")


def check_loss(feed: Feed, found: Survey, planned: Plan, report: Report) -> None:
    """Hold a file that drops more than a fifth of what its feed lists.

    Raises:
        ImportHeldError: with the counts, and how to go on.
    """
    before = {
        (record.site, kind)
        for record in known_records(source=feed.slug, vanished_at=None)
        for kind in record.reading.offers
    }
    still = {(record.site, kind) for record in found.unchanged for kind in record.reading.offers}
    still |= {
        (planned.site_of[one.key], kind) for one in found.fresh for kind in one.reading.offers
    }
    still |= {
        (record.site, kind)
        for record in planned.others
        if record.source == feed.slug and not record.vanished
        for kind in record.reading.offers
    }
    touched = {one.site for one in planned.sites}
    lost = {(site, kind) for site, kind in before - still if site in touched}
    if len(lost) > HELD_SHARE * len(before):
        report.counts["retired"] = _retired(planned)
        raise ImportHeldError(
            f"The file drops {len(lost):,} of the {len(before):,} services this feed lists"
            f" ({len(lost) / len(before):.0%}); {report.counts['retired']:,} would be retired."
            " Nothing was changed."
        )


def _retired(planned: Plan) -> int:
    return sum(len(one.kinds_before - one.kinds_after) for one in planned.sites)


def sites_locked(planned: Plan) -> dict[uuid.UUID, Site]:
    """The sites a plan changes, locked until it is done."""
    ids = [one.site for one in planned.sites if not one.is_new]
    locked = Site.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {site.pk: site for site in locked}
