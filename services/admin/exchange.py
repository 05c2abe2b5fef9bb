"""Export and import of listings on their lists, for whoever may edit them."""

import dataclasses
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin

from services.admin.counting import FILES, refused
from services.admin.scope import account_of
from services.admin.shown import ADMIN_CSS
from services.dangers import MANY, MOVED, PHONES, UNLISTED, VISIBILITY
from services.exchange.applying import apply
from services.exchange.limits import MB, OVER_THE_WEB
from services.exchange.lines import Line, Outcome, Plan
from services.exchange.planning import plan
from services.exchange.previews import PreviewOverError, keep, take
from services.exchange.problems import FileRefusedError
from services.exchange.reading import read_table
from services.exchange.sheets import Sheet
from services.exchange.writing import CONTENT_TYPES, SHEETS, Form, export

SHOWN = 200  # rows of each outcome that a page lists; the others are counted
WAITS = {
    MOVED: "moved far",
    PHONES: "another number",
    UNLISTED: "leaves the lists",
    VISIBILITY: "shows more",
    MANY: "many at once",
}
OVER = "This preview is over: it was applied, or an hour has passed. Send the file again."
TOLD = {
    Outcome.REFUSED: ("refused", "Refused: nothing of these rows is taken"),
    Outcome.HELD: ("waiting", "With cells that wait for a second person, or a day"),
    Outcome.CHANGED: ("changed", "Changed"),
    Outcome.NEW: ("new", "New"),
}


class ExportForm(forms.Form):
    """Which kind of file."""

    form = forms.ChoiceField(
        label="Kind of file",
        choices=[(Form.XLSX.value, "XLSX, for spreadsheets"), (Form.CSV.value, "CSV, in UTF-8")],
        initial=Form.XLSX.value,
        widget=forms.RadioSelect,
    )
    chosen: Any = forms.ModelMultipleChoiceField(
        queryset=None, required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, rows: QuerySet[Any], data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["chosen"].queryset = rows  # type: ignore[attr-defined]


class ImportForm(forms.Form):
    """A file."""

    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}))

    def clean_file(self) -> Any:
        """Not larger than is read."""
        file = self.cleaned_data["file"]
        if file.size > OVER_THE_WEB.size:
            raise forms.ValidationError(f"Larger than {OVER_THE_WEB.size // MB} MB: split it.")
        return file


class ExchangeMixin(ImportExportMixin):  # type: ignore[misc]
    """Buttons on a list: export what it shows or what was chosen; import, with a preview first.

    The library brings addresses, buttons and what a filtered list comes to; the pages are our own,
    as its own need scripts inside the page. Reading and writing are services.exchange.
    """

    sheet: ClassVar[Sheet]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever sees the list."""
        return bool(self.has_view_permission(request))

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever may edit."""
        return bool(self.has_change_permission(request))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """With the export of the rows chosen."""
        actions: dict[str, Any] = super().get_actions(request)
        if self.has_export_permission(request):
            told = f"Export the {self.opts.verbose_name_plural} chosen"
            actions["export_chosen"] = (type(self).export_chosen, "export_chosen", told)
        return actions

    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Ask which kind of file."""
        if request.POST.get("select_across") == "1":
            return self._ask_form(request, ExportForm(self._rows(queryset)), queryset)
        form = ExportForm(self._rows(queryset), initial={"chosen": [row.pk for row in queryset]})
        return self._ask_form(request, form, queryset)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """The file of the rows chosen, or of all that the list shows."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        shown = self._rows(self.get_export_queryset(request))
        form = ExportForm(shown, request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._ask_form(request, form, shown)
        chosen = form.cleaned_data["chosen"]
        rows = chosen if chosen.exists() else shown
        return self._file(rows, Form(form.cleaned_data["form"]))

    def _rows(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The same rows, each once, without what a list needs beside them."""
        rows: QuerySet[Any] = self.sheet.model.objects.all()
        return rows.filter(pk__in=queryset.order_by().values("pk"))

    def _file(self, rows: QuerySet[Any], form: Form) -> StreamingHttpResponse:
        now = timezone.now()
        pieces = export(self.sheet, rows, form, now=now)
        name = f"{self.sheet.name}-{now:%Y-%m-%d}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(pieces, content_type=CONTENT_TYPES[form], headers=headers)

    def _ask_form(
        self, request: HttpRequest, form: ExportForm, rows: QuerySet[Any]
    ) -> TemplateResponse:
        address = reverse(f"admin:services_{self.opts.model_name}_export")
        asked = f"{address}?{request.GET.urlencode()}" if request.GET else address
        told = {"form": form, "count": rows.count(), "address": asked}
        return self._page(request, "services/exchange_export.html", "Export", **told)

    def import_action(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The form for a file; then what it would change."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
        if sent and form.is_valid():
            if refusal := refused(request, FILES):
                form.add_error("file", refusal.why)
                return refusal.mark(self._ask_file(request, form))
            try:
                return self._preview(request, form.cleaned_data["file"].read())
            except FileRefusedError as error:
                form.add_error("file", str(error))
        return self._ask_file(request, form)

    def _ask_file(self, request: HttpRequest, form: ImportForm) -> TemplateResponse:
        told = {"form": form, "columns": self.sheet.columns, "megabytes": OVER_THE_WEB.size // MB}
        return self._page(request, "services/exchange_import.html", "Import", **told)

    def _preview(self, request: HttpRequest, content: bytes) -> TemplateResponse:
        account = account_of(request)
        found = plan(self.sheet, read_table(content), account=account, now=timezone.now())
        token = ""
        if found.writes:
            token = keep(content, sheet=self.sheet.name, account=account).token()
        return self._tell(request, "What this file would change", found, token=token)

    def process_import(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Does what was previewed, and tells what came of it."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        return require_POST(self._apply)(request)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        try:
            token = request.POST.get("token", "")
            table = read_table(take(token, sheet=self.sheet.name, account=account))
        except PreviewOverError:
            form = ImportForm({})
            form.errors["file"] = form.error_class([OVER])
            return self._ask_file(request, form)
        done = apply(self.sheet, table, account=account, now=timezone.now())
        return self._tell(request, "What this file changed", done, done=True)

    def _tell(self, request: HttpRequest, title: str, plan: Plan, **told: Any) -> TemplateResponse:
        groups = [
            {
                "name": name,
                "title": heading,
                "lines": [_with_words(line) for line in lines[:SHOWN]],
                "more": len(lines) - SHOWN,
            }
            for outcome, (name, heading) in TOLD.items()
            if (lines := [line for line in plan.lines if line.outcome is outcome])
        ]
        notes = [line for line in plan.lines if line.notes][:SHOWN]
        unchanged = plan.count(Outcome.UNCHANGED)
        told |= {"plan": plan, "groups": groups, "noted": notes, "unchanged": unchanged}
        return self._page(request, "services/exchange_plan.html", title, **told)

    def _page(
        self, request: HttpRequest, template: str, title: str, **told: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "media": forms.Media(css={"all": (ADMIN_CSS, "admin/css/forms.css")}),
            "sheet": self.sheet,
            **told,
        }
        return TemplateResponse(request, template, context)


def _with_words(line: Line) -> Line:
    """The line, saying in words why its cells wait."""
    told = [one._replace(waits=WAITS.get(one.waits, one.waits)) for one in line.differences]
    return dataclasses.replace(line, differences=told)


SITES, SERVICES = SHEETS["sites"], SHEETS["services"]
