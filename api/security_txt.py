"""GET /.well-known/security.txt: whom to tell of a hole (RFC 9116)."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from api.light import LightView

# Computed anew each time, so it is never over; RFC 9116 asks for less than a year.
GOOD_FOR = dt.timedelta(days=180)


class SecurityTxt(LightView):
    """Whom to tell, and until when that is right at least."""

    @extend_schema(exclude=True)
    def get(self, request: HttpRequest) -> HttpResponse:
        """The file as plain text; its lines end as the RFC wants them to."""
        until = (timezone.now() + GOOD_FOR).replace(minute=0, second=0, microsecond=0)
        lines = [f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS]
        lines += [
            f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
            f"Preferred-Languages: {', '.join(code for code, _ in settings.LANGUAGES)}",
            f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        ]
        if settings.SECURITY_POLICY_URL:
            lines.append(f"Policy: {settings.SECURITY_POLICY_URL}")
        text = "".join(f"{line}\r\n" for line in lines)
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
