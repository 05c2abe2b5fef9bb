"""What hostile requests are about: a clinic's site and service, another's, links, a pack.

Most requests are refused before any of it is looked for, so it is made when a request needs it.
"""

import dataclasses
import datetime as dt
import gzip
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from services.invitations import Invited, invite, link_of
from services.models import Organization, Site
from services.reporting_links import make_link
from services.vocabulary import Kind, Role
from tests.api.hostile.case import FOREIGN, SERVICE, SITE, Case
from tests.builders import a_pack, a_service, a_site, a_token, an_account, an_organization
from tests.services.changes.reading import a_cursor

REGION = "US-PA"


@dataclass
class HostileWorld:
    """A clinic with its site."""

    clinic: Organization
    site: Site

    def token(self, role: str) -> str:
        """Of staff of the clinic, or of an outreach worker."""
        if role == "staff":
            a_service(id=FOREIGN)
            return a_token(an_account(Role.CLINIC_STAFF, self.clinic))
        return a_token(an_account(Role.OUTREACH))

    def filled(self, case: Case) -> dict[str, Any]:
        """The request, with links and cursors where its path or query has a place for them."""
        environ = case.environ
        if "/packs/" in case.path or "/changes/" in case.path:
            a_pack(REGION, body=gzip.compress(b"{}" * 999), cursor=self.cursor())
        for place, text in self._texts().items():
            for name in ("PATH_INFO", "QUERY_STRING"):
                if place in environ[name]:
                    environ[name] = environ[name].replace(place, text())
        return environ

    def cursor(self, **fields: Any) -> str:
        """Of the region's pack, as it was built now."""
        return dataclasses.replace(a_cursor(REGION), **fields).as_text()

    def _texts(self) -> dict[str, Any]:
        now, day = timezone.now(), dt.timedelta(days=1)
        return {
            "{link}": lambda: make_link(site=self.site, now=now),
            "{invitation}": self._invitation,
            "{cursor}": self.cursor,
            "{cursor[:-1]}": lambda: self.cursor()[:-1],
            "{of another history}": lambda: self.cursor(history=b"\0" * 6),
            "{of long ago}": lambda: self.cursor(read_at=now - 400 * day),
            "{of tomorrow}": lambda: self.cursor(read_at=now + 3 * day),
        }

    def _invitation(self) -> str:
        wanted = Invited(uuid.uuid4(), "a@clinic.example", Role.CLINIC_STAFF, self.clinic)
        link = link_of(invite(invited=wanted, by=an_account(Role.MODERATOR))[0])
        return link.rstrip("/").rpartition("/")[2]


def a_hostile_world() -> HostileWorld:
    """A clinic with a site and a service."""
    clinic = an_organization()
    site = a_site(organization=clinic, id=SITE)
    a_service(site, Kind.DETOX, id=SERVICE)
    return HostileWorld(clinic, site)
