"""XML read as it passes: no tree is built, nothing is declared, and reading can stop anywhere."""

from collections.abc import Iterator
from typing import IO, NoReturn, Protocol, TypeVar
from xml.parsers import expat

from services.exchange.archive import NO_FILE
from services.exchange.problems import FileRefusedError

DEEPEST = 100  # tags inside each other; a table needs seven
A_BIT = 65_536  # bytes read before what was found is handed on

T = TypeVar("T")


class Listener(Protocol[T]):
    """What is told of each tag and text, by its name without a prefix, and finds things."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A tag opens."""

    def end(self, name: str) -> None:
        """A tag closes."""

    def text(self, text: str) -> None:
        """Some of the text between."""

    def take(self) -> list[T]:
        """What was found since the last time."""


def pass_by(source: IO[bytes], listener: Listener[T]) -> Iterator[T]:
    """What a listener finds in an XML document, as soon as it is found.

    Raises:
        FileRefusedError: the document declares something.
        expat.ExpatError: it is no XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    inside: list[str] = []  # tags that are open

    def start(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        if len(inside) > DEEPEST:
            raise FileRefusedError(NO_FILE)
        listener.start(_local(name), attributes)

    def end(_name: str) -> None:
        listener.end(_local(inside.pop()))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = listener.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    with source:
        while bit := source.read(A_BIT):
            parser.Parse(bit, False)  # noqa: FBT003 - no more is to come after True
            yield from listener.take()
        parser.Parse(b"", True)  # noqa: FBT003
        yield from listener.take()


def found(source: IO[bytes], listener: Listener[T]) -> list[T]:
    """All that a listener finds."""
    return list(pass_by(source, listener))


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


def _refuse(*_: object) -> NoReturn:
    raise FileRefusedError(NO_FILE)


class Tags:
    """Listens for some tags and keeps their attributes."""

    def __init__(self, *names: str) -> None:
        self._names, self._found = frozenset(names), list[tuple[str, dict[str, str]]]()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See Listener."""
        if name in self._names:
            self._found.append((name, {_local(each): told for each, told in attributes.items()}))

    def end(self, name: str) -> None:
        """See Listener."""

    def text(self, text: str) -> None:
        """See Listener."""

    def take(self) -> list[tuple[str, dict[str, str]]]:
        """See Listener."""
        taken, self._found = self._found, []
        return taken
