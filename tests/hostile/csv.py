"""Hostile CSV files of listings."""

import csv
import io
import uuid
from collections.abc import Callable

from tests.hostile.cases import Cells, HostileSheet

NOT_UTF_8 = "Not UTF-8"
FAR = "far longer than cells"


def written(*rows: list[str], end: str = "\r\n") -> str:
    """Rows as text."""
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator=end).writerows(rows)
    return table.getvalue()


def as_it_stands(told: Cells, end: str = "\r\n") -> str:
    """The header and the row of the only site, unchanged."""
    return written(list(told), list(told.values()), end=end)


def with_cells(**cells: str) -> Callable[[Cells], bytes]:
    """The row with some cells otherwise."""
    return lambda told: written(list(told), list((dict(told) | cells).values())).encode()


def new_row(**cells: str) -> Callable[[Cells], bytes]:
    """The unchanged row, and a new site with a good point unless said otherwise."""

    def make(told: Cells) -> bytes:
        site = dict(told) | {"id": "", "version": "", "name": "Another", "address": "9 New Street"}
        return written(list(told), list(told.values()), list((site | cells).values())).encode()

    return make


def with_header(change: Callable[[list[str]], list[str]]) -> Callable[[Cells], bytes]:
    """The row under another header."""
    return lambda told: written(change(list(told)), list(told.values())).encode()


def many(count: int, identity: Callable[[], str]) -> Callable[[Cells], bytes]:
    """Many rows with an id of some kind."""
    return lambda told: written(
        list(told)[:3], *([identity(), "v1", f"Clinic {at}"] for at in range(count))
    ).encode()


_ = HostileSheet
CSV = (
    _("nothing", lambda _told: b"", "empty"),
    _("delimiters alone", lambda _told: b",,,\r\n" * 10_000, "empty"),
    _("a header without rows", lambda told: written(list(told)).encode()),
    _("no header", lambda told: written(list(told.values())).encode(), "Not a column|Named twice|no column"),
    _("two headers of one name", with_header(lambda names: [*names[:-1], "name"]), "Named twice"),
    _("a header without a name", with_header(lambda names: [*names[:4], "", *names[5:]]), "names no column"),
    _("a header without ids", with_header(lambda names: ["number", *names[1:]]), "Not a column"),
    _("an unknown column with an escape sequence", with_header(lambda names: [*names[:-1], "\x1b[2Jevil\u202e"]), r"\?\[2jevil\?"),
    _("16,384 columns", lambda _told: ",".join(f"c{at}" for at in range(16_384)).encode(), "columns"),
    _("five million delimiters", lambda told: written(list(told)).encode() + b"," * 5_000_000, FAR),
    _("a row of too many cells", lambda told: as_it_stands(told).rstrip().encode() + b"," * 300 + b"x", refused={2: ""}),
    _("a cell of ten megabytes", lambda told: written(list(told)).encode() + b"x" * 9_900_000, FAR),
    _("a cell of ten megabytes in quotation marks", lambda told: written(list(told)).encode() + b'"' + b"x\r\n" * 3_000_000, FAR),
    _("a cell longer than cells", with_cells(name="x" * 40_000), refused={2: "name"}),
    _("more than ten megabytes", lambda _told: b"x" * 10_000_001, "Larger than"),
    _("a lone quotation mark", lambda told: written(list(told)).encode() + b'"a"b,c\r\n', "quotation mark"),
    _("an open quotation mark", lambda told: written(list(told)).encode() + b'"open', "quotation mark"),
    _("a NUL", with_cells(name="Clinic\0"), refused={2: "name"}),
    _("NULs alone", lambda _told: b"\0" * 1_000_000, "Not a column|far longer"),
    _("UTF-16 with its mark", lambda told: as_it_stands(told).encode("utf-16"), NOT_UTF_8),
    _("UTF-16 without a mark", lambda told: as_it_stands(told).encode("utf-16-le"), "Not a column"),
    _("UTF-32", lambda told: as_it_stands(told).encode("utf-32"), NOT_UTF_8),
    _("two encodings in one file", lambda told: as_it_stands(told).encode() + "Clínica".encode("latin-1"), NOT_UTF_8),
    _("half a character", lambda told: as_it_stands(told).encode() + b"\xed\xa0\x80", NOT_UTF_8),
    _("a byte order mark", lambda told: b"\xef\xbb\xbf" + as_it_stands(told).encode()),
    _("two byte order marks", lambda told: b"\xef\xbb\xbf" * 2 + as_it_stands(told).encode(), "Not a column"),
    _("lines that end as on old machines", lambda told: as_it_stands(told, end="\r").encode()),
    _("lines that end in several ways", lambda told: as_it_stands(told, end="\n").encode() + b"\r\r\n\n"),
    _("twenty-one thousand rows", many(21_000, lambda: ""), "split the file"),
    _("a thousand new rows", many(1_000, lambda: ""), "new rows"),
    _("a thousand ids of others", many(1_000, lambda: str(uuid.uuid4())), "export again"),
    _("fifty ids of others", many(50, lambda: str(uuid.uuid4())), refused=dict.fromkeys(range(2, 52), "id")),
    _("ids that are none", many(50, lambda: "1 OR 1=1"), refused=dict.fromkeys(range(2, 52), "id")),
    _("one id twice", lambda told: as_it_stands(told).encode() + written(list(told.values())).encode(), refused={2: "id", 3: "id"}),
    _("an old version", with_cells(name="Other", version="v0"), refused={2: "version"}),
    _("latitude and longitude swapped", with_cells(latitude="-75.1652", longitude="39.9526"), refused={2: "latitude"}),
    _("a point at zero and zero", with_cells(latitude="0", longitude="0"), refused={2: "latitude"}),
    _("a new site at zero and zero", new_row(latitude="0", longitude="0"), refused={3: "latitude"}),
    _("a new site in another hemisphere", new_row(longitude="75.1652"), refused={3: "latitude"}),
    _("a latitude beyond the pole", with_cells(latitude="91"), refused={2: "latitude"}),
    _("a latitude that is no number", with_cells(latitude="NaN"), refused={2: "latitude"}),
    _("a longitude without end", with_cells(longitude="-Infinity"), refused={2: "longitude"}),
    _("a longitude of 1e308", with_cells(longitude="1e308"), refused={2: "longitude"}),
    _("half a point", with_cells(latitude=""), refused={2: "latitude"}),
    _("phones that are none", with_cells(phones="call us | 000 | +1"), refused={2: "phones"}),
    _("thousands of phones", with_cells(phones=" | ".join(["+12155550100"] * 1_500)), refused={2: "phones"}),
    _("a phone of blanks and bars", with_cells(phones=" |" * 15_000 + "\\" * 2_000), refused={2: "phones"}),
    _("a website that is a script", with_cells(website="javascript:alert(1)"), refused={2: "website"}),
    _("a word that is none", with_cells(visibility="everybody"), refused={2: "visibility"}),
    _("a time zone that is a path", with_cells(time_zone="../../../etc/passwd"), refused={2: "time_zone"}),
    _("a name of nothing that is seen", with_cells(name="\u202e\u200b"), refused={2: "name"}),
    _("a name that reads backwards", with_cells(name="Clinic \u202ecinilC"), refused={2: "name"}),
    _("a name with an escape sequence", with_cells(name="Clinic \x1b[2J"), refused={2: "name"}),
    _("a country that is none", with_cells(country="<>"), refused={2: "country"}),
)  # fmt: skip
