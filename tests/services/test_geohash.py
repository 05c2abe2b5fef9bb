"""Geohash cells, against published examples."""

import pytest

from services.geohash import cell_of


def test_a_published_example() -> None:
    cell = cell_of("ezs42")  # 42.605, -5.603, from the encoding's description
    assert cell.middle == pytest.approx((42.605, -5.603), abs=1e-3)


@pytest.mark.parametrize("text", ["", "a", "dr5r!", "DR5", "il"])
def test_other_letters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a geohash"):
        cell_of(text)


def test_a_cell_reaches_to_its_corners() -> None:
    assert 95 < cell_of("dr4").reach_km < 110  # 156 km wide at the equator, less here
