import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from services.models import DeviceToken, User
from services.second_factor import has_device
from services.vocabulary import Role
from tests.builders import an_account, an_organization
from tests.services.admin.door import a_device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]


def create(*arguments: str) -> str:
    """What it prints to stdout."""
    told = io.StringIO()
    call_command("create_account", *arguments, stdout=told, stderr=io.StringIO())
    return told.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        create(*arguments)
    return str(error.value)


def test_it_prints_a_token_and_nothing_else() -> None:
    text = create("--role", "outreach")
    assert text.startswith("hrl_")
    assert text.count("\n") == 1
    assert DeviceToken.objects.get().user.does_outreach


@pytest.mark.parametrize("how", ["id", "name"])
def test_clinic_roles_are_held_in_an_organization(how: str) -> None:
    clinic = an_organization(name="North Clinic")
    create(
        "--role", "clinic_admin", "--organization", str(clinic.pk) if how == "id" else clinic.name
    )
    account = User.objects.get()
    assert account.role_at(clinic.pk) == Role.CLINIC_ADMIN
    assert account.is_staff


def test_a_moderator_may_enter_the_admin() -> None:
    create("--role", "moderator", "--username", "ada")
    account = User.objects.get(username="ada")
    assert account.moderates
    assert account.is_staff
    assert not account.is_superuser
    assert not account.has_usable_password()


def test_again_it_adds_a_device_and_changes_nothing_else() -> None:
    clinic = an_organization()
    for device in ("one", "two"):
        create("--role", "clinic_staff", "--organization", clinic.name, "--username", "ada",
               "--device", device)  # fmt: skip
    account = User.objects.get()
    assert account.memberships.count() == 1
    assert set(account.auth_token_set.values_list("name", flat=True)) == {"one", "two"}


def test_it_adds_a_role_to_an_account() -> None:
    create("--role", "outreach", "--username", "ada")
    create("--role", "clinic_staff", "--organization", an_organization().name, "--username", "ada")
    account = User.objects.get()
    assert account.does_outreach
    assert account.memberships.exists()


def test_a_password_comes_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("  four words and spaces \n"))
    create("--role", "outreach", "--username", "ada", "--password-stdin")
    assert User.objects.get().check_password("  four words and spaces ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--role", "clinic_staff"), "needs one"),
        (("--role", "outreach", "--organization", "North Clinic"), "in no organization"),
        (("--role", "clinic_staff", "--organization", "north clinc"), "North Clinic"),
        (("--role", "clinic_staff", "--organization", "Twin"), "several"),
        (("--role", "outreach", "--username", "no spaces"), "--username"),
        (("--role", "outreach", "--device", ""), "--device"),
        (("--role", "outreach", "--device", "x" * 81), "80"),
        (("--role", "outreach", "--username", "gone"), "not active"),
        (("--role", "outreach", "--username", "mod"), "moderator"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(arguments: tuple[str, ...], says: str) -> None:
    an_organization(name="North Clinic")
    an_organization(name="Twin")
    an_organization(name="Twin")
    User.objects.create_user("gone", is_active=False)
    User.objects.create_user("mod", role=Role.MODERATOR)
    assert says in refusal(*arguments)
    assert not DeviceToken.objects.exists()


def test_a_weak_password_makes_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "--password-stdin" in refusal("--role", "outreach", "--password-stdin")
    assert not User.objects.exists()


def test_a_lost_second_factor_is_reset_by_command(capsys: Any) -> None:
    account = an_account(Role.MODERATOR)
    a_device(account)
    call_command("reset_second_factor", account.username)
    assert "forgotten" in capsys.readouterr().out
    assert not has_device(account)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")
