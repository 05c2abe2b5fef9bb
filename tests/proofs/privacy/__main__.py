"""``make prove-privacy``: nearly 1,400 searchers with values of their own, and no trace of one."""

import os
import resource
import sys
import time

import django
from checkout import checkout_here

from services.acting import this_process_is_the_system
from tests.proofs.privacy.home import CensusHome
from tests.proofs.table import end


def main() -> None:
    """Run it; exit code 1 if a promise does not hold."""
    if sys.platform != "linux":
        sys.exit("Only Linux gives each searcher an address of their own, and shows all processes.")
    # Whoever may write down the memory of a process that crashed shall do so, and be found out.
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    began = time.time()
    home = CensusHome(checkout_here(os.environ))
    try:
        home.start_servers()
        os.environ.update(home.settings)
        this_process_is_the_system()
        django.setup()
        from tests.proofs.privacy.long import prove

        kept = prove(home, began)
    finally:
        home.clear_away()
    end(kept=kept)


if __name__ == "__main__":
    main()
