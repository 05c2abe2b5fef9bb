"""Imports: what each did, which rows it refused, and letting a held one go on."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from services.admin.readonly import ReadOnly
from services.admin.shown import ADMIN_CSS, badge
from services.imports.report import MEANING
from services.models import ImportRun
from services.outbox import QueueAwayError, send_task

ROWS = 100  # refused rows a page
REASONS = 20  # distinct reasons counted
TONES = {
    ImportRun.Status.RUNNING: "plain",
    ImportRun.Status.APPLIED: "good",
    ImportRun.Status.HELD: "fair",
    ImportRun.Status.FAILED: "bad",
}


def refusals_document(run: ImportRun, page: str) -> dict[str, Any]:
    """A page of the refused rows, rows in error first, and how often each reason stands."""
    rows = sorted(run.refusals, key=lambda row: bool(row.get("not_ours")))
    reasons = Counter((row["reason"], bool(row.get("not_ours"))) for row in rows)
    paginator = Paginator(rows, ROWS)
    shown = paginator.get_page(page)
    return {
        "refusals": shown,
        "refusal_pages": list(paginator.get_elided_page_range(shown.number)),
        "reasons": [(reason, ours, n) for (reason, ours), n in reasons.most_common(REASONS)],
        "more_reasons": max(0, len(reasons) - REASONS),
    }


def counts_document(run: ImportRun) -> list[tuple[str, int, str]]:
    """Each count by its name, with what it means."""
    return [
        (name.replace("_", " "), count, MEANING.get(name, "")) for name, count in run.counts.items()
    ]


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, admin.ModelAdmin[ImportRun]):
    """Readings of files. A held one goes on when somebody accepts what it would retire."""

    class Media:
        css = {"all": (ADMIN_CSS,)}  # noqa: RUF012 - how Django spells it

    list_display = ("file_name", "feed", "source", "status_shown", "summary", "started_at")
    list_filter = ("status", "feed", ("source", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("source",)
    search_fields = ("file_name", "feed", "message")
    date_hierarchy = "started_at"
    list_per_page = 50
    show_full_result_count = False
    actions = ("apply_held",)
    fields = (
        "file_name", "feed", "source", "status_shown", "message", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = ("status_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        """Without the refused rows, which only one run's page needs."""
        return super().get_queryset(request).defer("refusals")

    def has_apply_permission(self, request: HttpRequest) -> bool:
        """Who may let a held import go on."""
        return request.user.has_perm("services.change_importrun")

    @admin.display(description="Status", ordering="status")
    def status_shown(self, run: ImportRun) -> str:
        """The status, coloured."""
        status = ImportRun.Status(run.status)
        return badge(status.label, TONES[status])

    @admin.display(description="Rows")
    def summary(self, run: ImportRun) -> str:
        """How many rows were read, and what became of them."""
        told = ("read", "created", "changed", "retired", "refused")
        return ", ".join(f"{run.counts[name]:,} {name}" for name in told if run.counts.get(name))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Adds the counts, the refused rows, and the button of a held run."""
        run = kwargs.get("obj")
        if run is not None:
            context |= refusals_document(run, request.GET.get("page", "1"))
            context["counts"] = counts_document(run)
            held = run.status == ImportRun.Status.HELD
            context["may_apply"] = held and self.has_apply_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description="Apply this held import", permissions=["apply"])
    def apply_held(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> Any:
        """Ask once more, then queue the held runs among those chosen."""
        held = list(queryset.filter(status=ImportRun.Status.HELD))
        if not held:
            messages.warning(request, "None of these is held: there is nothing to apply.")
            return None
        if "confirmed" not in request.POST:
            return self._ask(request, held)
        try:
            for run in held:
                send_task("services.tasks.apply_held_import", str(run.pk))
        except QueueAwayError:
            messages.error(request, "The queue does not answer: try again in a minute.")
        else:
            told = f"{len(held)} queued: see the newest imports for what comes of it."
            messages.success(request, told)
        return None

    def _ask(self, request: HttpRequest, held: list[ImportRun]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Apply a held import?",
            "opts": self.opts,
            "held": held,
            "media": self.media,
        }
        return TemplateResponse(request, "services/apply_held.html", context)
