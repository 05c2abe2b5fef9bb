"""The census in short: the application in this process, a Redis of its own, the test's database.

The long form: ``make prove-privacy``.
"""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from checkout import Checkout
from django.core.cache import caches
from redis_server import Redis

from locator.logs import formatter
from services.index import live_index
from services.vocabulary import Role
from tests.builders import a_service, a_token, an_account
from tests.proofs.privacy.canaries import Canary, canaries
from tests.proofs.privacy.census import missed, told
from tests.proofs.privacy.faults import FAULTS, Remembering, put_into, request_for
from tests.proofs.privacy.home import FOLDERS, RECORDED
from tests.proofs.privacy.leaks import Leak, in_files, in_redis
from tests.proofs.privacy.redis_memory import RedisMemory
from tests.proofs.privacy.rounds import ANSWERS
from tests.proofs.privacy.searches import EVERY_WAY, IN_A_URL, Listed
from tests.proofs.privacy.short import DUMP, MAIL, OUTPUT, Short
from tests.proofs.privacy.sinks import Piece

SEARCHERS = canaries(0, 2 * len(EVERY_WAY), seed=1)
UNLUCKY = canaries(500, 2 * len(FAULTS), seed=1)
LEAKING = canaries(900, 40, seed=1)


@pytest.fixture
def redis_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    checkout = Checkout(root=Path.cwd(), data=tmp_path_factory.mktemp("census"))
    server = Redis(checkout)
    checkout.servers.mkdir(parents=True, exist_ok=True)
    checkout.servers.chmod(0o711)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def short(
    settings: Any,
    redis_of_its_own: Redis,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    transactional_db: None,
) -> Iterator[Short]:
    here = {"LOCATION": f"unix://{redis_of_its_own.socket}?db=0"}
    settings.CACHES = {"default": settings.CACHES["default"] | here}
    settings.ADMINS = [("Whoever is called at night", "admin@localhost")]
    for name in FOLDERS:
        (tmp_path / name).mkdir(exist_ok=True)
    console = logging.StreamHandler(io.StringIO())  # as the programs' own, which was made before
    console.setFormatter(formatter("json"))
    logging.root.addHandler(console)
    recorded = tmp_path / RECORDED
    with RedisMemory(redis_of_its_own.socket, redis_of_its_own.folder, recorded) as memory:
        yield Short([tmp_path, redis_of_its_own.checkout.servers], memory, capfd, console)
    logging.root.removeHandler(console)
    caches.close_all()


def leaks_into(short: Short, redis: Redis) -> list[Leak]:
    queue = Celery("leaks", broker=f"redis+socket://{redis.socket}?virtual_host=0")
    log = logging.getLogger("services")

    def crash(one: Canary) -> None:
        try:
            raise ValueError(one.token)  # noqa: TRY301
        except ValueError:
            log.exception("it broke")

    def say(one: Canary) -> None:
        sys.stderr.write(f"{one.lat:.4f}\n")
        sys.stderr.flush()

    def row(one: Canary) -> None:
        an_account(first_name=one.place.split()[0])

    def mail(one: Canary) -> None:
        from django.core.mail import mail_admins

        mail_admins("A crash", f"at {one.lon:.5f}")

    def answer(one: Canary) -> None:
        short.answers.append(Piece(ANSWERS, "a leak", repr(one.lon).encode()))

    return [
        *in_files(short.folders[0]),
        *in_redis(short.memory.store, queue),
        Leak(OUTPUT, "address", "raw", lambda one: log.warning("accepted %s", one.address)),
        Leak(OUTPUT, "token", "raw", crash),
        Leak(OUTPUT, "lat", "rounded to 4", say),
        Leak(DUMP, "place", "raw", row),
        Leak(MAIL, "lon", "rounded to 5", mail),
        Leak(ANSWERS, "lon", "raw", answer),
    ]


def a_world() -> Listed:
    service = a_service()
    live_index.catch_up()
    return Listed(
        service=str(service.pk),
        site=str(service.site.pk),
        organization=str(service.site.organization_id),
        token=a_token(an_account(Role.OUTREACH)),
    )


def test_a_leak_in_any_sink_is_found(short: Short, redis_of_its_own: Redis) -> None:
    leaks = leaks_into(short, redis_of_its_own)
    for leak, one in zip(leaks, LEAKING, strict=False):
        leak.make(one)
    found = short.read(LEAKING, SEARCHERS)
    found.read.pop("Redis: log", None)  # nothing of ours can speak there; the long form writes it
    assert missed(found, leaks, LEAKING) == []
    assert found.of(SEARCHERS) == []


def test_a_search_leaves_no_trace(short: Short) -> None:
    listed = a_world()
    ways = [way for way in EVERY_WAY for _ in range(2)]
    statuses = {}
    for one, way in zip(SEARCHERS, ways, strict=True):
        statuses[way] = short.ask(way(one, listed), one)
    assert {statuses[way] for way in IN_A_URL} == {400}
    assert all(status < 500 or status == 503 for status in statuses.values())
    assert told(short.read(SEARCHERS).of(SEARCHERS)) == []


def test_code_that_raises_leaves_no_trace(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    a_world()
    put_into(short.application.application, monkeypatch.setattr)
    short.application = Remembering(short.application)
    faults = [fault for fault in FAULTS for _ in range(2)]
    for one, fault in zip(UNLUCKY, faults, strict=True):
        status = short.ask(request_for(fault, one), one)
        assert status == (401 if fault == "stream" else 500), fault
    found = short.read(UNLUCKY)
    assert told(found.of(UNLUCKY)) == []
    assert short.output.count("CarelessError") >= len(UNLUCKY) - 4
