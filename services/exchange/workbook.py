"""What of a workbook its first table needs: where it is, its texts, which styles make a date."""

import posixpath
import sys
import zipfile
from dataclasses import dataclass, field

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format  # type: ignore[import-untyped]
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH  # type: ignore[import-untyped]

from services.exchange.archive import NO_FILE, TABLE
from services.exchange.limits import CELL, Limits
from services.exchange.neutral import xlsx_unescaped
from services.exchange.passing import Tags, found
from services.exchange.problems import FileRefusedError

PACKAGE = "_rels/.rels"


@dataclass(frozen=True, slots=True)
class Workbook:
    """What the cells of its first sheet refer to.

    Attributes:
        sheet: the part that the first table is.
        texts: shared ones, by number.
        dates: styles of which a number is a day or a time.
        epoch: the day that their numbers count from.
    """

    sheet: str
    texts: list[str] = field(default_factory=list)
    dates: frozenset[str] = frozenset()
    epoch: object = WINDOWS_EPOCH


def workbook_in(archive: zipfile.ZipFile, limits: Limits) -> Workbook:
    """The workbook of an archive that ``checked_archive`` let pass.

    Raises:
        FileRefusedError: it has no table, or more text than is read.
        KeyError: it names a part that is not there.
    """
    book = _targets(archive, PACKAGE, "").get("officeDocument", {}).get("", "xl/workbook.xml")
    folder, name = posixpath.split(book)
    related = _targets(archive, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
    tags = found(archive.open(_around(book)), Tags("sheet", "workbookPr"))
    tables = related.get("worksheet", {})
    sheets = [told["id"] for name, told in tags if name == "sheet" and told.get("id") in tables]
    if not sheets:
        raise FileRefusedError(NO_FILE)
    from_1904 = any(told.get("date1904") in {"1", "true"} for _, told in tags)
    styles, texts = related.get("styles", {}), related.get("sharedStrings", {})
    return Workbook(
        tables[sheets[0]],
        found(archive.open(texts[""]), Texts(limits.text)) if texts else [],
        _dates(archive, styles[""]) if styles else frozenset(),
        MAC_EPOCH if from_1904 else WINDOWS_EPOCH,
    )


def _targets(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, dict[str, str]]:
    """Parts that a part is related to, by kind and id, and the last of a kind by no id too."""
    related: dict[str, dict[str, str]] = {}
    for _, told in found(archive.open(part), Tags("Relationship")):
        if told.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, told["Target"])).lstrip("/")
        kind = told["Type"].rpartition("/")[2]
        related.setdefault(kind, {}).update({told["Id"]: target, "": target})
    return related


def _around(part: str) -> str:
    """A part of those of which little is read; no table under such a name."""
    if TABLE.fullmatch(part):
        raise FileRefusedError(NO_FILE)
    return part


def _dates(archive: zipfile.ZipFile, part: str) -> frozenset[str]:
    """Numbers of the cell styles by which a number is a date. Cells name them by their place."""
    own: dict[str, str] = {}
    dates, place = set(), 0
    for name, told in found(archive.open(_around(part)), _CellStyles()):
        if name == "numFmt":
            own[told["numFmtId"]] = told["formatCode"]
            continue
        number = told.get("numFmtId", "0")
        form = own.get(number) or (BUILTIN_FORMATS.get(int(number)) if len(number) < 5 else None)  # noqa: PLR2004 - digits
        if form and len(form) < CELL and is_date_format(form):
            dates.add(str(place))
        place += 1
    return frozenset(dates)


class _CellStyles(Tags):
    """Listens for formats, and for styles among those of cells alone."""

    def __init__(self) -> None:
        super().__init__("numFmt", "xf")
        self._of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See Listener."""
        if name == "cellXfs":
            self._of_cells = True
        elif name != "xf" or self._of_cells:
            super().start(name, attributes)

    def end(self, name: str) -> None:
        """See Listener."""
        if name == "cellXfs":
            self._of_cells = False


class Texts:
    """Listens for shared texts; how they are pronounced is left out.

    A text is unescaped here, once: as many cells as there are may share it.
    """

    def __init__(self, most: int) -> None:
        self._room, self._found = most, list[str]()
        self._parts, self._length, self._aside, self._reads = list[str](), 0, 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See Listener."""
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "rPh":
            self._aside += 1
        elif name == "t":
            self._reads = not self._aside

    def end(self, name: str) -> None:
        """See Listener."""
        if name == "t":
            self._reads = False
        elif name == "rPh":
            self._aside -= 1
        elif name == "si":
            whole = xlsx_unescaped("".join(self._parts))
            self._room -= sys.getsizeof(whole)
            if self._room < 0:
                raise FileRefusedError("It holds more text than is read: split the file.")
            self._found.append(whole)

    def text(self, text: str) -> None:
        """See Listener. What is longer than a cell is cut where that is seen."""
        if self._reads and self._length <= CELL:
            self._parts.append(text)
            self._length += len(text)

    def take(self) -> list[str]:
        """See Listener."""
        taken, self._found = self._found, []
        return taken
