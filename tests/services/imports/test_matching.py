import itertools
import random
import uuid

from services.imports.matching import candidate, match, sameness
from services.imports.phones import Number
from services.imports.readings import Address, Offer, Reading, Spot
from services.vocabulary import Kind

HERE = Spot(39.96, -75.15, "street", "America/New_York")
CENTROID = Spot(39.965, -75.149, "postal_code", "America/New_York")


def a_reading(
    organization: str = "Shelby County Treatment Center",
    street: str = "750 Highway 31 South",
    *,
    zip_: str = "19123",
    spot: Spot = CENTROID,
    phone: str = "",
    kind: Kind | None = None,
    name: str = "",
) -> Reading:
    return Reading(
        organization=organization,
        name=name or organization,
        address=Address(street, "", "Philadelphia", "PA", zip_, "US"),
        spot=spot,
        phones=(Number(phone, "", "main"),) if phone else (),
        offers={kind.value: Offer()} if kind else {},
    )


def same(one: Reading, other: Reading) -> bool:
    pair = (candidate(("a", "1"), one), candidate(("b", "1"), other))
    assert sameness(*pair) == sameness(*reversed(pair))
    return bool(sameness(*pair))


def test_name_and_address_together_make_it_the_same() -> None:
    other = a_reading("Shelby County Treatment Center (SCTC)", "750 Hwy 31 S, Suite 2", spot=HERE)
    assert same(a_reading(), other)


def test_another_organization_in_the_same_house_stays_apart() -> None:
    assert not same(a_reading(), a_reading("Hope Pediatrics"))


def test_the_same_organization_at_another_address_stays_apart() -> None:
    assert not same(a_reading(), a_reading(street="752 Highway 31 South"))
    assert not same(a_reading(street="100 North Broad St"), a_reading(street="100 South Broad St"))


def test_the_same_number_behind_the_same_door_is_the_same() -> None:
    assert same(a_reading(phone="+12152040100"), a_reading("SCTC LLC", phone="+12152040100"))


def test_two_opioid_treatment_programs_behind_one_door_are_one() -> None:
    legal, trade = a_reading("TTC, LLC", kind=Kind.METHADONE), a_reading(kind=Kind.METHADONE)
    assert same(legal, trade)
    assert not same(a_reading("TTC, LLC"), trade)


def test_the_same_address_in_another_state_is_another() -> None:
    elsewhere = a_reading()
    address = Address("750 Highway 31 South", "", "Philadelphia", "MS", "19123", "US")
    moved = Reading(elsewhere.organization, elsewhere.name, address, CENTROID)
    assert not same(elsewhere, moved)


def test_near_points_match_across_postal_codes() -> None:
    near = Spot(39.9605, -75.1502, "street", "America/New_York")
    one, other = a_reading(spot=HERE), a_reading(zip_="19122", spot=near)
    assert same(one, other)


def test_the_result_does_not_depend_on_the_order_of_rows() -> None:
    readings = [
        a_reading(name, street, kind=Kind.METHADONE if number % 2 else None)
        for number, (name, street) in enumerate(
            itertools.product(
                ["Shelby County Treatment Center", "Shelby Treatment Ctr Inc", "TTC LLC"],
                ["750 Highway 31 South", "750 Hwy 31 S", "751 Highway 31 South"],
            )
        )
    ]
    everyone = [candidate(("a", f"{at}"), reading) for at, reading in enumerate(readings)]
    results = set()
    for seed in range(20):
        shuffled = random.Random(seed).sample(everyone, len(everyone))
        groups = [[one.order for one in members] for _, members in match(shuffled, []).groups]
        results.add(str(sorted(map(sorted, groups))))
    assert len(results) == 1


def test_a_new_record_never_joins_two_known_sites() -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    known = [
        candidate(("a", "1"), a_reading("TTC LLC", kind=Kind.METHADONE), first),
        candidate(("a", "2"), a_reading(), second),
    ]
    found = match([candidate(("b", "1"), a_reading(kind=Kind.METHADONE))], known)
    assert [site for site, _ in found.groups] == [second]
    assert len(found.doubles) == 1
