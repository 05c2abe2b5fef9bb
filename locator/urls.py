"""Paths of the project."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from api.docs import Docs
from api.health import Alive, Ready
from api.join_page import JoinPage
from api.problem_pages import ProblemPage
from api.report_page import ReportPage
from api.security_txt import SecurityTxt
from services.admin.second_factor import SecondFactor

urlpatterns = [
    path("api/v1/", include("api.v1.urls")),
    path("api/docs/", Docs.as_view(), name="docs"),
    path("healthz", Alive.as_view(), name="healthz"),
    path("readyz", Ready.as_view(), name="readyz"),
    path("problems/<slug:name>", ProblemPage.as_view(), name="problem"),
    path(".well-known/security.txt", SecurityTxt.as_view(), name="security-txt"),
    path("admin/second-factor/", SecondFactor.as_view(), name="second-factor"),
    # Whatever follows: who comes by a link that was cut short is told what to do, too.
    re_path(r"^r/(?P<token>(?s:.*?))/?$", ReportPage.as_view(), name="report-page"),
    re_path(r"^join/(?P<token>(?s:.*?))/?$", JoinPage.as_view(), name="join"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="docs")),
]

handler400 = "api.problems.bad_request"
handler500 = "api.problem_pages.crash_page"
