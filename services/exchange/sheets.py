"""What a sheet of listings is: its columns, and the listings they are filled from."""

import datetime as dt
import itertools
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import QuerySet

from services.exchange.lines import Difference
from services.exchange.table import Cell
from services.models import User

if TYPE_CHECKING:
    from services.exchange.columns import Column

T = TypeVar("T")
AT_A_TIME = 2_000  # listings read from the database in one go


@dataclass(frozen=True, slots=True)
class Listing:
    """A site or service as one row of a sheet shows it.

    Attributes:
        row: the site or service.
        content: what people may edit of it, of services.content.
        version: changes with the content.
        now: the time at which its availability is told.
        published: hours that feeds told in words, by type.
    """

    row: Any
    content: Mapping[str, Any]
    version: str
    now: dt.datetime
    published: Mapping[str, str] = field(default_factory=dict)


class Sheet:
    """A kind of listing as a sheet. One each: sites and services."""

    name: ClassVar[str]
    columns: ClassVar[tuple["Column", ...]]
    model: ClassVar[type[Any]]
    chosen_once: ClassVar[frozenset[str]]  # columns that only a new row may fill
    needed: ClassVar[frozenset[str]]  # columns without which no row can be understood

    @property
    def header(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    @property
    def editable(self) -> frozenset[str]:
        """The names of the columns that people edit."""
        return frozenset(column.name for column in self.columns if column.path)

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in the order of a file: the same file for the same listings."""
        raise NotImplementedError

    def listings(self, ids: Collection[uuid.UUID], now: dt.datetime) -> Iterator[Listing]:
        """The listings with these ids, retired ones too."""
        raise NotImplementedError

    def blank(self, cells: Mapping[str, str], account: User) -> Any:
        """A new site or service, not stored, of what a row says that is chosen once.

        Raises:
            CellRefusedError: nothing can be added there.
        """
        raise NotImplementedError

    def content(self, blank: Any) -> dict[str, Any]:
        """What people may edit of a new site or service."""
        raise NotImplementedError

    def waiting(
        self, differences: Sequence[Difference], waits: Mapping[str, str]
    ) -> list[Difference]:
        """Differences that say why they wait, given the reasons by field of the content."""
        fields = {column.name: column.path[0] for column in self.columns if column.path}
        return [one._replace(waits=waits.get(fields[one.column], "")) for one in differences]

    def rows(self, queryset: QuerySet[Any], now: dt.datetime) -> Iterator[list[Cell]]:
        """The cells of listings, row by row."""
        for some in batches(self.ordered(queryset).values_list("pk", flat=True)):
            found = {listing.row.pk: listing for listing in self.listings(some, now)}
            for pk in some:
                if pk in found:
                    yield [column.cell(found[pk]) for column in self.columns]


def batches(ones: Iterable[T]) -> Iterator[list[T]]:
    """Portions of what the database is asked for at once."""
    remaining = iter(ones)
    while some := list(itertools.islice(remaining, AT_A_TIME)):
        yield some
