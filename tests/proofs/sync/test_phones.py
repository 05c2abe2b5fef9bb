"""Phones that send through a bad network, in short. The long form: ``make prove-sync``."""

import threading
from pathlib import Path
from typing import Any

import pytest

from services.vocabulary import Role
from tests.builders import a_service, a_token, an_account
from tests.proofs.sync.fault_proxy import Fault, FaultProxy, proxy_before
from tests.proofs.sync.phones import LAST, Phone
from tests.proofs.sync.reports_judge import judge, listed_services
from tests.proofs.sync.writers import in_a_thread

PHONES, ORDERS = 4, [5, 5, 5, LAST]
HALF_OPEN = {Fault.HALF_OPEN, Fault.ANSWER_LOST}  # each takes as long as a phone is patient
PLAN = [*Fault, *(fault for fault in Fault if fault not in HALF_OPEN)]


@pytest.fixture
def server(settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A server in this process, with this database."""
    settings.STATIC_ROOT = str(tmp_path)
    return request.getfixturevalue("live_server")


@pytest.mark.django_db(transaction=True)
def test_no_report_is_lost_or_counted_twice(server: Any, tmp_path: Path) -> None:
    token = a_token(an_account(Role.OUTREACH))
    for _ in range(3):
        a_service()
    give_up = threading.Event()
    proxy = FaultProxy(server.thread.port, plan=PLAN, usual=[Fault.NONE])
    with proxy_before(proxy):
        phones = [
            Phone(
                number,
                tmp_path / f"{number}.queue",
                proxy.address,
                token,
                listed_services(),
                give_up,
                patience_s=0.5,
            )
            for number in range(PHONES)
        ]
        for phone in phones:
            for order in ORDERS:
                phone.orders.put(order)
        for thread in [in_a_thread(phone.live) for phone in phones]:
            thread.join()
    table = judge(phones, proxy)
    assert table.show("Phones behind a bad network")
    assert proxy.answers_lost >= 3
