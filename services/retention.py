"""How long each table is kept, and why. A table without a line here fails ``manage.py check``.

What is forgotten is forgotten by ``services.purging``. docs/retention.md is written from this.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from services.changes.cursor import LIFE as CURSORS_LIVE
from services.models import AvailabilityReport, HeldChange, ImportRun

DAY = dt.timedelta(days=1)
YEAR = 365 * DAY
HISTORY = 3 * YEAR  # as long as a funder or a court may ask who changed a listing
CHANGES = CURSORS_LIVE + DAY  # a change is as old as its transaction's start


@dataclass(frozen=True, slots=True)
class Life:
    """How long the rows of a table are kept.

    Attributes:
        table: the model's label.
        why: one sentence.
        since: the column from which on time counts; empty for what is kept for ever.
        kept: so long after that moment.
        where: which rows are forgotten at all, given the moment before which time is over.
        until_then: those others, in words.
    """

    table: str
    why: str
    since: str = ""
    kept: dt.timedelta = dt.timedelta(0)
    where: Callable[[dt.datetime], Q] = lambda _limit: Q()
    until_then: str = ""

    @property
    def in_words(self) -> str:
        """As docs/retention.md tells it."""
        if not self.since:
            return "for ever"
        days = f"{self.kept.days} days after" if self.kept else "until"
        return " ".join(filter(None, (days, f"`{self.since}`", self.until_then)))


NEWER = AvailabilityReport.objects.filter(
    service=OuterRef("service"), withdrawn_at=None, observed_at__gt=OuterRef("observed_at")
)


def _outlived(table: str) -> Callable[[dt.datetime], Q]:
    """Versions that a newer one, old enough itself, has replaced: on the last one others build."""

    def outlived(limit: dt.datetime) -> Q:
        model: Any = apps.get_model(table)
        newer = model.objects.filter(
            pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id")
        )
        return Q(Exists(newer.filter(pgh_created_at__lt=limit))) | Q(pgh_label="delete")

    return outlived


def _versions(name: str, why: str) -> Life:
    table = f"services.{name}Event"
    still = "but for the version that stood then"
    return Life(table, why, "pgh_created_at", HISTORY, _outlived(table), still)


LISTING = "It is the listing: what was retired can come back."
ACCOUNT = "It is the account, until somebody deletes that."
VERSION = "It tells who changed what, and lets it be put back."
RULES = "It follows from the code; it holds nothing of anybody."
EMPTY = "Nothing is written to it: sign-ins are counted in Redis, by name."

FOR_EVER = {
    LISTING: (
        "services.Organization", "services.Site", "services.Phone", "services.Service",
        "services.Hours", "services.HoursException",
    ),
    ACCOUNT: (
        "services.User", "services.User_groups", "services.User_user_permissions",
        "services.Membership", "otp_totp.TOTPDevice",
    ),
    RULES: (
        "auth.Permission", "auth.Group", "auth.Group_permissions", "contenttypes.ContentType",
    ),
    "It is what a public feed said last; each reading replaces it.": (
        "services.Source", "services.SourceRecord", "services.ServiceSourcing",
    ),
    "It is a town or a postal code, with nobody in it.": ("services.Place",),
    "It is public, and replaced: one row for a region and language.": ("services.Pack",),
    "It is where a site's staff are reminded, until they change it.": ("services.ReportingPlan",),
}  # fmt: skip

LIVES = (
    *(Life(table, why) for why, tables in FOR_EVER.items() for table in tables),
    Life(
        "services.Change",
        "Phones ask for what changed since; a cursor older than 90 days is answered with 410.",
        "changed_at",
        CHANGES,
    ),
    Life(
        "services.AvailabilityReport",
        "It is the witness of a state, and names who reported; ranking reads 280 days at most.",
        "received_at",
        HISTORY,
        lambda _limit: Q(Exists(NEWER)) | Q(withdrawn_at__isnull=False),
        "but for a service's latest",
    ),
    Life(
        "services.VisitOutcome",
        "It weighs nothing after 40 half-lives, of which the longest is 7 days.",
        "received_at",
        YEAR,
    ),
    Life(
        "services.HeldChange",
        "It tells who asked for a dangerous change and who agreed.",
        "decided_at",
        YEAR,
        lambda _limit: ~Q(state=HeldChange.State.WAITING),
        "; what waits is decided within a day",
    ),
    Life("services.Closing", "Undoing it is over when it is.", "until", YEAR),
    Life("services.Claim", "It says who calls a clinic in these minutes.", "until"),
    Life(
        "services.ImportRun",
        "It tells what a feed's file came to.",
        "started_at",
        YEAR,
        lambda _limit: ~Q(status=ImportRun.Status.HELD),
        "; what is held waits for a person",
    ),
    Life(
        "services.ReportLink",
        "It let its bearer report; who looks into it later has a month.",
        "expires_at",
        30 * DAY,
    ),
    Life(
        "services.Reminder", "It keeps a second reminder from going out.", "expires_at", 30 * DAY
    ),
    Life(
        "services.Message",
        "It names a recipient; its text is gone as soon as it is sent.",
        "done_at",
        7 * DAY,
        until_then="(sent, or given up)",
    ),
    Life(
        "services.Invitation",
        "It holds an address, and tells who let whom in.",
        "expires_at",
        90 * DAY,
    ),
    Life("services.DeviceToken", "It is dead by then.", "expiry"),
    Life("sessions.Session", "It is dead by then.", "expire_date"),
    Life("admin.LogEntry", "It tells what was done in the admin.", "action_time", YEAR),
    *(
        _versions(name, VERSION)
        for name in ("Organization", "Site", "Phone", "Service", "Hours", "HoursException")
    ),
    _versions("Membership", "It tells who belonged to a clinic."),
    Life("pghistory.Context", "It names who made the versions above.", "created_at", HISTORY + DAY),
    Life("axes.AccessAttempt", EMPTY, "attempt_time"),
    Life("axes.AccessLog", EMPTY, "attempt_time"),
    Life("axes.AccessFailureLog", EMPTY, "attempt_time"),
    Life("axes.AccessAttemptExpiration", EMPTY, "expires_at"),
)  # fmt: skip
LIFE_OF = {life.table: life for life in LIVES}
# Columns that are none: what they are worked out from.
COMPUTED = {"done_at": Coalesce("sent_at", "given_up_at")}

# Tables without a model of ours.
OTHER_TABLES = {
    "django_migrations": RULES,
    "spatial_ref_sys": RULES,
}

# Folders, below LOCATOR_HOME unless said otherwise, and how long a file in them is kept.
FILES = {
    "files/imports": ("a day after the run that it belongs to was decided", "Feeds are public."),
    "previews": ("an hour", "A file of listings, between its preview and its application."),
    "mail": ("7 days", "Messages of a system without a mail server; they may hold links."),
    "index": ("until the next snapshot replaces it", "Listings; nothing of a search."),
}


def table_in_words() -> str:
    """The two tables of docs/retention.md."""
    rows = [f"| `{life.table}` | {life.in_words} | {life.why} |" for life in LIVES]
    rows += [f"| `{name}` | for ever | {why} |" for name, why in OTHER_TABLES.items()]
    files = [f"| `{name}/` | {kept} | {why} |" for name, (kept, why) in FILES.items()]
    heads = ("| Table | Kept | Why |\n|---|---|---|\n", "| Folder | Kept | Why |\n|---|---|---|\n")
    return "\n\n".join(
        head + "\n".join(body) for head, body in zip(heads, (rows, files), strict=True)
    )
