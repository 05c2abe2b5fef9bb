"""The package needs nothing but the standard library, and its example works as it stands."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.clients.faults import running
from tests.clients.pack_server import Offered, PackServer
from tests.clients.worlds import a_pack, listed
from tests.vectors.world import the_services

CLIENT = Path(__file__).parents[2] / "clients" / "python"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def imported(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_it_imports_the_standard_library_and_itself() -> None:
    sources = list((CLIENT / "locator_offline").glob("*.py"))
    names = {name.partition(".")[0] for source in sources for name in imported(source)}
    assert names - sys.stdlib_module_names == {"locator_offline"}


def test_the_example_of_its_readme(tmp_path: Path) -> None:
    example = EXAMPLE.findall((CLIENT / "README.md").read_text())[0]
    pack = a_pack(the_services(30, seed=4))
    with running(PackServer(Offered(listed(pack), pack))) as server:
        example = example.replace("https://locator.example", server.address)
        scope: dict[str, Any] = {}
        exec(example.replace('"phone"', repr(str(tmp_path))), scope)  # noqa: S102
    assert scope["found"]
