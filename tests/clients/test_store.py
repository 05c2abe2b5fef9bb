"""What is held: several packs, changes, and a disk that fails."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from locator_offline import PackError, Question, Store
from locator_offline.columns import column_of, height_of
from locator_offline.pack import FactBits, read
from tests.clients.worlds import REGION, a_pack, a_page, held, listed
from tests.vectors.world import NOW, the_services

SERVICES = the_services(60, seed=8)
AT = NOW.timestamp()


def here(**more: Any) -> Question:
    return Question(39.95, -75.17, AT, limit=100, **more)


def told(store: Store) -> dict[str, Any]:
    return {id_: one.told for id_, one in store.regions[REGION].services.items()}


@pytest.mark.parametrize(
    "column",
    [["a", None, "b", "a"], {"of": ["a", "b"], "is": [0, -1, 1, 0]}],
)
def test_both_long_forms_of_a_column(column: Any) -> None:
    assert height_of({"x": {"all": 1}, "y": column}) == 4
    assert column_of({"y": column}, "y", 4) == ["a", None, "b", "a"]
    assert column_of({"y": {"all": 7}}, "y", 2) == [7, 7]
    assert column_of({}, "new", 2) == [None, None]


@pytest.mark.parametrize(
    "table",
    [{"x": [1], "y": [1, 2]}, {"x": {"of": [1], "is": [1, 2]}}, {"x": {"of": 3, "is": [0]}}],
)
def test_columns_that_do_not_fit(table: Any) -> None:
    with pytest.raises(PackError):
        column_of(table, "x", height_of(table))


def test_a_table_of_one_row_may_have_no_long_column() -> None:
    assert height_of({"id": {"all": "a"}}) == 1
    assert height_of({"id": {"of": [], "is": []}}) == height_of({"id": []}) == height_of({}) == 0


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"format": "locator-pack/2"}', b"\xff"])
def test_what_is_no_pack(text: bytes) -> None:
    with pytest.raises(PackError):
        read(text, FactBits())


def test_unknown_keys_and_columns_are_passed_over() -> None:
    pack = orjson.loads(a_pack(SERVICES))
    pack["weather"], pack["services"]["colour"] = "fine", {"all": "green"}
    body = read(orjson.dumps(pack), FactBits())
    assert len(body.services) == len(SERVICES)


def test_facts_that_a_later_server_puts_between() -> None:
    facts = FactBits()
    first = read(a_pack(SERVICES), facts)
    pack = orjson.loads(a_pack(SERVICES))
    pack["facts"].insert(-1, "quiet_room")
    low, high = 1 << len(pack["facts"]) - 2, 1 << len(pack["facts"]) - 1
    for name in ("access_yes", "access_no"):
        bits = column_of(pack["services"], name, len(SERVICES))
        pack["services"][name] = [each & ~low | (high if each & low else 0) for each in bits]
    second = read(orjson.dumps(pack), facts)
    assert [(one.yes, one.no) for one in first.services.values()] == [
        (one.yes, one.no) for one in second.services.values()
    ]


def test_an_upsert_replaces_the_service_and_its_site_for_all_its_services(tmp_path: Path) -> None:
    store, site = held(tmp_path, SERVICES), SERVICES[0].properties["site"]
    moved = [
        one._replace(
            point=(50.0, -80.0), properties=one.properties | {"site": site | {"name": "!"}}
        )
        for one in SERVICES[:1]
    ]
    store.apply(REGION, a_page(moved))
    assert store.regions[REGION].sites[site["id"]].told["name"] == "!"
    assert store.regions[REGION].sites[site["id"]].lat == 50.0


def test_sites_that_nobody_uses_are_dropped(tmp_path: Path) -> None:
    store, site = held(tmp_path, SERVICES), SERVICES[0].properties["site"]["id"]
    there = [one.id for one in SERVICES if one.properties["site"]["id"] == site]
    store.apply(REGION, a_page([], there))
    assert site not in store.regions[REGION].sites


def test_what_is_hidden_leaves_the_disk(tmp_path: Path) -> None:
    store, path = held(tmp_path, SERVICES), tmp_path / f"{REGION}.pack"
    site = SERVICES[0].properties["site"]
    there = [one for one in SERVICES if one.properties["site"]["id"] == site["id"]]
    at = [
        one._replace(properties=one.properties | {"site": site | {"address": "9 Secret Lane"}})
        for one in there
    ]
    store.apply(REGION, a_page(at))
    assert b"9 Secret Lane" in path.read_bytes()
    phone_only = {**site, "address": None, "name": "By phone", "visibility": "phone_only"}
    hidden = [
        one._replace(point=None, properties=one.properties | {"site": phone_only}) for one in there
    ]
    store.apply(REGION, a_page(hidden, cursor="c3"))
    assert b"9 Secret Lane" not in path.read_bytes()
    again = Store(tmp_path)
    assert again.regions[REGION].sites == store.regions[REGION].sites
    assert told(again) == told(store)
    again.apply(REGION, a_page([], [one.id for one in there], cursor="c4"))
    assert b"By phone" not in path.read_bytes()
    assert told(Store(tmp_path)) == told(again)


def test_a_service_of_two_packs_is_found_once_as_the_later_one_tells_it(tmp_path: Path) -> None:
    store = held(tmp_path, SERVICES)
    store.apply(REGION, a_page(SERVICES[:1]))
    pack = orjson.loads(a_pack(SERVICES)) | {"region": "US-NJ"}
    pack["services"]["note"] = {"all": "of the other"}
    text = orjson.dumps(pack)
    other = listed(text)
    store.put(type(other)("US-NJ", "en", "c1", other.sha256, ""), text)
    found = store.search(here()).results
    assert len(found) == len({one.id for one in found})
    assert {one.service.told["note"] for one in found} == {"of the other"}
    store.drop("US-NJ")
    assert {one.service.told["note"] for one in store.search(here()).results} == {""}
    assert list(Store(tmp_path).regions) == [REGION]


@pytest.mark.parametrize("name", ["../x", "", "us pa", "A" * 600])
def test_a_region_is_never_a_path(tmp_path: Path, name: str) -> None:
    text = orjson.dumps(orjson.loads(a_pack(SERVICES)) | {"region": name})
    told = listed(text)
    with pytest.raises(PackError):
        Store(tmp_path).put(type(told)(name, "en", "c1", told.sha256, ""), text)


def test_a_file_that_the_disk_broke_is_passed_over(tmp_path: Path) -> None:
    held(tmp_path, SERVICES)
    path = tmp_path / f"{REGION}.pack"
    whole = path.read_bytes()
    for broken in (b"", whole[:50], whole[:-900], whole.replace(b"Main", b"Nain", 1), b"\n\n"):
        path.write_bytes(broken)
        assert not Store(tmp_path).regions
    path.write_bytes(whole)
    assert Store(tmp_path).regions


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_half_way_leaves_the_old_one(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = held(tmp_path, SERVICES)

    def crash(*_: Any) -> None:
        raise OSError("the battery is empty")

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "fsync" else Path, step, crash)
        with pytest.raises(OSError, match="battery"):
            store.apply(REGION, a_page([], [SERVICES[0].id]))
    again = Store(tmp_path)
    assert again.regions[REGION].cursor == store.regions[REGION].cursor == "c1"
    assert len(again.regions[REGION].services) == len(SERVICES)
    again.apply(REGION, a_page([], [SERVICES[0].id]))
    assert Store(tmp_path).regions[REGION].cursor == "c2"


def test_a_page_with_line_breaks_is_kept_in_one_line(tmp_path: Path) -> None:
    store = held(tmp_path, SERVICES)
    store.apply(REGION, json.dumps(orjson.loads(a_page(SERVICES[:2])), indent=1).encode())
    assert Store(tmp_path).regions[REGION].cursor == "c2"


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    assert Store(tmp_path).search(here()).results == []


def test_an_empty_store_says_that_it_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No pack is held"):
        Store(tmp_path).search(here(kinds=("methadone",)))


def test_a_fact_that_no_service_answers_may_be_wished_for(tmp_path: Path) -> None:
    silent = [one._replace(properties=one.properties | {"access": {}}) for one in SERVICES]
    found = held(tmp_path, silent).search(here(access={"asl": True, "low_barrier": True}))
    assert not found.relaxed
    assert {one.unmet for one in found.results} == {("asl", "low_barrier")}


def test_what_no_pack_knows_is_an_error(tmp_path: Path) -> None:
    store = held(tmp_path, SERVICES)
    for wish in ({"kinds": ("magic",)}, {"access": {"magic": True}}, {"mode": "broom"}):
        with pytest.raises(ValueError, match=r"magic|broom"):
            store.search(here(**wish))


def test_what_is_told_of_availability_ends_with_it(tmp_path: Path) -> None:
    store = held(tmp_path, SERVICES)
    about = {str(one.id): one.word for one in SERVICES}
    for service in store.regions[REGION].services.values():
        for at in (AT - 90_000, AT, AT + 90_000):
            word = about[service.id].at(NOW.fromtimestamp(at, NOW.tzinfo))
            told = service.availability_at(at)
            assert (told["state"], told.get("remaining")) == (word["state"], word["remaining"])


def test_a_question_has_no_repr(tmp_path: Path) -> None:
    assert "39.95" not in repr(here())
    assert "39.95" not in repr(held(tmp_path, SERVICES).search(here()))


def test_a_region_whose_name_is_longer_than_that_of_a_file(tmp_path: Path) -> None:
    region = ".".join(f"US-{number:02}" for number in range(59))
    pack = a_pack(SERVICES).replace(b'"US-PA"', f'"{region}"'.encode(), 1)
    Store(tmp_path).put(replace(listed(pack), region=region), pack)
    assert list(Store(tmp_path).regions) == [region]
    store = Store(tmp_path)
    store.drop(region)
    assert not list(tmp_path.iterdir())


def test_to_name_all_kinds_is_to_name_none(tmp_path: Path) -> None:
    store = held(tmp_path, [])
    assert store.search(here(kinds=store.kinds[::-1])).relaxed == []
    assert store.search(here(kinds=store.kinds[:1])).relaxed == ["kinds"]
