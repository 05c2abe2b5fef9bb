"""Reads go to the replica inside the follower's block and nowhere else; writes never do."""

import threading
from typing import Any

import pytest

from services.models import Service, Site
from services.replica import ReplicaRouter, read_alias, reading_the_replica

router = ReplicaRouter()


@pytest.fixture
def _with_a_replica(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setitem(settings.DATABASES, "replica", settings.DATABASES["default"])


@pytest.mark.usefixtures("_with_a_replica")
def test_reads_go_to_the_replica_only_inside_the_block() -> None:
    assert router.db_for_read(Service) == "default"
    with reading_the_replica():
        assert router.db_for_read(Service) == "replica"
        assert Service.objects.all().db == "replica"
        with reading_the_replica():
            pass
        assert Service.objects.all().db == "replica"
    assert Service.objects.all().db == "default"


@pytest.mark.usefixtures("_with_a_replica")
def test_another_thread_reads_from_the_primary_meanwhile() -> None:
    seen = []
    with reading_the_replica():
        thread = threading.Thread(target=lambda: seen.append(read_alias()))
        thread.start()
        thread.join()
    assert seen == ["default"]


@pytest.mark.usefixtures("_with_a_replica")
def test_a_failure_inside_the_block_ends_it() -> None:
    with pytest.raises(ZeroDivisionError), reading_the_replica():
        raise ZeroDivisionError
    assert read_alias() == "default"


@pytest.mark.usefixtures("_with_a_replica")
def test_writes_go_to_the_primary_also_for_a_row_of_the_replica() -> None:
    site = Site()
    site._state.db = "replica"
    with reading_the_replica():
        assert router.db_for_write(Site, instance=site) == "default"
    assert router.allow_relation(site, Service())
    assert router.allow_migrate("default", "services")
    assert not router.allow_migrate("replica", "services")


def test_without_a_replica_the_primary_is_followed() -> None:
    with reading_the_replica():
        assert read_alias() == "default"
