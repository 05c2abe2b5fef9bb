"""The long form of the phones' proof: everything is killed in turn while they send."""

import random
import threading
import time
from collections.abc import Sequence
from typing import Any, cast

from django.db import connection

from services.tasks import build_packs
from services.vocabulary import Role
from tests.builders import a_token, an_account
from tests.proofs.sync.fault_proxy import FaultProxy, proxy_before
from tests.proofs.sync.home import Home
from tests.proofs.sync.phones import LAST, Phone
from tests.proofs.sync.reports_judge import judge, listed_services
from tests.proofs.sync.world import a_world
from tests.proofs.sync.writers import in_a_thread
from tests.proofs.table import Table

PHONES, REPORTS, KILLS = 20, 10_000, 50
SERVICES = 400  # reported: each by several phones
ORDERS_A_KILL = 2
SEED = 5
AWAY_S = 0.5  # at most, between a kill and the start
AMID_S = 1.0  # at most, between the orders and the kill
LONGEST_S = 900.0  # then phones give up
Outages = dict[str, list[float]]


def prove_phones(home: Home) -> bool:
    """Send, kill, and judge; whether every promise held."""
    print(f"Phones: {PHONES} phones, {REPORTS:,} reports, {KILLS} kills …", flush=True)
    began = time.monotonic()
    if not listed_services():
        a_world(100)
        home.start_programs()
    phones, give_up = [], threading.Event()
    token, services = a_token(an_account(Role.OUTREACH)), listed_services()[:SERVICES]
    proxy = FaultProxy(home.port, seed=SEED)
    with proxy_before(proxy):
        folder = home.folder / "phones"
        folder.mkdir()
        phones = [
            Phone(number, folder / f"{number}.queue", proxy.address, token, services, give_up)
            for number in range(PHONES)
        ]
        outages = _send_and_kill(home, phones, give_up)
    connection.close()
    # It holds many connections to servers that were killed, and asking each would take long.
    cast("Any", connection).close_pool()
    table = judge(phones, proxy)
    _tell(table, outages, time.monotonic() - began)
    return table.show("Phones behind a bad network, and servers killed with -9")


def _send_and_kill(home: Home, phones: Sequence[Phone], give_up: threading.Event) -> Outages:
    threads = [in_a_thread(phone.live) for phone in phones]
    late = threading.Timer(LONGEST_S, give_up.set)
    late.start()
    try:
        return _kill_in_turn(home, phones)
    finally:
        for phone in phones:
            phone.orders.put(LAST)
        for thread in threads:
            thread.join()
        late.cancel()


def _kill_in_turn(home: Home, phones: Sequence[Phone]) -> Outages:
    """Between kills every phone makes some more of its reports."""
    dice, outages = random.Random(SEED), Outages()
    victims = list(home.victims().items())
    for number in range(KILLS):
        for phone in phones:
            for _ in range(ORDERS_A_KILL):
                phone.orders.put(REPORTS // PHONES // KILLS // ORDERS_A_KILL)
        name, (kill, start) = victims[number % len(victims)]
        _give_the_worker_work()
        time.sleep(dice.uniform(0, AMID_S))
        kill()
        killed_at = time.monotonic()
        time.sleep(dice.uniform(0, AWAY_S))
        start()
        outages.setdefault(name, []).append(time.monotonic() - killed_at)
        if (number + 1) % 10 == 0:
            told = sum(len(phone.acknowledged) for phone in phones)
            print(f"  {number + 1} kills; {told:,} reports acknowledged", flush=True)
    return outages


def _give_the_worker_work() -> None:
    """Packs to build; whoever is away just now may be the one that would pass it on."""
    try:
        build_packs.apply_async(retry=False)
    except Exception as error:
        print(f"  not queued: {type(error).__name__}", flush=True)


def _tell(table: Table, outages: Outages, seconds: float) -> None:
    for name, each in outages.items():
        mean = sum(each) / len(each)
        table.figure(f"{name} killed; away, mean s", f"{len(each)} times; {mean:.1f}")
    table.figure("seconds", f"{seconds:.0f}")
