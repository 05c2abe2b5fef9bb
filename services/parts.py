"""The parts of a listing: a site's phones, a service's hours and exceptions.

Each function sets the whole of them under the lock of the listing. Rows that stay as they are are
not touched, so neither the history nor the change log tells of what nobody changed.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from services.content import exception_content, phones_of
from services.models import Hours, HoursException, Phone, Service, Site


@dataclass(frozen=True, slots=True)
class HoursText:
    """Hours of one type: a valid rule, what a feed said verbatim, or both."""

    rule: str = ""
    verbatim: str = ""


@transaction.atomic
def set_phones(*, site_id: uuid.UUID, phones: Sequence[Mapping[str, Any]]) -> bool:
    """Let a site list these numbers, in this order. False if it did already.

    Args:
        site_id: the site.
        phones: number, extension, label of each, of services.validity.phones_as_kept.
    """
    Site.objects.select_for_update().get(pk=site_id)
    if phones_of(site_id) == list(phones):
        return False
    rows = {(str(row.number), row.extension): row for row in Phone.objects.filter(site=site_id)}
    wanted = {(phone["number"], phone["extension"] or ""): phone["label"] for phone in phones}
    Phone.objects.filter(pk__in=[row.pk for key, row in rows.items() if key not in wanted]).delete()
    last = -1
    for key, label in wanted.items():
        last = _set_phone(rows.get(key) or Phone(site_id=site_id), key, label, after=last)
    return True


def _set_phone(row: Phone, key: tuple[str, str], label: str, *, after: int) -> int:
    """Write what differs; returns the position. A row found by its number keeps it."""
    is_new = row.pk is None
    position = after + 1 if is_new or row.position <= after else row.position
    changed = [
        name
        for name, value in (("label", label), ("position", position))
        if getattr(row, name) != value
    ]
    row.label, row.position = label, position
    if is_new:
        row.number, row.extension = key
        row.save(force_insert=True)
    elif changed:
        row.save(update_fields=changed)
    return position


@transaction.atomic
def set_hours(*, service_id: uuid.UUID, hours: Mapping[str, HoursText]) -> bool:
    """Let a service have hours of these types, and no others. False if it had them already.

    Args:
        service_id: the service.
        hours: by type; one that says nothing counts as none.
    """
    Service.objects.select_for_update(of=("self",)).get(pk=service_id)
    wanted = {type_: text for type_, text in hours.items() if text.rule or text.verbatim}
    rows = {row.type: row for row in Hours.objects.filter(service=service_id)}
    gone = [row.pk for type_, row in rows.items() if type_ not in wanted]
    if gone:
        Hours.objects.filter(pk__in=gone).delete()
    done = [_set_hours(rows.get(type_), service_id, type_, text) for type_, text in wanted.items()]
    return bool(gone) or any(done)


def _set_hours(row: Hours | None, service_id: uuid.UUID, type_: str, text: HoursText) -> bool:
    if row is None:
        Hours.objects.create(
            service_id=service_id, type=type_, rule=text.rule, verbatim=text.verbatim
        )
        return True
    changed = [name for name in ("rule", "verbatim") if getattr(row, name) != getattr(text, name)]
    row.rule, row.verbatim = text.rule, text.verbatim
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def set_rules(*, service_id: uuid.UUID, rules: Mapping[str, str | None]) -> bool:
    """Set the rules of some types of hours. What a feed said in words stays beside them."""
    hours = {
        row.type: HoursText(row.rule, row.verbatim)
        for row in Hours.objects.filter(service=service_id)
    }
    for type_, rule in rules.items():
        hours[type_] = HoursText(rule or "", hours.get(type_, HoursText()).verbatim)
    return set_hours(service_id=service_id, hours=hours)


@transaction.atomic
def set_exceptions(*, service_id: uuid.UUID, exceptions: Sequence[Mapping[str, Any]]) -> bool:
    """Let a service's hours differ on these days, and no others. False if they did already.

    Args:
        service_id: the service.
        exceptions: of services.validity.exceptions_as_kept.
    """
    Service.objects.select_for_update(of=("self",)).get(pk=service_id)
    missing = [dict(exception) for exception in exceptions]
    gone = []
    for row in HoursException.objects.filter(service=service_id):
        told = exception_content(row)
        if told in missing:
            missing.remove(told)
        else:
            gone.append(row.pk)
    if gone:
        HoursException.objects.filter(pk__in=gone).delete()
    for exception in missing:
        HoursException.objects.create(
            service_id=service_id, **{**exception, "times": exception["times"] or ""}
        )
    return bool(gone or missing)
