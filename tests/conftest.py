"""What every test may rely on: a clean search index, and the caches of the last run."""

from collections.abc import Iterator

import pytest

from services.gazetteer import gazetteer
from services.index import live_index


@pytest.fixture(autouse=True)
def _no_index_from_another_test() -> Iterator[None]:
    yield
    live_index.forget()
    gazetteer.forget()
