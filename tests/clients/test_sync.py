"""Taking packs and changes over bad lines, and believing only what is signed."""

import dataclasses
import gzip
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from locator_offline import (
    KeyChangedError,
    NetworkError,
    PackError,
    ReportQueue,
    Store,
    Sync,
    Transport,
)
from services.listing import ListedService
from tests.clients.faults import running
from tests.clients.pack_server import Offered, PackServer
from tests.clients.signing import public_key
from tests.clients.test_ranking_vectors import question_of
from tests.clients.worlds import REGION, a_pack, a_page, listed
from tests.vectors.cases import PLAIN
from tests.vectors.world import NOW, the_services

SERVICES = the_services(40, seed=3)
HERE = PLAIN | {"lat": 39.95, "lon": -75.17, "at": NOW.timestamp(), "limit": 1000}


def an_offer(services: Sequence[ListedService] = SERVICES, cursor: str = "c1") -> Offered:
    pack = a_pack(services, cursor)
    return Offered(listed(pack, cursor), pack, tag=f'"{cursor}"')


@pytest.fixture
def server() -> Iterator[PackServer]:
    with running(PackServer(an_offer())) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "phone")


def sync(store: Store, server: PackServer, **options: Any) -> Sync:
    options = {"clock": NOW.timestamp} | options
    return Sync(store, Transport(server.address, timeout_s=5), **options)


def ids(store: Store) -> set[str]:
    return {one.id for one in store.search(question_of(HERE | {"kinds": []})).results} | {
        one.service.id for one in store.world.elsewhere
    }


def all_of(services: Sequence[ListedService]) -> set[str]:
    return {str(one.id) for one in services}


@pytest.mark.parametrize("compressed", [True, False])
def test_a_pack_is_taken_once(store: Store, server: PackServer, compressed: bool) -> None:
    server.compressed = compressed
    mine = sync(store, server)
    assert [(one.region, one.name) for one in mine.offers()] == [(REGION, "Pennsylvania")]
    assert mine.take(REGION)
    assert ids(store) == all_of(SERVICES)
    assert not sync(Store(store.folder), server).take(REGION)
    first, *_, last = server.asked
    assert "If-None-Match" not in first.headers
    assert last.headers["If-None-Match"] == '"c1"'
    assert server.asked[-2].headers["If-None-Match"]  # of the list


def test_a_broken_line_is_taken_up_where_it_broke(store: Store, server: PackServer) -> None:
    server.cuts.extend([1_000, 700, 0])
    for _ in range(3):
        with pytest.raises(NetworkError):
            sync(Store(store.folder), server).take(REGION)
    assert sync(store, server).take(REGION)
    ranges = [one.headers.get("Range") for one in server.asked if one.path.endswith("US-PA/")]
    assert ranges == [None, "bytes=1000-", "bytes=1700-", "bytes=1700-"]
    assert ids(store) == all_of(SERVICES)
    assert sorted(path.name for path in store.folder.iterdir()) == [
        "US-PA.pack",
        "packs.en.json",
        "public.key",
    ]


def test_a_pack_that_was_replaced_meanwhile_is_begun_anew(store: Store, server: PackServer) -> None:
    server.cuts.append(1_000)
    with pytest.raises(NetworkError):
        sync(store, server).take(REGION)
    server.offered = an_offer(SERVICES[:10], "c9")
    assert sync(store, server).take(REGION)
    assert ids(store) == all_of(SERVICES[:10])


def test_a_forged_pack_is_not_held(store: Store, server: PackServer) -> None:
    assert sync(store, server).take(REGION)
    forged = an_offer(SERVICES[:5], "c2")
    forged.listed = dataclasses.replace(forged.listed, signature=server.offered.listed.signature)
    server.offered = forged
    with pytest.raises(PackError, match="signed"):
        sync(store, server).take(REGION)
    assert ids(store) == ids(Store(store.folder)) == all_of(SERVICES)


def test_a_pack_with_another_content_is_not_held(store: Store, server: PackServer) -> None:
    server.offered.pack = server.offered.pack.replace(b"Main St", b"Main Rd")
    with pytest.raises(PackError, match="SHA-256"):
        sync(store, server).take(REGION)
    assert not store.regions


def test_a_pack_larger_than_listed_is_not_unpacked(store: Store, server: PackServer) -> None:
    server.compressed = False
    mine = sync(store, server)
    offer = mine._offer_of(REGION)
    with pytest.raises(PackError, match="larger"):
        mine._take(dataclasses.replace(offer, size=1_000, packed=500), anew=False)


def test_another_key_is_not_believed(store: Store, server: PackServer) -> None:
    sync(store, server).take(REGION)
    server.offered.key = public_key(b"x" * 32)
    with pytest.raises(KeyChangedError):
        sync(store, server).offers()
    with pytest.raises(KeyChangedError):
        sync(store, server, public_key=public_key(b"y" * 32)).offers()


@pytest.mark.parametrize("told", [b'{"ok": true}', b'{"public_key": "bm8=", "packs": []}', b"[]"])
def test_what_is_no_list_is_a_fault_of_the_network(
    store: Store, server: PackServer, told: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a sign-in page neither a region that is gone is believed, nor a key."""
    with monkeypatch.context() as patch:
        patch.setattr(server, "list", lambda: told)
        with pytest.raises(NetworkError):
            sync(store, server).take(REGION)
    assert sync(store, server).take(REGION)


def test_a_key_in_base64_is_refused_as_such(store: Store, server: PackServer) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sync(store, server, public_key=b"yZ8s7NyEp6LcLxGIepGPpz/LJ2Tp7Wf3g7N4InLE7E4=")


def test_a_region_that_is_not_held_cannot_be_followed(store: Store, server: PackServer) -> None:
    with pytest.raises(KeyError, match="take it first"):
        sync(store, server).follow(REGION)


def test_a_region_that_ended_keeps_no_other_from_being_followed(
    store: Store, server: PackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, followed = sync(store, server), list[str]()
    mine.take(REGION)
    store.regions = {"US-ENDED": store.regions[REGION], **store.regions}

    def follow(region: str) -> int:
        followed.append(region)
        if region == "US-ENDED":
            raise LookupError(region)
        return 0

    monkeypatch.setattr(mine, "follow", follow)
    with pytest.raises(LookupError, match="US-ENDED"):
        mine.update()
    assert followed == ["US-ENDED", REGION]


def test_changes_are_taken_until_there_are_no_more(store: Store, server: PackServer) -> None:
    server.offered = an_offer(SERVICES[:20])
    sync(store, server).take(REGION)
    gone = [one.id for one in SERVICES[:5]]
    server.pages = {
        "c1": (200, a_page(SERVICES[20:30], gone, cursor="c2", more=True)),
        "c2": (200, a_page(SERVICES[30:], cursor="c3")),
        "c3": (200, a_page([], cursor="c3")),
    }
    assert sync(store, server).follow(REGION) == 10 + 5 + 10
    assert ids(store) == ids(Store(store.folder)) == all_of(SERVICES[5:])
    sync(Store(store.folder), server).update()
    assert server.asked[-1].query["cursor"] == ["c3"]
    assert Store(store.folder).regions[REGION].cursor == "c3"


@pytest.mark.parametrize("cut", [slice(0, 60), slice(30, None)])
def test_a_page_that_cannot_be_unpacked_changes_nothing(
    store: Store, server: PackServer, cut: slice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(store, server).take(REGION)
    server.pages = {"c1": (200, a_page(SERVICES[:3]))}
    whole = gzip.compress
    monkeypatch.setattr(gzip, "compress", lambda data, **_: whole(data)[cut])
    with pytest.raises(NetworkError):
        sync(store, server).follow(REGION)
    assert store.regions[REGION].cursor == "c1"


def test_a_page_twice_does_no_harm(store: Store, server: PackServer) -> None:
    sync(store, server).take(REGION)
    page = a_page(SERVICES[:8], [one.id for one in SERVICES[30:]])
    store.apply(REGION, page)
    once = ids(store)
    store.apply(REGION, page)
    assert ids(store) == once == all_of(SERVICES[:30])


@pytest.mark.parametrize("status", [410, 400, 404])
def test_a_cursor_that_is_too_old_leads_to_the_pack(
    status: int, store: Store, server: PackServer
) -> None:
    with closing(ReportQueue(store.folder / "reports.sqlite3")) as queue:
        report = queue.add(str(SERVICES[0].id), "full")
    sync(store, server).take(REGION)
    server.offered = an_offer(SERVICES[:7], "c5")
    server.pages = {"c1": (status, b"{}"), "c5": (200, a_page([], cursor="c5"))}
    sync(store, server).follow(REGION)
    assert ids(store) == all_of(SERVICES[:7])
    with closing(ReportQueue(store.folder / "reports.sqlite3")) as queue:
        assert [one.id for one in queue.waiting()] == [report]


def test_a_pack_half_used_up_is_taken_anew(store: Store, server: PackServer) -> None:
    """Its hours are told for 120 days; a page of changes tells those of what changed alone."""
    sync(store, server).take(REGION)
    server.pages = {one: (200, a_page([], cursor=one)) for one in ("c1", "c7")}
    later = NOW.timestamp() + 61 * 86_400
    sync(store, server, clock=lambda: later).follow(REGION)  # there is no other yet
    server.offered = an_offer(SERVICES[:7], "c7")
    sync(store, server).follow(REGION)
    assert ids(store) == all_of(SERVICES)
    sync(store, server, clock=lambda: later).follow(REGION)
    assert ids(store) == all_of(SERVICES[:7])


def test_the_language_that_the_pack_is_told_in_is_signed(store: Store, server: PackServer) -> None:
    """Who asks for Basque gets English."""
    server.pages = {"c1": (200, a_page([], cursor="c1"))}
    basque = sync(store, server, language="eu")
    assert basque.take(REGION)
    assert Store(store.folder).regions[REGION].listed.language == "en"
    basque.follow(REGION)
    assert [one.path for one in server.asked[2:]] == ["/api/v1/changes/"]


def test_another_language_is_another_pack(store: Store, server: PackServer) -> None:
    server.pages = {"c1": (200, a_page([], cursor="c1"))}
    sync(store, server).take(REGION)
    sync(Store(store.folder), server, language="fr").follow(REGION)
    *_, pack, page = server.asked
    assert (pack.path, pack.query["language"]) == (f"/api/v1/packs/{REGION}/", ["fr"])
    assert "If-None-Match" not in pack.headers
    assert page.path == "/api/v1/changes/"


def test_a_server_that_never_takes_a_cursor_is_not_asked_for_ever(
    store: Store, server: PackServer
) -> None:
    sync(store, server).take(REGION)
    server.pages = {"c1": (410, b"{}")}
    with pytest.raises(NetworkError, match="410"):
        sync(store, server).follow(REGION)


def test_a_broken_page_changes_nothing(store: Store, server: PackServer) -> None:
    sync(store, server).take(REGION)
    server.pages = {"c1": (200, a_page(SERVICES[:3], cursor="c2").replace(b'"kind":', b'"x":'))}
    before = (store.folder / "US-PA.pack").read_bytes()
    with pytest.raises(PackError):
        sync(store, server).follow(REGION)
    assert (store.folder / "US-PA.pack").read_bytes() == before
    assert ids(store) == all_of(SERVICES)


def test_a_region_that_is_none_any_more(store: Store, server: PackServer) -> None:
    with pytest.raises(LookupError):
        sync(store, server).take("US-XX")


def test_a_search_makes_no_request(
    store: Store, server: PackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(store, server).take(REGION)

    def refused(*_: Any, **__: Any) -> None:
        pytest.fail("a search must not use the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    assert Store(store.folder).search(question_of(HERE)).results


def test_no_request_tells_a_position(store: Store, server: PackServer) -> None:
    server.pages = {"c1": (200, a_page([], cursor="c1"))}
    sync(store, server).take(REGION)
    store.search(question_of(HERE))
    sync(store, server).update()
    told = {name for one in server.asked for name in one.query}
    assert told == {"language", "cursor", "region", "limit"}
