"""docs/api.md tells of every refusal and path there is, and of no other."""

import re
from pathlib import Path

from api.refusals import ALL
from tests.api.test_schema import operations

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_every_refusal_is_explained_and_no_other() -> None:
    told = set(re.findall(r"`(/problems/[a-z-]+)`", GUIDE))
    assert told == {refusal.type for refusal in ALL}


def test_every_resource_is_named() -> None:
    for path, _method, _operation in operations():
        resource = path.split("{")[0].strip("/").split("/")[-1]
        assert resource in GUIDE, path
