"""GET /problems/{name}: what a problem's ``type`` means."""

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.light import LightView
from api.refusals import ALL

BY_NAME = {refusal.name: refusal for refusal in ALL}


class ProblemPage(LightView):
    """One kind of problem."""

    @extend_schema(exclude=True)
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Its meaning, as plain text."""
        refusal = BY_NAME.get(name)
        if refusal is None:
            raise Http404
        text = f"{refusal.title} ({refusal.status})\n{refusal.detail}".strip() + "\n"
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
