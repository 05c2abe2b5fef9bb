"""The development environment of this checkout: ``python3 .dev <command>``."""

import os
import subprocess
import sys
from collections.abc import Callable

import gates
import locks
from checkout import Checkout, checkout_here
from environment import environment
from foreground import only_one, port_from, require_free, run, stop_other_run
from packages import install_missing_packages
from preparation import collect_static, load_fixtures, manage_in
from processes import stop_on_signals
from refusal import Refusal
from reset import reset
from servers import borrowed_servers, hold_servers, servers_of, start_servers, stop_servers
from virtual_environment import sync_virtual_environment


def run_command(_: list[str]) -> None:
    """Run web, worker and beat here until Ctrl-C."""
    port = port_from(os.environ)
    checkout = checkout_here(os.environ)
    checkout.data.mkdir(parents=True, exist_ok=True)
    with only_one(checkout, port):
        require_free(port)
        _install(checkout)
        with borrowed_servers(checkout):
            settings = environment(checkout, os.environ)
            manage = manage_in(checkout, settings)
            manage("migrate", "--verbosity", "0")
            collect_static(checkout, manage)
            load_fixtures(checkout, manage)
            run(checkout, port, settings)


def exec_command(words: list[str]) -> None:
    """Run any command with the servers up; they stay up until ``make stop``."""
    if not words:
        raise Refusal("Say which command: python3 .dev exec manage.py shell")
    checkout = checkout_here(os.environ)
    _install(checkout)
    os.set_inheritable(hold_servers(checkout), True)  # noqa: FBT003 - held until the command ends
    start_servers(checkout)
    settings = environment(checkout, os.environ)
    collect_static(checkout, manage_in(checkout, settings))  # proofs serve pages
    os.chdir(checkout.root)
    if words[0].endswith(".py"):
        words = [str(checkout.python), *words]
    try:
        os.execvpe(words[0], words, settings)  # noqa: S606 - without a shell is the point
    except FileNotFoundError:
        raise Refusal(f"There is no command {words[0]!r}.") from None


def test_command(words: list[str]) -> None:
    """Run the tests, all of them on every core; further words go to pytest instead."""
    checkout = checkout_here(os.environ)
    _install(checkout)
    with borrowed_servers(checkout):
        settings = environment(checkout, os.environ)
        collect_static(checkout, manage_in(checkout, settings))
        pytest = [str(checkout.python), "-m", "pytest", *(words or ["-n", "auto"])]
        done = subprocess.run(pytest, cwd=checkout.root, env=settings, check=False)
    sys.exit(done.returncode)


def check_command(_: list[str]) -> None:
    """Format, lint, types, layers, migrations, OpenAPI."""
    _with_servers(gates.check)


def openapi_command(_: list[str]) -> None:
    """Write docs/openapi.yaml anew."""
    _with_servers(gates.write_openapi)


def lock_command(words: list[str]) -> None:
    """Write the lock files anew; ``--upgrade`` takes newer releases."""
    checkout = checkout_here(os.environ)
    sync_virtual_environment(checkout)
    locks.write_locks(checkout, environment(checkout, os.environ), words)


def stop_command(_: list[str]) -> None:
    """Stop everything of this checkout that still runs."""
    checkout = checkout_here(os.environ)
    if not checkout.data.exists():
        print("Nothing of this checkout was running.")
        return
    stopped = ["the run"] if stop_other_run(checkout) else []
    stopped += [server.name for server in stop_servers(servers_of(checkout))]
    print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing of this checkout was running.")


def reset_command(_: list[str]) -> None:
    """Delete the local data, after asking."""
    reset(checkout_here(os.environ))


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    "run": run_command,
    "exec": exec_command,
    "test": test_command,
    "check": check_command,
    "openapi": openapi_command,
    "lock": lock_command,
    "stop": stop_command,
    "reset": reset_command,
}


def _install(checkout: Checkout) -> None:
    install_missing_packages()
    sync_virtual_environment(checkout)


def _with_servers(act: Callable[[Checkout, dict[str, str]], None]) -> None:
    checkout = checkout_here(os.environ)
    _install(checkout)
    with borrowed_servers(checkout):
        act(checkout, environment(checkout, os.environ))


def main(words: list[str]) -> None:
    """Run one command."""
    if not words or words[0] not in COMMANDS:
        lines = (f"  {name:<8} {act.__doc__}" for name, act in COMMANDS.items())
        sys.exit("\n".join(["python3 .dev <command>", *lines]))
    stop_on_signals()
    try:
        COMMANDS[words[0]](words[1:])
    except Refusal as refusal:
        sys.exit(f"{refusal}")
    except KeyboardInterrupt:
        print("Stopped.")
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1:])
