"""The database's walls around what an organization owns: how they are told who acts.

A web process connects as the owner of the tables and at once becomes ``ROLE``, for which row-level
security holds. In front of each statement PostgreSQL is told on whose behalf it is, if it was not
told already; that ends with the transaction, so that no connection carries it into the next
request. Outside a transaction a statement gets one of its own.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from services.acting import NOBODY, SYSTEM, Acting, acting, is_a_process_of_the_system

ROLE = "locator_app"  # made by .docker/make-role.sh, or by the migration
WALLED: str = settings.WALLED  # how a connection is asked for as that role

# Not by set_config(), which is a query: after one, a transaction's isolation cannot be chosen.
TELL = "SET LOCAL ROLE {role}; SET LOCAL locator.acting = '{words}'"

Execute = Callable[..., Any]


def wall_in(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Let a connection tell; Django's signal for every one that it makes or borrows."""
    if tell_first not in connection.execute_wrappers:
        connection.execute_wrappers.append(tell_first)


def take_the_role_away() -> None:
    """Let this process connect as who its URL names: the owner, for whom there are no walls."""
    if is_a_process_of_the_system():
        for database in settings.DATABASES.values():
            options = database["OPTIONS"]
            options["options"] = options.get("options", "").replace(WALLED, "").strip()


def tell_first(execute: Execute, sql: Any, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Execute a statement on behalf of whoever acts."""
    connection, wanted = context["connection"], acting()
    status = connection.connection.pgconn.transaction_status
    if status == TransactionStatus.INERROR:  # what follows is a rollback: it takes the telling back
        connection.told = None
        return execute(sql, params, many, context)
    is_idle = status == TransactionStatus.IDLE
    told = _untold(connection) if is_idle else getattr(connection, "told", None)
    if isinstance(sql, str) and sql.startswith("ROLLBACK TO"):  # what was told since is forgotten
        connection.told = None
        return execute(sql, params, many, context)
    if wanted == told:
        connection.told = told
        return execute(sql, params, many, context)
    if is_idle and not connection.in_atomic_block and connection.connection.autocommit:
        return _alone(connection, wanted, lambda: execute(sql, params, many, context))
    _send(connection, _telling(wanted))
    connection.told = wanted
    return execute(sql, params, many, context)


def _untold(connection: BaseDatabaseWrapper) -> Acting:
    """For whom a connection works until it is told."""
    options = connection.settings_dict["OPTIONS"].get("options", "")
    return NOBODY if WALLED in options else SYSTEM


def _telling(somebody: Acting) -> str:
    if somebody.is_the_system:
        return TELL.format(role="NONE", words="")
    return TELL.format(role=ROLE, words=somebody.words)


def _alone(connection: BaseDatabaseWrapper, wanted: Acting, execute: Callable[[], Any]) -> Any:
    """One statement in a transaction of its own."""
    _send(connection, f"BEGIN; {_telling(wanted)}")
    try:
        done = execute()
    except BaseException:
        if connection.connection.pgconn.transaction_status != TransactionStatus.UNKNOWN:
            _send(connection, "ROLLBACK")
        raise
    _send(connection, "COMMIT")
    return done


def _send(connection: BaseDatabaseWrapper, text: str) -> None:
    """In one message to the server, past the wrappers of Django's cursors."""
    with connection.wrap_database_errors:
        connection.connection.execute(text)
