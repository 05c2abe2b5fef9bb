"""The admin: plain Django admin, one file per model. Registered by being imported."""

from django.contrib import admin

from services.admin import (
    change,
    held_change,
    import_run,
    invitation,
    membership,
    message,
    organization,
    pack,
    place,
    report,
    service,
    site,
    source,
    source_record,
    user,
)
from services.admin.door import let_forms_in
from services.admin.index import welcome_by_role
from services.admin.sign_in import ask_for_second_factor
from services.admin.staleness import add_staleness

ask_for_second_factor(admin.site)
let_forms_in(admin.site)
welcome_by_role(admin.site)
add_staleness(admin.site)
admin.site.site_header = "Harm-reduction services"
admin.site.site_title = "Harm-reduction services"
admin.site.index_title = "Listings, reports and imports"
admin.site.site_url = None

__all__ = [
    "change",
    "held_change",
    "import_run",
    "invitation",
    "membership",
    "message",
    "organization",
    "pack",
    "place",
    "report",
    "service",
    "site",
    "source",
    "source_record",
    "user",
]
