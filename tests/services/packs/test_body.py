"""Bodies of packs: columns that say what the listings say, in the same bytes each time."""

import datetime as dt
import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.packs.body import bodies_of, page_of
from services.packs.columns import packed
from tests.listed import a_listed_service

DAY = dt.date(2026, 11, 23)
TOWNS = {("US", "PA"): [(159, -301), (159, -300), (161, -320)], ("US", "NJ"): [(160, -300)]}
PACK = {"region": "US-PA", "areas": [("US", "PA"), ("US", "")], "cursor": "c", "day": DAY}

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(0, 3), st.just([1, None]), st.just({})
)


def plain(column: object) -> list[object]:
    """As a reader reads it; of rows that are all the same it cannot tell how many."""
    if isinstance(column, list):
        return column
    assert isinstance(column, dict)
    return [None if n < 0 else column["of"][n] for n in column["is"]]


@given(st.lists(VALUES))
def test_a_column_says_what_it_was_given(values: list[object]) -> None:
    column = packed(values)
    if isinstance(column, dict) and "all" in column:
        assert {orjson.dumps(value) for value in values} == {orjson.dumps(column["all"])}
    else:
        assert orjson.dumps(plain(column)) == orjson.dumps(values)


def test_the_order_of_services_makes_no_difference() -> None:
    dice = random.Random(1)
    services = [a_listed_service(dice) for _ in range(50)]
    bodies = {
        bodies_of(dice.sample(services, 50), languages=["en"], towns=TOWNS, **PACK)["en"]  # type: ignore[arg-type]
        for _ in range(3)
    }
    assert len(bodies) == 1


def test_rows_refer_to_each_other() -> None:
    dice = random.Random(2)
    services = [a_listed_service(dice) for _ in range(80)]
    told = orjson.loads(bodies_of(services, languages=["es"], towns=TOWNS, **PACK)["es"])  # type: ignore[arg-type]
    by_id = {service.id.hex: service for service in services}
    columns = told["services"]
    for n, id_ in enumerate(columns["id"]):
        service = by_id[id_]
        kind = told["kinds"][plain(columns["kind"])[n]][0]
        yes = {
            fact for bit, fact in enumerate(told["facts"]) if columns["access_yes"][n] >> bit & 1
        }
        assert kind == service.kind
        assert yes == {fact for fact, answer in service.properties["access"].items() if answer}
        care = (
            columns["care"][n] if isinstance(columns["care"], list) else plain(columns["care"])[n]
        )
        assert (care == -1) is (service.care_schedule() is None)
    assert told["labels"]["kinds"]["detox"]
    assert told["towns"] == [
        {"area": ["US", "NJ"], "rows": [[160, -300]]},
        {"area": ["US", "PA"], "rows": [[159, -301, 1], [2, -320]]},
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_a_page_tells_what_is_gone(count: int) -> None:
    dice = random.Random(3)
    gone = [a_listed_service(dice).id for _ in range(3)]
    told = orjson.loads(
        page_of([a_listed_service(dice)] * count, gone, more=False, **PACK)  # type: ignore[arg-type]
    )
    assert told["gone"] == sorted(id_.hex for id_ in gone)
    assert "labels" not in told
    assert not told["more"]
