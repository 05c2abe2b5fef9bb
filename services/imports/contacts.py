"""Phones and hours of a plan's sites: what feeds added is added, what they withdrew is removed."""

import uuid
from collections.abc import Sequence

from services.hours import is_valid
from services.imports.bulk import copy_rows
from services.imports.phones import Number
from services.imports.planning import SitePlan
from services.imports.readings import Offer
from services.models import Hours, Phone, Service
from services.vocabulary import HoursType

BATCH = 1000
MAX_RULE = 1000  # characters, the column's length


def write_phones(plans: Sequence[SitePlan]) -> None:
    """Add and remove numbers; numbers that people added or relabelled stay."""
    new: list[tuple[object, ...]] = []
    gone: list[int] = []
    existing: dict[uuid.UUID, dict[tuple[str, str], Phone]] = {}
    ids = [one.site for one in plans if not one.is_new]
    for phone in Phone.objects.filter(site__in=ids) if ids else ():
        existing.setdefault(phone.site_id, {})[str(phone.number), phone.extension] = phone
    for one in plans:
        if one.after is None:
            continue
        before = {phone[:2] for phone in one.before.phones} if one.before else set()
        after = {phone[:2]: phone for phone in one.after.phones}
        listed = existing.get(one.site, {})
        gone += [phone.pk for key, phone in listed.items() if key in before and key not in after]
        fresh = [number for key, number in after.items() if key not in before | set(listed)]
        new += _rows(one.site, fresh, start=len(listed))
    Phone.objects.filter(pk__in=gone).delete()
    copy_rows(Phone, ("site_id", "number", "extension", "label", "position"), new)


def _rows(site: uuid.UUID, numbers: Sequence[Number], *, start: int) -> list[tuple[object, ...]]:
    return [(site, *number, at) for at, number in enumerate(numbers, start=start)]


def rule_of(text: str) -> str:
    """A feed's text on hours if it is valid OSM syntax; else nothing, for a guess is no fact."""
    return text if len(text) <= MAX_RULE and is_valid(text) else ""


def write_hours(plans: Sequence[SitePlan], services: dict[tuple[uuid.UUID, str], Service]) -> None:
    """Set the opening hours a feed changed; a rule that people wrote stays otherwise."""
    changed = [
        (services[one.site, kind], before, after)
        for one in plans
        for kind in sorted(one.kinds_after)
        if (one.site, kind) in services
        and (before := _offer(one, kind, before=True).hours)
        != (after := _offer(one, kind, before=False).hours)
    ]
    ids = [service.pk for service, _, _ in changed]
    listed = {
        hours.service_id: hours
        for hours in Hours.objects.filter(service__in=ids, type=HoursType.OPEN)
    }
    new = []
    for service, before, after in changed:
        hours = listed.get(service.pk)
        if hours is None and after:
            new.append(Hours(service=service, verbatim=after, rule=rule_of(after)))
        elif hours is not None:
            _alter(hours, before, after)
    Hours.objects.bulk_create(new, batch_size=BATCH)


def _offer(one: SitePlan, kind: str, *, before: bool) -> Offer:
    wanted = one.before if before else one.after
    return wanted.services.get(kind, Offer()) if wanted else Offer()


def _alter(hours: Hours, before: str, after: str) -> None:
    if hours.rule == rule_of(before) or rule_of(after):
        hours.rule = rule_of(after)
    hours.verbatim = after
    if hours.rule or hours.verbatim:
        hours.save(update_fields=["rule", "verbatim"])
    else:
        hours.delete()
