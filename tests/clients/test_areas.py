"""The searcher's areas are those that the server's gazetteer finds."""

import random

import numpy as np

from locator_offline.areas import areas_near
from locator_offline.pack import Town
from services.gazetteer import Gazetteer, _Places

TOWNS = (
    Town(39.95, -75.17, ("US", "PA")),
    Town(39.93, -75.12, ("US", "NJ")),
    Town(45.0, -75.0, ("CA", "ON")),
    Town(51.9, 179.8, ("RU", "CHU")),
    Town(52.0, -179.7, ("US", "AK")),
    Town(89.9, 10.0, ("NO", "SJ")),
)


def the_gazetteer(all_towns: tuple[Town, ...] = TOWNS) -> Gazetteer:
    towns, made = sorted(all_towns, key=lambda town: town.lat), Gazetteer()
    points = np.array([(town.lat, town.lon) for town in towns])
    areas = [town.area for town in towns]
    made._places = _Places({"0": (0.0, 0.0)}, {}, points, np.arange(len(towns)), areas)
    return made


def test_they_are_those_of_the_gazetteer() -> None:
    dice, gazetteer = random.Random(1), the_gazetteer()
    for _ in range(300):
        town = dice.choice(TOWNS)
        lat = min(90.0, town.lat + dice.gauss(0, dice.choice([0.3, 20])))
        lon = (town.lon + dice.gauss(0, dice.choice([0.4, 60])) + 180) % 360 - 180
        assert areas_near(TOWNS, lat, lon) == gazetteer.areas_near(lat, lon)


def test_across_the_date_line() -> None:
    both = {("RU", "CHU"), ("RU", ""), ("US", "AK"), ("US", "")}
    assert areas_near(TOWNS, 51.95, -179.95) == both
    assert areas_near([], 0.0, 0.0) == frozenset()


def test_areas_that_share_the_nearest_mark_all_count_in_whatever_order() -> None:
    """Towns are told to a third of a degree, and packs may be held in any order."""
    towns = (*TOWNS, Town(45.0, -75.0, ("CA", "QC")))
    both = {("CA", "ON"), ("CA", "QC"), ("CA", "")}
    for told in (towns, towns[::-1]):
        assert areas_near(told, 46.0, -76.0) == both
        assert the_gazetteer(told).areas_near(46.0, -76.0) == both
