"""What every test may rely on: a clean search index, and the caches of the last run."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.acting import this_process_is_the_system
from services.gazetteer import gazetteer
from services.index import live_index
from services.walls import take_the_role_away

# A test arranges and looks as the system; requests act for whoever sends them.
this_process_is_the_system()
take_the_role_away()


@pytest.fixture(autouse=True)
def _no_index_from_another_test() -> Iterator[None]:
    yield
    live_index.forget()
    gazetteer.forget()


@pytest.fixture(autouse=True)
def _snapshots_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.INDEX_FOLDER = str(tmp_path / "index")


@pytest.fixture
def _limits_of_its_own(settings: Any) -> None:
    """Sign-ins are counted apart from those of other tests and of the last run."""
    prefix = {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}
    settings.CACHES = {"default": settings.CACHES["default"] | prefix}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # no slow one
