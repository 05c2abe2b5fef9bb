"""A clock that a proof moves, for Python and for what the database dates itself."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from django.apps import apps
from django.db import connection
from pghistory.models import Context

# A Monday morning in Philadelphia, long past: so what the database dated itself can be told.
START = dt.datetime(2024, 11, 25, 14, tzinfo=dt.UTC)
LATEST = START + dt.timedelta(days=366)
EVENTS = ("Site", "Phone", "Service", "Hours", "HoursException", "Membership")


class Clock:
    """The time, as the proof has it."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    @property
    def now(self) -> dt.datetime:
        """The time it is."""
        return dt.datetime.now(dt.UTC)

    def shift(self, by: dt.timedelta) -> None:
        """Let time pass, and date anew what the database dated with its own clock meanwhile."""
        self.settle()
        self._traveller.shift(by)

    def settle(self) -> None:
        """Date what the history wrote since the last time with this clock."""
        events = [apps.get_model("services", f"{name}Event") for name in EVENTS]
        columns = [(model._meta.db_table, "pgh_created_at") for model in events]
        columns += [(Context._meta.db_table, column) for column in ("created_at", "updated_at")]
        with connection.cursor() as cursor:
            for table, column in columns:
                cursor.execute(
                    f'UPDATE "{table}" SET {column} = %s WHERE {column} > %s',
                    [self.now, LATEST],
                )


@contextmanager
def moved_clock() -> Iterator[Clock]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(START, tick=False) as traveller:
        yield Clock(traveller)
