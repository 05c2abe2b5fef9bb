"""What the proof begins with: services, places, and accounts."""

from services.models import Place
from services.vocabulary import Role
from tests.builders import a_place, a_token, an_account
from tests.proofs.sync.world import a_world

SITES_A_REGION = 100


def a_world_with_places() -> None:
    """Services in several regions, and places to ask for."""
    a_world(SITES_A_REGION)
    if not Place.objects.exists():
        a_place("19125", 39.97, -75.12)
        a_place("Philadelphia", 39.95, -75.16, population=1_500_000)


def tokens(password: str) -> tuple[str, dict[str, str]]:
    """The token of somebody who reports, and what somebody signs in with."""
    account = an_account(Role.OUTREACH)
    account.set_password(password)
    account.save(update_fields=["password"])
    signing_in = {"username": account.username, "password": password, "name": "a phone"}
    return a_token(account), signing_in
