import base64
from pathlib import Path

import environ
from checkout import Checkout
from environment import environment, secret_key, signing_key

from tests.dev.conftest import checkout_in


def test_django_finds_the_socket(a_checkout: Checkout) -> None:
    database = environ.Env.db_url_config(environment(a_checkout, {})["DATABASE_URL"])
    assert database["ENGINE"] == "django.contrib.gis.db.backends.postgis"
    assert (database["NAME"], database["USER"]) == ("locator", "locator")
    host = database["HOST"] or database.get("OPTIONS", {}).get("host")
    assert host == str(a_checkout.sockets)


def test_django_finds_a_socket_with_odd_letters_in_its_path(tmp_path: Path) -> None:
    data = tmp_path / "my data+é"
    checkout = checkout_in(tmp_path, data)
    database = environ.Env.db_url_config(environment(checkout, {})["DATABASE_URL"])
    host = database["HOST"] or database.get("OPTIONS", {}).get("host")
    assert host == str(checkout.sockets)


def test_a_production_database_left_in_the_shell_is_not_touched(a_checkout: Checkout) -> None:
    made = environment(a_checkout, {"DATABASE_URL": "postgis://me@prod/", "SECURE_SSL": "true"})
    assert "@prod" not in made["DATABASE_URL"]
    assert made["SECURE_SSL"] == "false"


def test_mail_becomes_files_whatever_the_shell_says(tmp_path: Path) -> None:
    checkout = checkout_in(tmp_path, tmp_path / "my data+é")
    made = environment(checkout, {"EMAIL_URL": "smtp://prod", "PORT": "8123"})
    mail = environ.Env.email_url_config(made["EMAIL_URL"])
    assert mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert mail["EMAIL_FILE_PATH"] == str(checkout.data / "mail")
    assert made["PUBLIC_URL"] == "http://localhost:8123"


def test_programs_of_the_virtual_environment_come_first(a_checkout: Checkout) -> None:
    path = environment(a_checkout, {"PATH": "/usr/bin"})["PATH"]
    assert path == f"{a_checkout.venv}/bin:/usr/bin"


def test_the_secret_key_is_random_kept_and_readable_by_us_alone(tmp_path: Path) -> None:
    first = secret_key(tmp_path / "one")
    assert secret_key(tmp_path / "one") == first != secret_key(tmp_path / "other")
    assert len(first) >= 50
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600


def test_the_key_that_signs_packs_is_thirty_two_bytes_and_kept(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "one")
    assert signing_key(tmp_path / "one") == first != signing_key(tmp_path / "other")
    assert len(base64.b64decode(first, validate=True)) == 32
