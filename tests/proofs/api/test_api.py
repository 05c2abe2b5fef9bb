"""Requests made up from the OpenAPI document, in short. The long form: ``make prove-api``."""

from pathlib import Path
from typing import Any

import pytest

from api.v1.schema import openapi_document
from tests.proofs.api.plan import LONG, ROLES, SHORT, Slice, plan_of
from tests.proofs.api.run import ask_all, operations
from tests.proofs.api.verdict import show_wrong, verdict
from tests.proofs.api.world import a_known_world

SLICES = 4  # tests that share the cases, so that they can run side by side
BEGIN = 2026  # always the same cases


@pytest.fixture(autouse=True)
def _static_files_need_no_collecting(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)


@pytest.mark.parametrize("total", [SHORT, LONG])
def test_the_plan_is_exact_and_leaves_nobody_out(total: int) -> None:
    names = list(operations())
    plan = plan_of(total, names)
    assert len(names) == sum(len(item) for item in openapi_document()["paths"].values())
    assert sum(plan.values()) == total
    assert set(plan) == {(name, role) for name in names for role in ROLES}
    assert min(plan.values()) >= total // len(plan) >= 2  # one that fits, and one that does not
    assert max(plan.values()) - min(plan.values()) <= 1
    slices = [Slice(number, SLICES).operations(names) for number in range(SLICES)]
    assert sorted(name for part in slices for name in part) == sorted(names)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_limits_of_its_own")
@pytest.mark.parametrize("number", range(SLICES))
def test_nothing_breaks_it_and_all_is_as_documented(number: int) -> None:
    asked = operations()
    names = Slice(number, SLICES).operations(list(asked))
    plan = {key: n for key, n in plan_of(SHORT, list(asked)).items() if key[0] in names}
    seen = ask_all([asked[name] for name in names], plan, a_known_world(), begin=BEGIN)
    show_wrong(seen)
    assert verdict(seen, plan).show("The API, asked by machine")
