"""Places by name, in memory."""

import pytest

from services.gazetteer import PlaceAmbiguousError, PlaceNotFoundError, gazetteer
from tests.builders import a_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _places() -> None:
    a_place("19125", 39.97, -75.12)
    a_place("Philadelphia", 39.95, -75.16, population=1_500_000)
    a_place("Philadelphia", 32.77, -89.11, region="MS", population=7_000)
    a_place("Springfield", 39.8, -89.64, region="IL", population=114_000)
    a_place("Springfield", 42.1, -72.58, region="MA", population=155_000)
    a_place("St. Louis", 38.62, -90.19, region="MO", population=300_000)
    a_place("Montréal", 45.5, -73.57, region="QC", country="CA", population=1_700_000)


@pytest.mark.parametrize("text", ["19125", " 19125 ", "19125-1234"])
def test_a_zip(text: str) -> None:
    assert gazetteer.find(text) == pytest.approx((39.97, -75.12))


@pytest.mark.parametrize(
    "text",
    [
        "Philadelphia, PA",
        "philadelphia pa",
        "PHILADELPHIA,PENNSYLVANIA",
        "Philadelphia, PA, USA",
        "Philadelphia",
    ],
)
def test_a_city_however_it_is_written(text: str) -> None:
    assert gazetteer.find(text) == pytest.approx((39.95, -75.16))


def test_the_smaller_namesake_needs_its_state() -> None:
    assert gazetteer.find("Philadelphia, MS") == pytest.approx((32.77, -89.11))


def test_short_forms_and_accents() -> None:
    assert gazetteer.find("Saint Louis, MO") == gazetteer.find("St Louis MO")
    assert gazetteer.find("montreal, quebec") == pytest.approx((45.5, -73.57))


@pytest.mark.parametrize("text", ["Springfield", "Springfield, ZZ", "Springfield, Ohio"])
def test_an_ambiguous_name_is_asked_back(text: str) -> None:
    with pytest.raises(PlaceAmbiguousError) as refusal:
        gazetteer.find(text)
    assert refusal.value.choices == ["Springfield, MA", "Springfield, IL"]


@pytest.mark.parametrize("text", ["00000", "Nowhere, PA", "", ",", "\x00", "🙂", "M5V 2T6"])
def test_what_is_not_known_is_not_repeated(text: str) -> None:
    with pytest.raises(PlaceNotFoundError) as refusal:
        gazetteer.find(text)
    assert len(text) < 2 or text not in str(refusal.value)


def test_areas_near_reach_across_a_state_line() -> None:
    a_place("Camden", 39.94, -75.12, region="NJ")
    assert gazetteer.areas_near(39.95, -75.16) == {("US", "PA"), ("US", "NJ"), ("US", "")}


def test_far_from_every_city_the_nearest_one_decides() -> None:
    assert ("CA", "QC") in gazetteer.areas_near(55, -73)


def test_city_may_be_said_or_left_out() -> None:
    a_place("New York City", 40.71, -74.0, region="NY", population=8_800_000)
    assert gazetteer.find("New York, NY") == gazetteer.find("New York City")
    assert gazetteer.find("Montréal City, QC") == gazetteer.find("Montréal")
