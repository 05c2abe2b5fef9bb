"""The development environment of this checkout: ``python3 .dev <command>``."""

import os
import sys

from checkout import checkout_here
from environment import environment
from packages import install_missing_packages
from refusal import Refusal
from servers import hold_servers, start_servers
from virtual_environment import sync_virtual_environment


def execute(words: list[str]) -> None:
    checkout = checkout_here(os.environ)
    install_missing_packages()
    sync_virtual_environment(checkout)
    handle = hold_servers(checkout)
    os.set_inheritable(handle, True)
    start_servers(checkout)
    os.chdir(checkout.root)
    if words[0].endswith(".py"):
        words = [str(checkout.python), *words]
    os.execvpe(words[0], words, environment(checkout, os.environ))


if __name__ == "__main__":
    try:
        execute(sys.argv[2:])
    except Refusal as refusal:
        sys.exit(str(refusal))
