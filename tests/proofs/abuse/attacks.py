"""What whoever stole a clinic's account tries. Each attack goes as far as the product lets it."""

import datetime as dt
import math
import uuid
from collections.abc import Callable
from typing import Any

from services.invitations import Invited, accept_invitation, invite, link_of
from services.models import HeldChange, Membership
from services.vocabulary import Role
from tests.builders import PHILADELPHIA, a_token
from tests.proofs.abuse.clinic import Clinic
from tests.services.exchange.files import applied, csv_of, rows_of, xlsx_of

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
METRE = 1 / (111_319.5 * math.cos(math.radians(PHILADELPHIA[0])))  # degrees of longitude
NEW = {"number": "+12155550199", "extension": None, "label": "main"}
OLD = {"number": "+12155550100", "extension": None, "label": "main"}
Attack = Callable[[Clinic], object]


def east(clinic: Clinic, metres: float, number: int = 0) -> dict[str, float]:
    stood = clinic.before[str(clinic.sites[number].pk)]["location"]
    return {"lat": stood["lat"], "lon": stood["lon"] + metres * METRE}


def move_at_once(clinic: Clinic) -> None:
    """Every site, by 5 km."""
    for number, site in enumerate(clinic.sites):
        clinic.patch(site, location=east(clinic, 5_000, number))


def move_in_steps(clinic: Clinic) -> None:
    """One site by 400 m each hour, for a day."""
    for step in range(1, 25):
        clinic.patch(clinic.sites[0], location=east(clinic, 400 * step))
        clinic.clock.shift(HOUR)


def move_in_turns(clinic: Clinic) -> None:
    """By 400 m, with the account and with one that it has just invited, in turns."""
    second = _puppet(clinic)
    for step in range(1, 13):
        token = second if step % 2 else clinic.token
        clinic.patch(clinic.sites[0], token, location=east(clinic, 400 * step))
        clinic.clock.shift(HOUR)


def move_day_by_day(clinic: Clinic) -> None:
    """By 400 m every 25 hours."""
    for step in range(1, 6):
        clinic.patch(clinic.sites[0], location=east(clinic, 400 * step))
        clinic.clock.shift(25 * HOUR)


def move_without_a_point(clinic: Clinic) -> None:
    """To another region, clock, city or address, on paper alone."""
    for changes in (
        {"region": "AK"},
        {"time_zone": "Pacific/Auckland"},
        {"country": "CA", "region": "ON"},
        {"delivery": "remote"},
        {"city": "Pittsburgh"},
        {"address": "999 Other Avenue", "city": "Erie", "postal_code": "16501"},
    ):
        clinic.patch(clinic.sites[0], **changes)


def change_phones(clinic: Clinic) -> None:
    """Replace, add and then remove, extend, and hide a number in a label."""
    site = clinic.sites[0]
    for phones in (
        [NEW],
        [OLD, NEW],
        [NEW],
        [],
        [OLD | {"extension": "666"}],
        [OLD | {"label": "moved: 215-555-0199"}],
        [OLD | {"label": "call 2 1 5 5 5 5 0 1 9 9"}],
    ):
        clinic.patch(site, phones=phones)
        clinic.clock.shift(MINUTE)


def retire_all(clinic: Clinic) -> None:
    """Every service, then every site."""
    for service in clinic.services:
        clinic.patch(service, listed=False)
    for site in clinic.sites:
        clinic.patch(site, listed=False)


def shut_slowly(clinic: Clinic) -> None:
    """No hours, one service every 61 minutes."""
    _slowly(clinic, hours={"open": "off"})


def hardly_open(clinic: Clinic) -> None:
    """An hour a week, likewise."""
    _slowly(clinic, hours={"open": "Mo 03:00-04:00"})


def shut_next_month(clinic: Clinic) -> None:
    """From a day in spring on, for six weeks."""
    day = {"first_day": "2025-03-01", "last_day": "2025-04-15", "times": None, "reason": "x"}
    _slowly(clinic, hours_exceptions=[day])


def nobody_old_enough(clinic: Clinic) -> None:
    """From 95 years on."""
    _slowly(clinic, min_age=95)


def nobody_fits(clinic: Clinic) -> None:
    """Neither women nor men."""
    _slowly(clinic, access={"women": False})
    _slowly(clinic, access={"men": False})


def narrow_in_turns(clinic: Clinic) -> None:
    """Just under three quarters less, with two accounts in turns."""
    second = _puppet(clinic)
    for number, service in enumerate(clinic.services):
        token = second if number % 2 else clinic.token
        clinic.patch(service, token, hours={"open": "Mo-Fr 15:00-18:00"})
        clinic.patch(service, token, hours={"open": "Mo-Fr 16:30-18:00"})
        clinic.clock.shift(61 * MINUTE)


def shut_by_csv(clinic: Clinic) -> None:
    """All at once, by a file."""
    mine = rows_of("services", by=clinic.thief)
    rows = [row | {"min_age": "95", "hours_open": "off"} for row in mine]
    applied("services", csv_of(rows), clinic.thief)
    clinic.clock.settle()


def move_by_xlsx(clinic: Clinic) -> None:
    """All at once, by a workbook."""
    mine = rows_of("sites", by=clinic.thief)
    rows = [row | {"longitude": "-75.3", "phones": "+12155550199"} for row in mine]
    names = list(rows[0])
    applied("sites", xlsx_of([names, *([row[name] for name in names] for row in rows)]),
            clinic.thief)  # fmt: skip
    clinic.clock.settle()


def agree_with_itself(clinic: Clinic) -> None:
    """Ask, and approve as itself and as somebody invited just now."""
    second = _puppet(clinic)
    clinic.patch(clinic.sites[0], phones=[NEW])
    clinic.patch(clinic.sites[1], second, location=east(clinic, 9_000, 1))
    for held in HeldChange.objects.waiting():
        for token in (clinic.token, second):
            clinic.send("post", f"held-changes/{held.pk}/approve/", token=token)


def send_all_others_away(clinic: Clinic) -> None:
    """Leave nobody who could object, then ask."""
    for member in Membership.objects.filter(organization=clinic.organization):
        if member.user_id != clinic.thief.pk:
            clinic.send("delete", f"organizations/{clinic.organization.pk}/members/{member.pk}/")
    clinic.patch(clinic.sites[0], phones=[NEW])


def _slowly(clinic: Clinic, **changes: Any) -> None:
    for service in clinic.services:
        clinic.patch(service, **changes)
        clinic.clock.shift(61 * MINUTE)


def _puppet(clinic: Clinic) -> str:
    """The token of somebody whom the stolen account has just invited."""
    invited = Invited(uuid.uuid4(), "p@example.org", Role.CLINIC_ADMIN, clinic.organization)
    invitation, _ = invite(invited=invited, by=clinic.thief)
    token = link_of(invitation).rstrip("/").rpartition("/")[2]
    name = f"puppet-{invitation.pk.hex}"
    account = accept_invitation(token=token, username=name, password="four words and spaces")
    return a_token(account)


ATTACKS: tuple[Attack, ...] = (
    move_at_once, move_in_steps, move_in_turns, move_day_by_day, move_without_a_point,
    change_phones, retire_all, shut_slowly, hardly_open, shut_next_month, nobody_old_enough,
    nobody_fits, narrow_in_turns, shut_by_csv, move_by_xlsx, agree_with_itself,
    send_all_others_away,
)  # fmt: skip
IN_SHORT = (move_in_turns, change_phones, shut_by_csv, nobody_old_enough, send_all_others_away)
