"""``make reset``: forget the data of this checkout."""

import os
import shutil
import sys

from accounts import may_enter
from checkout import Checkout
from foreground import stop_other_run
from refusal import Refusal
from servers import servers_of, stop_servers

KEPT = {"venv", "venv.lock"}  # packages, not data


def reset(checkout: Checkout) -> None:
    """Delete databases, static files, caches and the secret key, after asking."""
    targets = [path for path in checkout.data.glob("*") if path.name not in KEPT]
    if not may_enter(checkout.account, checkout.data):
        targets.append(checkout.servers)
    targets = [path for path in targets if path.exists()]
    if not targets:
        print("There is nothing to delete.")
        return
    print("This deletes, for good:", *(f"  {path}" for path in targets), sep="\n")
    if not _agreed():
        raise Refusal("Nothing was deleted.")
    stop_other_run(checkout)
    stop_servers(servers_of(checkout))
    for path in [*targets, checkout.sockets]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print("Deleted. The next run makes everything anew.")


def _agreed() -> bool:
    if os.environ.get("YES") == "1":
        return True
    if not sys.stdin.isatty():
        raise Refusal("Nobody is there to ask. To delete without asking: YES=1 make reset")
    return input("Type yes to go on: ").strip().lower() == "yes"
