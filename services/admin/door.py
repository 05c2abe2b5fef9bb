"""The admin's own referrer policy: without it no browser could sign in.

Under ``no-referrer``, the policy of every other page, browsers send ``Origin: null`` with a form,
which Django takes for a forgery. ``same-origin`` tells our own pages and still no other host.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from services.permissions import clinic_or_moderator

View = Callable[..., HttpResponseBase]


def tells_only_us(view: View) -> View:
    """The same view, whose answers let browsers name the page to our own host alone."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return answered


def named(site: AdminSite) -> dict[str, Any]:
    """What pages at the door call the site. They show nothing else of it."""
    return {"site_header": site.site_header, "site_title": site.site_title}


def let_forms_in(site: AdminSite) -> None:
    """Give every page of an admin site this policy, the login included; say who may enter."""
    checked, known = site.admin_view, site.has_permission

    def admin_view(view: View, *args: Any, **kwargs: Any) -> View:
        return tells_only_us(checked(view, *args, **kwargs))

    def has_permission(request: HttpRequest) -> bool:
        # Outreach workers report over the API; their accounts have no business here.
        welcome: bool = clinic_or_moderator(request.user, None)
        return known(request) and welcome

    site.has_permission = has_permission  # type: ignore[method-assign]
    site.login = tells_only_us(site.login)  # type: ignore[method-assign,assignment]
    site.admin_view = admin_view  # type: ignore[method-assign,assignment]
