"""Searches from where no service is near: exact as any other, and no dearer."""

import dataclasses
import datetime as dt
import itertools
import math
import random
import uuid
from collections import defaultdict
from collections.abc import Callable

import pytest

from services.geodesy import EQUATOR_M, geodesic_m
from services.index import Query, SearchIndex
from services.index.asking import ask_of
from services.index.bounds import bounds_of, node_minutes, slot_minutes
from services.index.columns import earth_point
from services.index.ground import FAR_M, FARTHEST_M, Tangent, over_ground_m, tangent_at
from services.index.tree import MANY_ZONES
from services.listing import ListedService
from services.ranking import HORIZON_MINUTES, SPEED_KMH, travel_minutes
from services.vocabulary import HoursType, Kind
from tests.listed import NOW, ZONES, a_word
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
        assert ids_and_costs(index, query) == ids_and_costs(loose, query)
        assert walked(index, query)[1]["services"] < 0.75 * MANY  # all are within some 500 km


def of_places(share: float) -> list[ListedService]:
    """Services of which this share has known hours, in time zones that lie beside each other.

    Of some the hours of the door are known, and those of intake are not.
    """
    made = []
    for number, service in enumerate(services_with_hours(share)):
        west = service.point is not None and service.point[1] < -75.17
        told = dict(service.schedules)
        if told and number % 3 == 0:
            told[HoursType.INTAKE] = None
        made.append(service._replace(time_zone=ZONES[west], schedules=told))
    return made


def alike(services: list[ListedService]) -> list[ListedService]:
    word = a_word(random.Random(1))
    return [service._replace(kind=Kind.DETOX, word=word) for service in services]


def ids_and_costs(index: SearchIndex, query: Query) -> list[tuple[uuid.UUID, float]]:
    return [(hit.id, hit.expected_minutes) for hit in index.find(query)]


def test_about_a_morning_that_has_begun_in_the_east_the_west_is_passed_over() -> None:
    """There doors of unknown hours are closed; with a bound that takes them for open, few are."""
    index = packed(alike(of_places(0.0)))
    begun = NOW.replace(hour=14, minute=30) + dt.timedelta(days=1)
    for lat, lon in FAR:
        query = a_query(lat=lat, lon=lon, at=begun, areas=frozenset())
        assert walked(index, query)[1]["weighed"] < 0.2 * MANY


def test_a_node_knows_the_time_zone_that_all_of_it_is_in() -> None:
    shelves = packed(of_places(0.5))._shelving.shelves
    tree, zones = shelves.tree, defaultdict[int, set[int]](set)
    for slot, leaf in enumerate(tree.leaf_of.tolist()):
        number = leaf
        while number >= 0:
            zones[number].add(int(shelves.rows[slot]["zone"]))
            number = int(tree.nodes[number]["parent"])
    told = [MANY_ZONES if len(zones[n]) > 1 else min(zones[n]) for n in range(len(tree.nodes))]
    assert tree.zones.tolist() == told
    assert {MANY_ZONES, 0, 1} == set(told)


def test_a_service_that_moves_to_another_time_zone_is_found_there() -> None:
    services = alike(of_places(0.0))
    index, loose = packed(services), SearchIndex(NOW)
    moved = [service._replace(time_zone=ZONES[0]) for service in services]
    loose.put(moved)
    index.put(moved)
    for hour in (3, 14):
        at = NOW.replace(hour=hour) + dt.timedelta(days=1)
        query = a_query(at=at, areas=frozenset(), limit=100)
        assert ids_and_costs(index, query) == ids_and_costs(loose, query)


def any_pair(dice: random.Random) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two places: anywhere, about as far apart as FAR_M, or nearly opposite on the globe."""
    lat, lon = dice.uniform(-90, 90), dice.uniform(-180, 180)
    apart = dice.choice(["anywhere", "far", "opposite"])
    if apart == "anywhere":
        return (lat, lon), (dice.uniform(-90, 90), dice.uniform(-180, 180))
    if apart == "far":  # 16 degrees are about 1,800 km
        angle, turn = dice.uniform(14, 18), dice.uniform(0, 2 * math.pi)
        east = angle * math.sin(turn) / max(0.1, math.cos(math.radians(lat)))
        return (lat, lon), (max(-90, min(90, lat + angle * math.cos(turn))), lon + east)
    near = dice.choice([0.001, 0.1, 1.0, 5.0])
    return (lat, lon), (
        max(-90, min(90, -lat + dice.uniform(-near, near))),
        lon + 180 + dice.uniform(-near, near),
    )


def test_no_way_is_shorter_than_what_its_straight_line_promises() -> None:
    """Whatever line the tangent is best for; and there it promises nearly all."""
    dice = random.Random(4)
    for _ in range(30_000):
        here, there = any_pair(dice)
        straight = math.dist(earth_point(*here), earth_point(*there))
        way, promised = geodesic_m(*here, *there), over_ground_m(straight, tangent_at(straight))
        assert promised <= way * (1 + 1e-9)
        assert promised > min(way, FARTHEST_M) * 0.95
        for touches in (0.0, FAR_M, dice.uniform(FAR_M, 2 * EQUATOR_M), 2 * EQUATOR_M):
            assert over_ground_m(straight, tangent_at(touches)) <= way * (1 + 1e-9)


@pytest.mark.parametrize("later", [dt.timedelta(minutes=2), dt.timedelta(days=8, hours=-2)])
@pytest.mark.parametrize("wishes", [{}, {"open_now": True, "strict": True}])
def test_no_service_costs_less_than_what_is_promised_of_it_and_of_all_nodes_above_it(
    later: dt.timedelta, wishes: dict[str, bool]
) -> None:
    """Near, far, and from where doors of known hours are just reached before the horizon, or not.

    Between 70.2 and 73.8 hours away, and so on: whoever is later finds them closed.
    """
    index = packed(of_places(0.5))
    horizon_m = HORIZON_MINUTES / travel_minutes(1.0, SPEED_KMH["walk"])
    off_m = [0.0, *(horizon_m * (1 + step / 80) for step in range(-2, 3)), 4_000_000.0]
    for metres, far_too in itertools.product(off_m, (False, True)):
        lat = 39.95 - metres / 111_000
        asked = {"lat": lat, "lon": -75.17, "at": NOW + later, "mode": "walk"}
        query = a_query(areas=frozenset(), **asked, **wishes)
        costs = {
            index._shelving.slot_of(hit.id): hit.expected_minutes
            for hit in index.find(dataclasses.replace(query, limit=MANY))
            if hit.distance_m is not None
        }
        assert costs
        bounds = promises(index, query, tangent_at(FAR_M if far_too else 0.0))
        for slot, cost in costs.items():
            assert slot is not None
            assert all(least <= cost * (1 + 1e-9) for least in bounds(slot))


def promises(index: SearchIndex, query: Query, tangent: Tangent) -> Callable[[int], list[float]]:
    """The bounds of a slot, and of the nodes above it."""
    standing = index._standing(query.at, index._shelving.schedules.openings(query.at))
    shelves, outlook, ask = standing.shelves, standing.outlook, ask_of(query)
    bounds = bounds_of(outlook, ask, standing.zone_chance)._replace(tangent=tangent)
    tree = shelves.tree

    def told(slot: int) -> list[float]:
        least = [slot_minutes(slot, shelves, outlook, ask, bounds)]
        number = tree.leaf_of[slot]
        while number >= 0:
            least.append(node_minutes(number, tree, outlook, ask, bounds))
            number = tree.nodes[number]["parent"]
        return least

    return told
