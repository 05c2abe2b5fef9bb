"""On whose behalf this code works: what the database's walls are told before each statement.

Whoever is recognised is named here, once, and ``services.walls`` tells PostgreSQL, which decides by
itself which rows are theirs: see docs/adr/0020-row-level-security.md. Nobody is the default, and
nobody reads what is private or writes what an organization owns.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, _GeneratorContextManager, contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from typing import NamedTuple

Behalf = _GeneratorContextManager[None]  # a block, or what stands above a function


class Acting(NamedTuple):
    """Somebody, in the words in which the database is told; they hold nothing that came from out.

    Attributes:
        words: such as ``account 12``; empty for nobody.
        is_the_system: the walls are not for the system's own work.
    """

    words: str
    is_the_system: bool = False


NOBODY = Acting("")
SYSTEM = Acting("system", is_the_system=True)

_told: ContextVar[Acting | None] = ContextVar("acting", default=None)
_unless_told = NOBODY


def acting() -> Acting:
    """On whose behalf the next statement is."""
    return _told.get() or _unless_told


@contextmanager
def _acting_as(somebody: Acting) -> Iterator[None]:
    before = _told.set(somebody)
    try:
        yield
    finally:
        _told.reset(before)


def acting_as(somebody: Acting) -> Behalf:
    """Work on somebody's behalf until the block or function ends; one within it may differ."""
    return _acting_as(somebody)


def as_nobody() -> Behalf:
    """A request begins so, until somebody is recognised."""
    return acting_as(NOBODY)


def as_the_system() -> Behalf:
    """Work that follows from no one's rights, such as what all reports of a service come to."""
    return acting_as(SYSTEM)


def as_the_system_unless(is_for_staff: bool) -> AbstractContextManager[None]:  # noqa: FBT001 - a word
    """Read what everybody is told of walled rows; what staff alone are told, as who asks."""
    return nullcontext() if is_for_staff else as_the_system()


def _recognise(words: str) -> None:
    if not acting().is_the_system:  # a command that follows a link is a command still
        _told.set(Acting(words))


def recognised_account(pk: int) -> None:
    """From here on this request acts for an account: of its token, or of its session."""
    _recognise(f"account {pk:d}")


def recognised_link(pk: uuid.UUID) -> None:
    """From here on this request acts for the bearer of a link to report that we have signed."""
    _recognise(f"link {pk}")


def recognised_invitation(pk: uuid.UUID) -> None:
    """From here on this request acts for whom an invitation reached that we have signed."""
    _recognise(f"invitation {pk}")


def on_the_same_behalf(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """An answer that is made while it is sent, for whom it was begun."""
    context, rest = copy_context(), iter(pieces)
    while (piece := context.run(next, rest, None)) is not None:
        yield piece


def this_process_is_the_system() -> None:
    """A worker's process, or a command's: all its work is the system's, unless said otherwise."""
    global _unless_told  # noqa: PLW0603 - of the whole process
    _unless_told = SYSTEM


def is_a_process_of_the_system() -> bool:
    """Whether it was said so."""
    return _unless_told.is_the_system
