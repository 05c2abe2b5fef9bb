"""Packs are built of one snapshot, signed, the same byte for byte, and only when they must be."""

import base64
import datetime as dt
import gzip
import hashlib
import inspect
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from services import tasks
from services.changes import cursor as cursors
from services.changes.moves import hold_now
from services.gazetteer import gazetteer
from services.hours import Schedule
from services.index.columns import fact_bits
from services.listing import listed_services
from services.models import Pack, Service, Site
from services.packs import due
from services.packs.body import bodies_of
from services.packs.building import Snapshot, pack_bodies, services_in, squeezed
from services.packs.making import made_by, sources
from services.packs.regions import PackRegion
from services.packs.round import LOCK, build_due
from services.packs.signing import public_key
from services.tasks import build_packs
from tests.builders import a_place, a_report, a_service, a_site, an_organization
from tests.services.changes.reading import settled
from tests.services.changes.test_paging import Slowly

pytestmark = pytest.mark.django_db(transaction=True)


def built(now: dt.datetime | None = None) -> list[str]:
    settled()
    return build_due(now=now or timezone.now()).built


def body(pack: Pack) -> Any:
    return orjson.loads(gzip.decompress(pack.body))


def the_pack(language: str = "en", country: str = "US") -> Pack:
    return Pack.objects.get(language=language, region__startswith=country)


def test_a_pack_holds_what_is_listed_in_every_language() -> None:
    listed = a_service()
    a_service(retired_at=timezone.now())
    a_place("Philadelphia", 39.95, -75.16)
    assert len(built()) == 1
    assert Pack.objects.count() == len(project.LANGUAGES)
    for pack in Pack.objects.all():
        told = body(pack)
        assert told["services"]["id"] == {"all": listed.pk.hex}
        assert (told["language"], told["cursor"]) == (pack.language, pack.cursor)
        assert (pack.services, pack.sites) == (1, 1)
        assert told["towns"] == [{"area": ["US", "PA"], "rows": [[120, -225]]}]
    assert body(the_pack("es"))["labels"] != body(the_pack("en"))["labels"]


def test_it_is_signed_and_its_size_is_told() -> None:
    a_service()
    built()
    pack = the_pack()
    told = gzip.decompress(pack.body)
    assert (len(told), len(pack.body)) == (pack.bytes, pack.bytes_gzip)
    assert hashlib.sha256(told).hexdigest() == pack.sha256
    text = f"locator-pack/1\n{pack.region}\nen\n{pack.cursor}\n{pack.sha256}\n"
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key()))
    key.verify(base64.b64decode(pack.signature), text.encode())


def test_the_same_services_and_cursor_give_the_same_bytes() -> None:
    for _ in range(5):
        a_service(hours="Mo-Fr 09:00-17:00; PH off")
    region = PackRegion("US", ("PA",))
    at = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    bodies = set()
    for _ in range(3):
        services, towns = services_in(region.areas), gazetteer.towns_in(region.areas)
        snapshot = Snapshot(region, services, towns, at, (7, 9), "cursor")
        bodies.add(squeezed(pack_bodies(snapshot, ["en"])["en"]))
    assert len(bodies) == 1


def test_only_regions_that_changed_are_built_again(settings: Any) -> None:
    one = a_service()
    a_service(a_site(region="ON", country="CA", time_zone="America/Toronto"))
    assert len(built()) == 2
    assert built() == []
    a_report(one)
    assert [region[:2] for region in built()] == ["US"]
    tomorrow = timezone.now() + dt.timedelta(days=1, minutes=1)
    assert len(built(tomorrow)) == 2
    tomorrow += dt.timedelta(seconds=1)
    settings.PACK_SIGNING_KEY = base64.b64encode(bytes(32)).decode()
    assert len(built(tomorrow)) == 2
    assert the_pack().made_by == made_by()


def test_a_pack_of_another_history_is_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failover its cursor is refused: phones would be led in a circle."""
    a_service()
    built()
    assert built() == []
    monkeypatch.setattr(cursors, "lineage", lambda: "1/2/3 0 timeline-00000002")
    assert built() == [the_pack().region]
    pack, now = the_pack(), timezone.now()
    cursors.cursor_from(pack.cursor, pack.region, now).check(cursors.history_now(), now)


@pytest.mark.parametrize("part", [cursors.Cursor, fact_bits, Schedule, listed_services, bodies_of])
def test_a_pack_is_built_again_with_other_code(part: Any) -> None:
    assert Path(inspect.getfile(part)) in sources()


def test_an_organization_changes_only_the_regions_of_its_sites() -> None:
    organization = an_organization()
    a_service(a_site(organization=organization))
    a_service(a_site(region="ON", country="CA", time_zone="America/Toronto"))
    built()
    organization.name = "Another name"
    organization.save()
    assert [region[:2] for region in built()] == ["US"]
    an_organization()
    assert built() == []


def test_a_pack_goes_on_where_its_cursor_says() -> None:
    service = a_service(name="before")
    built()
    pack = the_pack()
    assert pack.xid > 0
    Service.objects.filter(pk=service.pk).update(name="after")
    built()
    assert (the_pack().xid, the_pack().change) > (pack.xid, pack.change)
    assert body(the_pack())["services"]["name"] == {"all": "after"}


def test_a_pack_waits_while_somebody_writes_who_may_not_have_seen_a_move(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = a_service()
    built()
    monkeypatch.setattr(due, "PATIENCE_S", 0)
    slow = Slowly(a_service)
    Site.objects.filter(pk=service.site_id).update(region="NJ")
    a = hold_now(0)
    assert a.until > 0
    assert build_due(now=timezone.now() + dt.timedelta(days=2)).built == []
    slow.commit()
    monkeypatch.setattr(due, "PATIENCE_S", 20)
    assert len(built()) == 1


def test_regions_that_are_none_any_more_are_forgotten() -> None:
    a_service()
    built()
    known = the_pack()
    Pack.objects.update(areas=[["US", "PA"], ["US", ""]], region="US-PA")
    assert built() == [known.region]
    assert set(Pack.objects.values_list("region", flat=True)) == {known.region}


def test_one_worker_builds_at_a_time() -> None:
    a_service()
    settled()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert build_packs() == 0
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    other.close()
    assert build_packs() == 1


def test_a_command_builds_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    a_service()
    settled()
    call_command("build_packs")
    assert "1 services" in capsys.readouterr().out
    call_command("build_packs", "--all")
    assert "1 regions built." in capsys.readouterr().out


@pytest.mark.parametrize("key", ["", "AAAA", "no base64!"])
def test_a_key_that_is_none_is_refused_without_telling_it(key: str, settings: Any) -> None:
    settings.PACK_SIGNING_KEY = key
    with pytest.raises(ImproperlyConfigured) as refused:
        public_key()
    assert key == "" or key not in str(refused.value)


def test_a_round_goes_on_where_its_time_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    a_service()
    a_service(a_site(region="ON", country="CA", time_zone="America/Toronto"))
    settled()
    sent: list[str] = []
    monkeypatch.setattr(build_packs, "delay", sent.append)
    monkeypatch.setattr(tasks, "PACKS_STEP_S", -1.0)
    assert build_packs() == 1
    a_service()  # in the region that is built: not twice in one round
    settled()
    assert build_packs(sent[0]) == 1
    assert len(sent) == 1
    assert Pack.objects.values("region").distinct().count() == 2
