import pytest

from services.imports.points import PlaceTable, place_table, point_in, spot_of, table_of
from services.imports.problems import FileRefusedError, RowRefusedError
from services.imports.readings import Address
from services.vocabulary import LocationAccuracy

STREET = LocationAccuracy.STREET.value


@pytest.fixture
def table() -> PlaceTable:
    return table_of(
        [
            ("postal_code", "US", "", "19123", 39.965, -75.149),
            ("postal_code", "US", "", "99701", 66.9, -152.0),  # the table's own mistake
            ("city", "US", "PA", "Philadelphia", 39.9523, -75.1638),
            ("city", "US", "AK", "Fairbanks", 64.8378, -147.7164),
            ("city", "US", "MO", "St. Louis", 38.627, -90.1994),
            ("city", "CA", "ON", "Toronto", 43.7, -79.4),
        ]
    )


def an_address(postal_code: str, city: str, region: str, country: str = "US") -> Address:
    return Address("1 Main Street", "", city, region, postal_code, country)


PHILADELPHIA = an_address("19123", "Philadelphia", "PA")


def test_a_feeds_point_near_its_postal_code_is_taken(table: PlaceTable) -> None:
    spot, warning = spot_of(PHILADELPHIA, (39.96, -75.15), table, accuracy=STREET)
    assert (spot.lat, spot.lon, spot.accuracy, warning) == (39.96, -75.15, "street", "")
    assert spot.time_zone == "America/New_York"


@pytest.mark.parametrize("own", [(34.05, -118.24), (-75.15, 39.96), (40.44, -79.99)])
def test_a_point_more_than_50_km_off_yields_to_the_postal_code(
    table: PlaceTable, own: tuple[float, float]
) -> None:
    spot, warning = spot_of(PHILADELPHIA, own, table, accuracy=STREET)
    assert (spot.lat, spot.lon, spot.accuracy) == (39.965, -75.149, "postal_code")
    assert "km from its postal code" in warning


def test_without_a_point_the_postal_code_stands_for_it(table: PlaceTable) -> None:
    spot, warning = spot_of(PHILADELPHIA, None, table, accuracy=STREET)
    assert (spot.accuracy, warning) == ("postal_code", "")


def test_a_po_box_zip_falls_back_to_its_city(table: PlaceTable) -> None:
    spot, _ = spot_of(an_address("19101", "Philadelphia", "PA"), None, table, accuracy=STREET)
    assert (spot.lat, spot.accuracy) == (39.9523, "postal_code")


def test_saint_and_st_are_one_city(table: PlaceTable) -> None:
    spot, _ = spot_of(an_address("", "Saint Louis", "MO"), None, table, accuracy=STREET)
    assert spot.lat == 38.627


def test_city_and_point_outvote_a_postal_code_that_lies_elsewhere(table: PlaceTable) -> None:
    fairbanks = an_address("99701", "Fairbanks", "AK")
    spot, warning = spot_of(fairbanks, (64.843, -147.725), table, accuracy=STREET)
    assert (spot.lat, spot.accuracy, warning) == (64.843, "street", "")


def test_a_point_in_its_state_outlives_an_unknown_zip_and_city(table: PlaceTable) -> None:
    unknown = an_address("18427", "Nowhere", "PA")
    spot, warning = spot_of(unknown, (40.1, -75.3), table, accuracy=STREET)
    assert (spot.lat, spot.accuracy) == (40.1, "street")
    assert "in the state is believed" in warning


def test_a_place_nobody_knows_is_refused(table: PlaceTable) -> None:
    with pytest.raises(RowRefusedError, match="cannot be checked"):
        spot_of(an_address("40755", "Nowhere", "KY"), (37.0, -84.1), table, accuracy=STREET)


@pytest.mark.parametrize("lat", ["", "NA", "nan", "inf", "91", None])
def test_what_is_no_point_is_none(lat: object) -> None:
    assert point_in(lat, "-75.1") is None


def test_null_island_is_no_point() -> None:
    assert point_in("0", "0") is None


@pytest.mark.usefixtures("places")
def test_the_table_is_read_from_the_database() -> None:
    lat, lon = place_table().postal_codes["US", "19123"]
    assert (round(lat, 4), round(lon, 4)) == (39.965, -75.149)


@pytest.mark.django_db
def test_without_places_an_import_says_what_to_do() -> None:
    with pytest.raises(FileRefusedError, match="load_places"):
        place_table()
