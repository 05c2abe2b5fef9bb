"""The three organizations of the authorization tests, whose sites all hide a canary."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from services.availability import Observation, report_availability
from services.editing import place_site
from services.index import live_index
from services.models import AvailabilityReport, Service, Site
from services.packs.round import build_due
from services.vocabulary import Availability, Kind, Reporter
from tests.api.authorization_world import World, a_world
from tests.builders import a_place, a_service, a_site
from tests.proofs.hidden.canaries import Canary, canary

# Whoever has no right to a site's address: by role, whose sites those are.
EVERYWHERE = ("own", "foreign", "hidden")
OUTSIDERS = {
    "anonymous": EVERYWHERE,
    "outreach": EVERYWHERE,
    "other_staff": EVERYWHERE,
    "other_admin": EVERYWHERE,
    "staff": ("foreign",),
    "admin": ("foreign",),
}


@dataclass
class Hidden:
    """The world, and by target the words of its hidden site."""

    world: World
    canaries: dict[str, Canary]

    def not_for(self, role: str) -> list[Canary]:
        """What somebody in this role must not read."""
        return [self.canaries[target] for target in OUTSIDERS[role]]


def a_hidden_world(visibility: str, *, packs: bool = True) -> Hidden:
    """Every site hides its own words, has been public before, and is in packs and the index."""
    hidden = Hidden(a_world(), {})
    a_place("19103", 39.9526, -75.1652)
    for account in hidden.world.accounts.values():
        account.is_staff = account.memberships.exists()
        account.save()
    for number, (target, site) in enumerate(hidden.world.sites.items(), start=1):
        hidden.canaries[target] = canary(number)
        hide(site, hidden.canaries[target], visibility)
        _report(a_service(site, Kind.NALOXONE))
    a_service(a_site())  # something that may be found
    live_index.catch_up()
    if packs:
        build_due(now=timezone.now(), budget_s=60)
    return hidden


def hide(site: Site, words: Canary, visibility: str) -> None:
    """Hide a site that was public at the very same place: its history holds the words as well."""
    words.put(site, "public")
    site.save()
    words.put(site, visibility)
    place_site(site)
    site.save()


def _report(service: Service) -> None:
    if service.site.retired_at is None:
        seen = Observation(
            id=service.pk,
            state=Availability.AVAILABLE,
            observed_at=timezone.now() - dt.timedelta(minutes=5),
        )
        report_availability(
            service_id=service.pk,
            observation=seen,
            reporter=Reporter.CLINIC_STAFF,
            channel=AvailabilityReport.Channel.COMMAND,
        )
