"""Regions of packs: states with enough services alone, the others united with neighbours."""

import datetime as dt

import pytest
from django.utils import timezone

from services.packs.neighbours import REGIONS, neighbours_in
from services.packs.regions import ENOUGH, PackRegion, all_united, is_right, pack_regions, united
from tests.builders import a_service, a_site

DAKOTAS = {"ND": {"SD", "MN"}, "SD": {"ND", "MN"}, "MN": {"ND", "SD"}}


@pytest.mark.parametrize("country", ["US", "CA"])
def test_every_region_has_neighbours_that_are_regions(country: str) -> None:
    beside = neighbours_in(country)
    assert set(beside) == set(REGIONS[country])
    assert all(others <= set(REGIONS[country]) for others in beside.values())
    assert all(region not in others for region, others in beside.items())


def test_a_region_with_enough_stays_alone() -> None:
    assert united({"ND": 50, "SD": 160, "MN": 300}, DAKOTAS) == [("MN",), ("ND", "SD")]


def test_it_goes_on_until_all_have_enough_or_one_is_left() -> None:
    assert united({"ND": 50, "SD": 60, "MN": 70}, DAKOTAS) == [("MN", "ND", "SD")]
    assert united({"ND": 1}, DAKOTAS) == [("ND",)]
    assert united({}, {}) == [()]


def test_what_lies_beside_nothing_joins_the_smallest() -> None:
    assert united({"A": 1, "B": 300, "C": 250}, {}) == [("A", "C"), ("B",)]


def test_every_state_is_in_one_region_and_names_it() -> None:
    counts = {("US", "PA"): 900, ("US", "NJ"): 300, ("US", ""): 5, ("CA", "ON"): 3}
    regions = all_united(counts)
    held = [area for region in regions for area in region.areas if area[1]]
    assert len(held) == len(set(held)) == len(REGIONS["US"]) + len(REGIONS["CA"])
    assert all(region.areas[-1] == (region.country, "") for region in regions)
    assert PackRegion("US", ("PA",)) in regions
    assert PackRegion("US", ("ND", "SD")).id == "US-ND.US-SD"
    assert PackRegion("US", ("ND", "SD")).name == "North Dakota, South Dakota"


def test_regions_stay_while_they_are_right() -> None:
    counts = {("US", region): 250 for region in REGIONS["US"]} | {("US", "ND"): 90}
    regions = all_united(counts)
    assert is_right(regions, counts)
    fewer = {area: 150 + n for n, area in enumerate(sorted(counts))}
    assert not is_right(regions, fewer)
    more = counts | {("US", "ND"): ENOUGH}
    assert not is_right(regions, more)
    assert not is_right(regions, counts | {("US", "XX"): 1})


@pytest.mark.django_db
def test_without_packs_they_are_united_now() -> None:
    now = timezone.now()
    a_service()
    a_service(a_site(region="ON", country="CA", time_zone="America/Toronto"))
    regions, united_at = pack_regions(now)
    assert [region.country for region in regions] == ["CA", "US"]
    assert united_at == now
    assert now - united_at < dt.timedelta(days=1)
