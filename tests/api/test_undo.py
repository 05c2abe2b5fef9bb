"""What moderators do when an account went astray."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from services.editing import edit_service
from services.history import sign_history
from services.models import AvailabilityReport, HeldChange, Service, User
from services.past import SERVICE_ROWS, change_sets
from services.reverting import revert
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.builders import a_closing, a_report, a_service, an_account

pytestmark = pytest.mark.django_db(transaction=True)


def edit(service: Service, account: User, **changes: Any) -> None:
    with transaction.atomic():
        sign_history(account)
        edit_service(service_id=service.pk, changes=changes)


def send(phone: Phone, path: str, body: Any = None) -> Any:
    return phone.post(f"/api/v1/{path}", body, content_type="application/json")


def undo(phone: Phone, account: User, since: dt.datetime) -> Any:
    body = {"username": account.username, "since": since.isoformat()}
    return send(phone, "accounts/undo/", body)


def a_waiting_change(service: Service, account: User) -> HeldChange:
    now = timezone.now()
    return HeldChange.objects.create(
        organization=service.site.organization,
        service=service,
        changes={"listed": False},
        reasons=["unlisted"],
        asked_by=account,
        asked_as=Role.CLINIC_STAFF,
        asked_at=now,
        due_at=now + dt.timedelta(days=1),
    )


def a_report_by(account: User, service: Service) -> AvailabilityReport:
    report = a_report(service)
    AvailabilityReport.objects.filter(pk=report.pk).update(account=account)
    return report


@pytest.fixture
def service() -> Service:
    return a_service(description="Old")


@pytest.fixture
def thief(service: Service) -> User:
    return an_account(Role.CLINIC_STAFF, service.site.organization)


@pytest.fixture
def moderator() -> Phone:
    return phone_of(an_account(Role.MODERATOR))


def test_all_that_an_account_did_since_a_moment_is_undone(
    service: Service, thief: User, moderator: Phone
) -> None:
    edit(service, thief, description="From before")
    since = timezone.now()
    for text in ("One", "Two", "Three"):
        edit(service, thief, description=text)
    a_closing(service.site, account=thief)
    held = a_waiting_change(service, thief)
    a_report_by(thief, service)
    done = undo(moderator, thief, since)
    assert done.status_code == 200
    told = done.json()
    assert (told["closings"], told["reports"], told["held"]) == (1, 1, 1)
    assert told["skipped"] == []
    service.refresh_from_db()
    assert service.description == "From before"
    assert (service.state, service.closed_until) == ("unknown", None)
    held.refresh_from_db()
    assert held.state == HeldChange.State.REJECTED
    again = undo(moderator, thief, since).json()
    assert again == {
        "reverted": [],
        "skipped": [],
        "change_sets": 0,
        "closings": 0,
        "reports": 0,
        "held": 0,
    }


def test_what_others_did_since_stays(service: Service, thief: User, moderator: Phone) -> None:
    since = timezone.now()
    edit(service, thief, description="Vandal", min_age=99)
    edit(service, an_account(Role.MODERATOR), description="Mended")
    told = undo(moderator, thief, since).json()
    assert [one["field"] for one in told["skipped"]] == ["description"]
    service.refresh_from_db()
    assert (service.description, service.min_age) == ("Mended", None)


def test_what_an_account_did_and_put_back_itself_is_undone_once(
    service: Service, thief: User, moderator: Phone
) -> None:
    since = timezone.now()
    edit(service, thief, description="Vandal")
    change = change_sets(SERVICE_ROWS, service.pk)[0].by.id
    assert change is not None
    revert(change_set=change, by=thief)
    edit(service, thief, min_age=99)
    undo(moderator, thief, since)
    service.refresh_from_db()
    assert (service.description, service.min_age) == ("Old", None)
    assert undo(moderator, thief, since).json()["change_sets"] == 0


def test_what_a_moderator_put_back_before_stays_so(
    service: Service, thief: User, moderator: Phone
) -> None:
    since = timezone.now()
    edit(service, thief, description="Vandal")
    change = change_sets(SERVICE_ROWS, service.pk)[0].by.id
    assert change is not None
    revert(change_set=change, by=an_account(Role.MODERATOR))
    assert undo(moderator, thief, since).json()["change_sets"] == 0
    service.refresh_from_db()
    assert service.description == "Old"


def test_an_account_is_undone_in_whichever_organization_it_acted(
    service: Service, moderator: Phone
) -> None:
    staff, since = an_account(Role.MODERATOR), timezone.now()
    elsewhere = a_service(description="Old")
    for one in (service, elsewhere):
        edit(one, staff, description="Vandal")
    assert undo(moderator, staff, since).json()["change_sets"] == 2
    elsewhere.refresh_from_db()
    assert elsewhere.description == "Old"


def test_an_undo_is_one_change_and_can_be_put_back(
    service: Service, thief: User, moderator: Phone
) -> None:
    since = timezone.now()
    edit(service, thief, description="One")
    edit(service, thief, min_age=18)
    undo(moderator, thief, since)
    newest = moderator.get(f"/api/v1/services/{service.pk}/history/").json()["results"][0]
    assert {one["field"] for one in newest["changes"]} == {"description", "min_age"}
    send(moderator, f"services/{service.pk}/history/{newest['id']}/revert/")
    service.refresh_from_db()
    assert (service.description, service.min_age) == ("One", 18)


def test_for_all_but_moderators_nothing_is_here(service: Service, thief: User) -> None:
    report = a_report(service)
    others = [thief, an_account(Role.CLINIC_ADMIN, service.site.organization)]
    others += [an_account(Role.OUTREACH), an_account()]
    answers = []
    for account in others:
        phone = phone_of(account)
        answers.append(undo(phone, thief, timezone.now()))
        answers.append(send(phone, "accounts/undo/", {"nonsense": 1}))
        answers.append(send(phone, f"reports/{report.pk}/withdraw/"))
        answers.append(send(phone, f"reports/{uuid.uuid4()}/withdraw/"))
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert undo(Phone(), thief, timezone.now()).status_code == 401
    assert send(Phone(), f"reports/{report.pk}/withdraw/").status_code == 401


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"username": "nobody"}, "username"),
        ({"username": None}, "username"),
        ({"since": None}, "since"),
        ({"since": (timezone.now() + dt.timedelta(days=2)).isoformat()}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"all": True}, "all"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    thief: User, moderator: Phone, said: dict[str, Any], field: str
) -> None:
    body = {"username": thief.username, "since": timezone.now().isoformat()} | said
    refused = send(moderator, "accounts/undo/", body)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_a_report_is_taken_back_and_the_one_before_it_speaks_again(
    service: Service, moderator: Phone
) -> None:
    a_report(service, remaining=2, ago=dt.timedelta(hours=1))
    wrong = a_report(service, remaining=50)
    first = send(moderator, f"reports/{wrong.pk}/withdraw/")
    assert first.status_code == 200
    service.refresh_from_db()
    assert service.remaining == 2
    assert send(moderator, f"reports/{wrong.pk}/withdraw/").json() == first.json()
    assert send(moderator, f"reports/{uuid.uuid4()}/withdraw/").status_code == 404


def test_the_command_undoes_it_too(service: Service, thief: User, capsys: Any) -> None:
    since = timezone.now()
    edit(service, thief, description="Vandal")
    call_command("undo_account", thief.username, "--since", since.isoformat())
    assert "1 change sets put back" in capsys.readouterr().out
    service.refresh_from_db()
    assert service.description == "Old"
    with pytest.raises(CommandError, match="No account"):
        call_command("undo_account", "nobody", "--since", since.isoformat())
    with pytest.raises(CommandError, match="offset"):
        call_command("undo_account", thief.username, "--since", "yesterday")
