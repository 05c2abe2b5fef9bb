"""What errors of the database mean: it is away and will be back, or a row is walled off."""

from django.db import Error, InterfaceError, OperationalError
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction


def database_is_away(exc: BaseException) -> bool:
    """Whether an error comes from a database that is down, starting, full, or not the primary.

    A server that was the primary and is a standby now answers, but refuses to write. For psycopg
    that is an internal error of the server, and so would be a broken query of our own.
    """
    if isinstance(exc, OperationalError | InterfaceError):
        return True
    return isinstance(exc, Error) and isinstance(exc.__cause__, ReadOnlySqlTransaction)


def is_walled_off(exc: BaseException) -> bool:
    """Whether the database has refused to write a row of somebody else: services.walls."""
    return isinstance(exc, Error) and isinstance(exc.__cause__, InsufficientPrivilege)
