import os
from pathlib import Path

import pytest
from checkout import Checkout, checkout_here
from django.db import connection
from postgres import PostgreSQL

from tests.dev.conftest import checkout_in

# What must never be written down stands in statements, parameters and DETAIL lines.
PRIVATE = {
    "listen_addresses": "",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "TimeZone": "UTC",
}


def ours_is_running() -> bool:
    """Whether the tests run on the cluster that ``.dev`` starts."""
    return str(checkout_here(os.environ).sockets) in os.environ["DATABASE_URL"]


@pytest.mark.django_db
@pytest.mark.skipif("not ours_is_running()")
@pytest.mark.parametrize(("name", "value"), PRIVATE.items())
def test_the_running_cluster_writes_nothing_private_down(name: str, value: str) -> None:
    # A session may say otherwise for itself; what counts is what the cluster was started with.
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(reset_val, setting) from pg_settings where name = %s", [name]
        )
        row = cursor.fetchone()
    assert row == (value,)


def test_a_path_with_a_quote_in_it_stays_one_word(tmp_path: Path) -> None:
    checkout = checkout_in(tmp_path, tmp_path / "d'or")
    checkout.servers.mkdir()
    config = PostgreSQL(checkout)._write_config().read_text()
    assert f"hba_file = '{tmp_path}/d''or/servers/pg_hba.conf'" in config


def test_only_this_user_is_let_in_and_only_by_socket(a_checkout: Checkout) -> None:
    a_checkout.servers.mkdir()
    PostgreSQL(a_checkout)._write_config()
    assert (
        a_checkout.servers / "pg_hba.conf"
    ).read_text() == "local all locator peer map=checkout\n"
    assert len((a_checkout.servers / "pg_ident.conf").read_text().splitlines()) == 1
