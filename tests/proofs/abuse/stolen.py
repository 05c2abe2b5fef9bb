"""A stolen account against its clinic: what comes of each attack, and of undoing it."""

import datetime as dt
from dataclasses import dataclass

from services.models import HeldChange, Message, Service
from services.vocabulary import Availability
from tests.builders import a_token
from tests.proofs.abuse.attacks import Attack
from tests.proofs.abuse.clinic import Clinic, an_id
from tests.proofs.abuse.clock import moved_clock


@dataclass(frozen=True)
class Came:
    """What came of an attack.

    Attributes:
        harm: what sent people astray, in words.
        tried: how many requests it made over HTTP.
        held: how many changes were held, at one time or another.
        left: what one undo did not put back.
    """

    harm: list[str]
    tried: int
    held: int
    left: list[str]


def came_of(attack: Attack) -> Came:
    """Attack a new clinic, look, and undo all of it by one action."""
    with moved_clock() as clock:
        clinic = Clinic(clock)
        clinic.clock.settle()
        since = clock.now
        attack(clinic)
        harm = clinic.harm()
        held = HeldChange.objects.filter(organization=clinic.organization).count()
        return Came(harm, len(clinic.told), held, _left(clinic, since))


def _left(clinic: Clinic, since: dt.datetime) -> list[str]:
    body = {"username": clinic.thief.username, "since": since.isoformat()}
    answer = clinic.send("post", "accounts/undo/", body, a_token(clinic.moderator))
    assert answer.status_code == 200, answer.content
    now = clinic.stands()
    return [key for key, was in clinic.before.items() if now[key] != was]


def close_everything(*, by_reports: bool) -> tuple[int, int, list[str]]:
    """What counts at once (ADR 10): closing for a time, or a batch of reports that says so.

    Returns:
        How many services are told to be closed, how many letters went out, what was left after one
        undo.
    """
    with moved_clock() as clock:
        clinic = Clinic(clock)
        clinic.clock.settle()
        since = clock.now
        if by_reports:
            reports = [
                {"id": an_id(), "service": str(one.pk), "state": Availability.CLOSED_TEMPORARILY}
                for one in clinic.services
            ]
            clinic.send("post", "reports/batch/", {"reports": reports})
        else:
            until = clock.now.replace(year=clock.now.year + 1).isoformat()
            where = f"organizations/{clinic.organization.pk}/closings/"
            clinic.send("post", where, {"id": an_id(), "until": until})
        closed = sum(_is_closed(service) for service in clinic.services)
        letters = Message.objects.filter(
            purpose=Message.Purpose.CLOSING, made_at__gte=since
        ).count()
        return closed, letters, _left(clinic, since)


def _is_closed(service: Service) -> bool:
    service.refresh_from_db()
    return service.closed_until is not None or service.state == Availability.CLOSED_TEMPORARILY
