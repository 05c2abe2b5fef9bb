"""Held changes: what waits for a second person, and what became of it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from services.admin.readonly import ReadOnly
from services.admin.scope import ScopedAdmin
from services.admin.shown import ADMIN_CSS, NOTHING, badge, link_to
from services.dangers import MANY, MOVED, PHONES, UNLISTED, VISIBILITY
from services.holding import (
    ASKER_GONE,
    OUTDATED,
    REPLACED,
    AlreadyDecidedError,
    SecondPersonNeededError,
    approve,
    reject,
)
from services.models import HeldChange, User

TONES = {
    HeldChange.State.WAITING: "fair",
    HeldChange.State.APPLIED: "good",
    HeldChange.State.REJECTED: "plain",
}
DECISIONS = {"approve": approve, "reject": reject}


WHY = {
    MOVED: "the point moves by more than 500 m, appears or vanishes",
    PHONES: "numbers are added, altered or removed",
    UNLISTED: "it is retired",
    VISIBILITY: "more of its place is shown",
    MANY: "more than a fifth of the organization was edited within an hour",
    REPLACED: "rejected, as a later change took its place",
    OUTDATED: "rejected, as the listing changed meanwhile",
    ASKER_GONE: "rejected, as who asked may not edit it any more",
}


def compared(held: HeldChange) -> list[tuple[str, str, str]]:
    """Each field as it stood and as it is asked for."""
    return [
        (field.replace("_", " "), shown(field, held.before.get(field)), shown(field, value))
        for field, value in held.changes.items()
    ]


def shown(field: str, value: Any) -> str:
    """A value of a PATCH body as people read it."""
    if value in (None, "", [], {}):
        return "nothing"
    if field in SHOWN_AS:
        return SHOWN_AS[field](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {shown('', it)}" for name, it in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _phone(phone: dict[str, Any]) -> str:
    extension = f" ext. {phone['extension']}" if phone["extension"] else ""
    return f"{phone['number']}{extension} ({phone['label']})"


def _days(row: dict[str, Any]) -> str:
    days = " to ".join(dict.fromkeys([row["first_day"], row["last_day"]]))
    return f"{days}: {row['times'] or 'closed'}"


SHOWN_AS: dict[str, Callable[[Any], str]] = {
    "location": lambda point: f"{point['lat']}, {point['lon']}",
    "phones": lambda phones: "; ".join(map(_phone, phones)),
    "hours_exceptions": lambda rows: "; ".join(map(_days, rows)),
}


@admin.register(HeldChange)
class HeldChangeAdmin(ReadOnly, ScopedAdmin[HeldChange]):
    """Dangerous changes of one's own organization. Decided by a second person, here or by phone."""

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - how Django spells it

    shows = "visible_to"
    list_display = ("name", "organization", "fields_shown", "asked_at", "due_at", "state_shown")
    list_filter = ("state",)
    list_select_related = ("organization", "site", "service__site")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        "listing", "organization", "why", "asker", "asked_as", "asked_at", "due_at",
        "state_shown", "decider", "decided_at",
    )  # fmt: skip
    readonly_fields = ("listing", "why", "asker", "decider", "state_shown")

    def get_urls(self) -> list[URLPattern]:
        """Approving and rejecting have their own addresses."""
        decide = self.admin_site.admin_view(self.decide_view)
        decisions = [
            path(
                f"<uuid:pk>/{decision}/",
                decide,
                {"decision": decision},
                name=f"services_heldchange_{decision}",
            )
            for decision in DECISIONS
        ]
        return [*decisions, *super().get_urls()]

    @admin.display(description="Listing")
    def listing(self, held: HeldChange) -> str:
        """The site or service it is about."""
        return link_to(held.site or held.service)

    @admin.display(description="Listing")
    def name(self, held: HeldChange) -> str:
        """The same, without a link: in the list that leads to the change."""
        return str(held.site or held.service)

    @admin.display(description="Why it waits")
    def why(self, held: HeldChange) -> str:
        """The reasons in words."""
        return "; ".join(WHY.get(reason, reason) for reason in held.reasons)

    @admin.display(description="Asked by")
    def asker(self, held: HeldChange) -> str:
        """The account's name."""
        return str(held.asked_by or NOTHING)

    @admin.display(description="Decided by")
    def decider(self, held: HeldChange) -> str:
        """The account's name; none if its time decided."""
        return str(held.decided_by or NOTHING)

    @admin.display(description="Change")
    def fields_shown(self, held: HeldChange) -> str:
        """Before and after, in a line each."""
        return "; ".join(f"{field}: {before} → {after}" for field, before, after in compared(held))

    @admin.display(description="State", ordering="state")
    def state_shown(self, held: HeldChange) -> str:
        """The state, coloured."""
        state = HeldChange.State(held.state)
        return badge(state.label, TONES[state])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds before and after, and the buttons for whoever may press them."""
        held = kwargs.get("obj")
        if held is not None:
            context["compared"] = compared(held)
            context["waits"] = held.state == HeldChange.State.WAITING
            context["asked_myself"] = held.asked_by_id == request.user.pk
        return super().render_change_form(request, context, *args, **kwargs)

    def decide_view(self, request: HttpRequest, pk: uuid.UUID, decision: str) -> HttpResponse:
        """Takes a decision; only ever by POST."""
        if not self.get_queryset(request).filter(pk=pk).exists():
            raise Http404
        if request.method != "POST" or not isinstance(request.user, User):
            raise PermissionDenied
        try:
            held = DECISIONS[decision](held_id=pk, by=request.user)
        except SecondPersonNeededError:
            messages.error(
                request, "Somebody else approves this: not who asked, nor who just joined."
            )
        except AlreadyDecidedError:
            messages.warning(request, "This was decided before.")
        else:
            self._tell(request, held, decision)
        return HttpResponseRedirect(reverse("admin:services_heldchange_change", args=[pk]))

    def _tell(self, request: HttpRequest, held: HeldChange, decision: str) -> None:
        if held.state == HeldChange.State.APPLIED:
            messages.success(request, "Approved: anyone is told the new value from now on.")
        elif decision == "reject":
            messages.success(request, "Rejected: the old value stays.")
        else:
            messages.warning(request, "The listing changed meanwhile: this was rejected instead.")
