"""Searches from where no service is near: exact as any other, and no dearer."""

import itertools
import math
import random

import pytest

from services.geodesy import geodesic_m
from services.index import SearchIndex
from services.index.columns import earth_point
from services.index.walk import FARTHEST_M, over_ground_m
from tests.listed import NOW
from tests.services.index.test_cases import MANY, a_query, packed, services_with_hours
from tests.services.index.work import walked

# London, off Ghana, Perth, about opposite the services, and a walk across Manitoba.
FAR = [(51.5, -0.1), (0.0, 0.0), (-32.0, 116.0), (-39.9, 104.9), (56.0, -97.0)]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_from_afar_little_is_looked_at_and_nothing_missed(share: float) -> None:
    services = services_with_hours(share)
    index, loose = packed(services), SearchIndex(NOW)
    loose.put(services)
    for (lat, lon), mode in itertools.product(FAR, ("walk", "drive")):
        query = a_query(lat=lat, lon=lon, mode=mode, areas=frozenset())
        found = [(hit.id, hit.expected_minutes) for hit in index.find(query)]
        assert found == [(hit.id, hit.expected_minutes) for hit in loose.find(query)]
        assert walked(index, query)[1]["services"] < 0.75 * MANY  # all are within some 500 km


def test_no_way_is_shorter_than_what_its_straight_line_promises() -> None:
    dice = random.Random(4)
    for _ in range(20_000):
        here, there = [(dice.uniform(-90, 90), dice.uniform(-180, 180)) for _ in range(2)]
        straight = math.dist(earth_point(*here), earth_point(*there))
        way, promised = geodesic_m(*here, *there), over_ground_m(straight)
        assert promised <= way * (1 + 1e-9)
        assert promised > min(way, FARTHEST_M) * 0.95
