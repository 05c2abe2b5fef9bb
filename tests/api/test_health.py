"""GET /healthz and /readyz"""

import threading
import time
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from services import health
from services.health import Probe
from services.index import live_index
from services.tasks import beat_heart
from tests.services.mute import without_redis

PARTS = ("database", "redis", "workers", "index")


@pytest.fixture
def up(monkeypatch: pytest.MonkeyPatch) -> dict[str, Probe]:
    probes = {name: Probe(lambda: True) for name in PARTS}
    monkeypatch.setattr(health, "PROBES", probes)
    return probes


def test_the_process_is_up() -> None:
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"alive": True}
    assert response["Cache-Control"] == "no-store"


def test_it_is_ready_when_every_part_is_up(up: dict[str, Probe]) -> None:
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    fresh = {"stale": False, "as_of": None}
    assert response.json() == {"ready": True, "parts": dict.fromkeys(PARTS, "up")} | fresh


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_down_is_named_and_nothing_more_is_told(
    up: dict[str, Probe], part: str
) -> None:
    def broken() -> bool:
        raise OSError("/secret/path refused 10.0.0.1")

    up[part] = Probe(broken)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"] == dict.fromkeys(PARTS, "up") | {part: "down"}
    assert b"secret" not in response.content


def test_a_part_that_hangs_is_waited_for_a_second_and_not_asked_again(
    up: dict[str, Probe],
) -> None:
    asked, released = [], threading.Event()

    def hangs() -> bool:
        asked.append(1)
        return released.wait(20)

    up["database"] = Probe(hangs)
    for _ in range(2):
        began = time.monotonic()
        response = Client().get("/readyz")
        assert time.monotonic() - began < 2
        assert response.json()["parts"]["database"] == "down"
        assert response.json()["parts"]["redis"] == "up"
    assert len(asked) == 1
    released.set()
    time.sleep(0.05)
    assert Client().get("/readyz").json()["parts"]["database"] == "up"


def test_workers_are_up_as_long_as_the_beat_is_fresh() -> None:
    beat_heart()
    assert health.redis_answers()
    assert health.workers_beat()
    with time_machine.travel(time.time() + 61, tick=False):
        assert not health.workers_beat()
    cache.delete(health.HEARTBEAT)
    assert not health.workers_beat()


@pytest.mark.django_db(transaction=True)
def test_the_real_parts_answer() -> None:
    beat_heart()
    live_index.load()
    assert Client().get("/readyz").json()["parts"] == dict.fromkeys(PARTS, "up")
    live_index.forget()
    assert Client().get("/readyz").json()["parts"]["index"] == "down"


def test_a_redis_that_is_not_there_is_down(settings: Any) -> None:
    without_redis(settings)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["redis"] == "down"
    assert response.json()["parts"]["workers"] == "down"


def test_it_is_asked_by_whatever_name_and_without_tls(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200
