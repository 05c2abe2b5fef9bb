"""Saving a listing's screen: what its form and its inlines changed, in the form of a PATCH body.

A screen changes what its user changed and nothing else: rows that others added while it stood open
stay.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from services.admin.reporting_plan import save_plan
from services.admin.scope import account_of
from services.closed import close_newcomers
from services.content import Listing, exception_content, service_content, site_content
from services.listing_edits import Edited, edit_listing
from services.models import HeldChange, Hours, HoursException, Phone, ReportingPlan, Service, Site
from services.parts import HoursText, set_hours
from services.vocabulary import HoursType

MEMBERS = {  # columns that are members of one field
    "asam_levels": ("asam", "levels"),
    "asam_edition": ("asam", "edition"),
    "methadone_policy": ("moud_policy", "methadone"),
    "buprenorphine_policy": ("moud_policy", "buprenorphine"),
}


def changes_of(form: ModelForm[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a form changed: fields that people edit anywhere, and what moderators alone set here."""
    listing = form.instance
    is_site = isinstance(listing, Site)
    content = site_content(listing, []) if is_site else service_content(listing, [], [])
    changes: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name in form.changed_data:
        field, member = MEMBERS.get(name, (name, ""))
        if member:
            changes.setdefault(field, {})[member] = content[field][member]
        elif field == "access":
            changes[field] = _answers(form.initial.get(field) or {}, content[field])
        elif field in content:
            changes[field] = content[field]
        else:
            others[name] = getattr(listing, name)
    return changes, others


def _answers(before: dict[str, bool], after: dict[str, bool]) -> dict[str, bool | None]:
    facts = {*before, *after}
    return {fact: after.get(fact) for fact in facts if before.get(fact) != after.get(fact)}


def edit(request: HttpRequest, listing: Listing, changes: dict[str, Any]) -> Edited:
    """Edit a listing as whoever is signed in, and say what waits for a second person."""
    edited = edit_listing(
        model=type(listing), pk=listing.pk, changes=changes, account=account_of(request)
    )
    say_what_waits(request, edited.held)
    return edited


def say_what_waits(request: HttpRequest, held: Iterable[HeldChange]) -> None:
    """Tell who edits that something is not told yet."""
    for change in held:
        what = ", ".join(field.replace("_", " ") for field in change.changes)
        text = f"Waits for a second person, or until {change.due_at:%Y-%m-%d %H:%M} UTC: {what}."
        messages.warning(request, f"{text} The old value is told meanwhile.")


def save_parts(request: HttpRequest, formset: BaseModelFormSet[Any, Any]) -> None:
    """Save what an inline's rows became."""
    formset.save(commit=False)
    if formset.deleted_objects or formset.changed_objects or formset.new_objects:
        SAVED_BY[formset.model](request, formset)


def _rows(formset: Any) -> list[Any]:
    """The rows of the listing as they are going to be, in the order in which they stood."""
    rows = {
        row.pk: row for row in formset.model.objects.filter(**{formset.fk.name: formset.instance})
    }
    for row in formset.deleted_objects:
        rows.pop(row.pk, None)
    for row, _changed in formset.changed_objects:
        rows[row.pk] = row
    return [*rows.values(), *formset.new_objects]


def _save_phones(request: HttpRequest, formset: Any) -> None:
    phones = [
        {"number": str(row.number), "extension": row.extension or None, "label": row.label}
        for row in sorted(_rows(formset), key=lambda row: row.position)
    ]
    edit(request, formset.instance, {"phones": phones})


def _save_exceptions(request: HttpRequest, formset: Any) -> None:
    rows = [exception_content(row) for row in _rows(formset)]
    edit(request, formset.instance, {"hours_exceptions": rows})


def _save_hours(request: HttpRequest, formset: Any) -> None:
    rows = {row.type: row for row in _rows(formset)}
    rules = {
        type_: rows[type_].rule or None if type_ in rows else None for type_ in HoursType.values
    }
    words_moved = formset.deleted_objects or any(
        row.verbatim and "type" in changed for row, changed in formset.changed_objects
    )
    edited = edit(request, formset.instance, {"hours": rules})
    if words_moved and not edited.held:
        texts = {type_: HoursText(row.rule, row.verbatim) for type_, row in rows.items()}
        set_hours(service_id=formset.instance.pk, hours=texts)


def _save_services(request: HttpRequest, formset: Any) -> None:
    for row, changed in formset.changed_objects:
        edit(request, row, {name: getattr(row, name) for name in changed})
    for row in formset.new_objects:
        row.save(force_insert=True)
    close_newcomers({row.site_id for row in formset.new_objects})


SAVED_BY: dict[Any, Any] = {
    Phone: _save_phones,
    Hours: _save_hours,
    HoursException: _save_exceptions,
    Service: _save_services,
    ReportingPlan: save_plan,
}
