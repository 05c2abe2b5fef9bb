"""The lock files: every Python package, with hashes, for every supported Python."""

import subprocess
from collections.abc import Mapping

from checkout import Checkout
from refusal import Refusal

OPTIONS = [
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "--python-version=3.11",
    "--quiet",
]


def write_locks(checkout: Checkout, environment: Mapping[str, str], wishes: list[str]) -> None:
    """Solve pyproject.toml anew; ``--upgrade`` among the wishes takes newer releases.

    Development takes the versions of runtime, so what is tested is what is deployed.
    """
    runtime, development = (f".dev/lock/{name}.txt" for name in ("runtime", "development"))
    for extra in ([], ["--extra=dev", "--constraint", runtime]):
        target = development if extra else runtime
        command = ["pip", "compile", "pyproject.toml", *OPTIONS, *extra, *wishes, "-o", target]
        uv = str(checkout.venv / "bin" / "uv")
        done = subprocess.run([uv, *command], cwd=checkout.root, env=environment, check=False)
        if done.returncode:
            raise Refusal(f"uv could not write {target}.")
