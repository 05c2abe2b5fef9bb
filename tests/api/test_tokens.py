import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.test import RequestFactory
from django.utils import timezone

from services.models import DeviceToken, User
from services.sign_in_limit import CountsFirst
from services.vocabulary import Role
from tests.api.conftest import Phone, phone_of
from tests.builders import a_token, an_account
from tests.services.admin.door import a_device, code_of
from tests.services.mute import Mute

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_limits_of_its_own")]

TOKENS, ACCOUNT = "/api/v1/tokens/", "/api/v1/account/"
PASSWORD = " a long password "  # spaces at its ends belong to it


@pytest.fixture
def somebody() -> User:
    return an_account(Role.OUTREACH, password=PASSWORD)


def sign_in(phone: Phone, account: User | str, password: str = PASSWORD, **more: Any) -> Any:
    name = account if isinstance(account, str) else account.username
    body = {"username": name, "password": password, "name": "phone"} | more
    return phone.post(TOKENS, body, content_type="application/json")


def bearing(token: str) -> Phone:
    return Phone(headers={"Authorization": f"Bearer {token}"})


def test_name_and_password_make_a_token_that_works(phone: Phone, somebody: User) -> None:
    answer = sign_in(phone, somebody, name="van 2")
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    told = answer.json()
    assert told["name"] == "van 2"
    assert told["token"].startswith("hrl_")
    assert bearing(told["token"]).get(ACCOUNT).json()["username"] == somebody.username
    device = DeviceToken.objects.get(id=told["id"])
    assert told["token"] not in (device.digest, device.token_key)


def test_whatever_is_wrong_with_a_sign_in_looks_the_same(phone: Phone, somebody: User) -> None:
    gone = an_account(Role.OUTREACH, password=PASSWORD, is_active=False)
    machine = an_account(Role.OUTREACH)
    answers = [
        sign_in(phone, somebody, "something else"),
        sign_in(phone, "nobody-of-this-name"),
        sign_in(phone, gone),
        sign_in(phone, machine),
        sign_in(phone, somebody, PASSWORD.strip()),
    ]
    first = answers[0]
    assert first.status_code == 401
    assert first["WWW-Authenticate"] == "Bearer"
    for answer in answers:
        assert (answer.status_code, answer.content) == (first.status_code, first.content)
        assert answer.headers == first.headers


def test_each_refusal_costs_one_hash(
    phone: Phone, somebody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = an_account(Role.OUTREACH, password=PASSWORD, is_active=False)
    machine = an_account(Role.OUTREACH)
    hashed: list[str] = []
    hasher = "django.contrib.auth.hashers.MD5PasswordHasher.encode"

    def encode(_self: Any, password: str, _salt: str) -> str:
        hashed.append(password)
        return "md5$salt$hash"

    monkeypatch.setattr(hasher, encode)
    for account in (somebody, "nobody-of-this-name", gone, machine):
        hashed.clear()
        sign_in(phone, account, "something else")
        assert len(hashed) == 1


def test_an_account_with_a_device_needs_its_code(phone: Phone, somebody: User) -> None:
    device = a_device(somebody)
    asked = sign_in(phone, somebody)
    assert asked.status_code == 401
    assert asked.json()["type"] == "/problems/otp-required"
    assert asked.json()["errors"][0]["code"] == "otp_required"
    assert sign_in(phone, somebody, otp=code_of(device)).status_code == 201


def test_that_a_code_is_needed_is_told_only_after_the_password(
    phone: Phone, somebody: User
) -> None:
    a_device(somebody)
    answer = sign_in(phone, somebody, "something else", otp="123456")
    assert answer.json()["type"] == "/problems/sign-in-refused"


def test_after_a_wrong_code_the_next_must_wait(phone: Phone, somebody: User) -> None:
    device = a_device(somebody)
    assert sign_in(phone, somebody, otp="000000").json()["type"] == "/problems/otp-refused"
    waits = sign_in(phone, somebody, otp=code_of(device))
    assert waits.status_code == 429
    assert int(waits["Retry-After"]) >= 1
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=5)):
        assert sign_in(phone, somebody, otp=code_of(device)).status_code == 201


def test_after_ten_tries_a_name_is_locked_and_no_other(phone: Phone, somebody: User) -> None:
    other = an_account(Role.OUTREACH, password=PASSWORD)
    for _ in range(10):
        assert sign_in(phone, somebody, "something else").status_code == 401
    locked = sign_in(phone, somebody)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert sign_in(phone, other).status_code == 201
    assert bearing(a_token(somebody)).get(ACCOUNT).status_code == 200


def test_a_name_without_an_account_is_locked_alike(phone: Phone) -> None:
    for _ in range(10):
        sign_in(phone, "nobody-of-this-name")
    assert sign_in(phone, "nobody-of-this-name").status_code == 429


def test_other_ways_to_write_a_name_are_counted_as_that_name(phone: Phone) -> None:
    account = User.objects.create_user("file", password=PASSWORD)
    for _ in range(10):
        sign_in(phone, "ﬁle", "something else")  # with a ligature
    assert sign_in(phone, account).status_code == 429


def test_nothing_in_redis_names_who_tried(somebody: User) -> None:
    phone = Phone(REMOTE_ADDR="203.0.113.78")
    for _ in range(12):
        sign_in(phone, somebody, "canary-password")
    redis: Any = cache._cache.get_client()  # type: ignore[attr-defined]
    kept = repr([(key, redis.dump(key)) for key in redis.scan_iter("*")])
    assert "sign-in" in kept
    for canary in (somebody.username, "203.0.113.78", "canary-password"):
        assert canary not in kept


def test_while_tries_cannot_be_counted_nobody_signs_in(
    phone: Phone, somebody: User, settings: Any
) -> None:
    with Mute() as mute:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": mute.url}}
        for _ in range(5):
            answer = sign_in(phone, somebody)
            assert answer.status_code == 503
            assert answer["Retry-After"]
        assert mute.asked == 1  # whoever came after did not wait for it
    assert not DeviceToken.objects.exists()


def test_of_many_tries_at_once_no_more_than_ten_are_looked_at() -> None:
    handler, together = CountsFirst(), threading.Barrier(64)

    def attempt(_: int) -> bool:
        together.wait()
        return handler.is_allowed(RequestFactory().get("/"), {"username": "ada"})

    with ThreadPoolExecutor(64) as threads:
        assert sum(threads.map(attempt, range(64))) == 10


@pytest.mark.parametrize("body", [
    {}, {"username": "ada"}, {"username": None, "password": None, "name": None},
    {"username": "a\0b", "password": "x", "name": "y"},
    {"username": "a" * 151, "password": "x", "name": "y"},
    {"username": "ada", "password": "\ud800", "name": "y"},
    {"username": "ada", "password": "x" * 1001, "name": "y"},
    {"username": "ada", "password": "", "name": "y"},
    {"username": "ada", "password": "x", "name": "y" * 81},
    {"username": "ada", "password": "x", "name": "y", "otp": 123456},
    {"username": "ada", "password": "x", "name": "y", "remember": True},
])  # fmt: skip
def test_what_is_no_sign_in_is_refused_without_echo(phone: Phone, body: dict[str, Any]) -> None:
    answer = phone.post(TOKENS, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_devices_are_listed_to_their_owner_alone(somebody: User) -> None:
    a_token(an_account(Role.OUTREACH), "not mine")
    a_token(somebody, "laptop")
    found = phone_of(somebody).get(TOKENS).json()["results"]
    assert [(row["name"], row["current"]) for row in found] == [("phone", True), ("laptop", False)]


def test_a_list_of_devices_costs_few_queries(
    somebody: User, django_assert_num_queries: Any
) -> None:
    phone = phone_of(somebody)
    for number in range(5):
        a_token(somebody, f"phone {number}")
    with django_assert_num_queries(3):
        phone.get(TOKENS)


def test_a_revoked_token_is_dead_at_once(somebody: User) -> None:
    phone = phone_of(somebody)
    mine = phone.get(TOKENS).json()["results"][0]["id"]
    assert phone.delete(f"{TOKENS}{mine}/").status_code == 204
    assert phone.get(ACCOUNT).status_code == 401


def test_another_device_is_revoked_and_this_one_stays(somebody: User) -> None:
    lost, phone = a_token(somebody, "lost"), phone_of(somebody)
    rows = phone.get(TOKENS).json()["results"]
    other = next(row["id"] for row in rows if not row["current"])
    assert phone.delete(f"{TOKENS}{other}/").status_code == 204
    assert bearing(lost).get(ACCOUNT).status_code == 401
    assert phone.get(ACCOUNT).status_code == 200


def test_a_foreign_token_looks_like_none(somebody: User) -> None:
    a_token(an_account(Role.OUTREACH), "foreign")
    foreign = DeviceToken.objects.get(name="foreign")
    phone = phone_of(somebody)
    answers = [phone.delete(f"{TOKENS}{id_}/") for id_ in (foreign.id, uuid.uuid4())]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, answers[0].content)
    }
    assert answers[0].headers == answers[1].headers
    assert DeviceToken.objects.filter(pk=foreign.pk).exists()


def test_tokens_end_by_themselves(somebody: User) -> None:
    phone = phone_of(somebody)
    with time_machine.travel(timezone.now() + dt.timedelta(days=181)):
        assert phone.get(ACCOUNT).status_code == 401


def test_the_token_of_an_account_that_is_not_active_is_none(somebody: User) -> None:
    phone = phone_of(somebody)
    User.objects.filter(pk=somebody.pk).update(is_active=False)
    assert phone.get(ACCOUNT).status_code == 401


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer ", "Bearer a b", "Basic YWRhOng=", "Bearer \0", "Bearer \xff\xfe",
    "Bearer " + "x" * 5000, "Bearer hrl_", "Bearer hrl_" + "0" * 64, "\x00\x01",
])  # fmt: skip
def test_what_is_no_token_gets_nowhere(header: str) -> None:
    answer = Phone(HTTP_AUTHORIZATION=header).get(ACCOUNT)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_token_that_a_command_prints_signs_in(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_account", "--role", "outreach", "--username", "ada")
    told = bearing(capsys.readouterr().out.strip()).get(ACCOUNT).json()
    assert (told["username"], told["role"]) == ("ada", "outreach")


def test_an_account_is_told_what_it_may_do() -> None:
    staff = an_account(Role.CLINIC_STAFF)
    clinic = staff.memberships.get().organization
    assert phone_of(staff).get(ACCOUNT).json() == {
        "username": staff.username,
        "role": None,
        "approved": True,
        "organizations": [{"id": str(clinic.pk), "name": clinic.name, "role": "clinic_staff"}],
    }


def test_outreach_is_told_whether_it_is_approved() -> None:
    account = an_account(Role.OUTREACH)
    assert phone_of(account).get(ACCOUNT).json()["approved"] is True
    User.objects.filter(pk=account.pk).update(approved_at=None)
    assert phone_of(account).get(ACCOUNT).json()["approved"] is False
