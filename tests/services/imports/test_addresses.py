import pytest

from services.imports.addresses import same_street, street_of, zip_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2227 Drake Ave., Suite 19", "2227 Drake Avenue"),
        ("710 Third Ave.", "710 3rd Avenue"),
        ("6303 Wadsworh Bypass", "6303 Wadsworth Bypass"),
        ("11 Circle Ave.", "11 Circle Avenue"),
        ("1549 S. St. Francis Drive", "1549 South Saint Francis Drive"),
        ("7477 East 46th Place South", "7477 East 46 Place South"),
        ("9283 W. U.S. 84", "9283 West U.S. Highway 84"),
        ("119-121 West 124th St.", "119 West 124th Street"),
        ("1131 Broadway Street 2nd Floor", "1131 Broadway"),
    ],
)
def test_spellings_of_one_address_agree(one: str, other: str) -> None:
    assert same_street(street_of(one), street_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100 North Broad Street", "100 South Broad Street"),
        ("100 5th Street", "100 15th Street"),
        ("100 Broad Street", "102 Broad Street"),
        ("100 Main Street", "100 Market Street"),
    ],
)
def test_other_addresses_do_not(one: str, other: str) -> None:
    assert not same_street(street_of(one), street_of(other))


@pytest.mark.parametrize(
    ("text", "state", "zip_"),
    [
        ("19123", "PA", "19123"),
        ("99654-8525", "AK", "99654"),
        ("6401", "CT", "06401"),
        ("926", "PR", "00926"),
        ("6401", "PA", ""),
        ("Outpatient", "CT", ""),
    ],
)
def test_a_zip_gets_its_lost_zeros_back_where_zips_begin_with_zero(
    text: str, state: str, zip_: str
) -> None:
    assert zip_of(text, state) == zip_
