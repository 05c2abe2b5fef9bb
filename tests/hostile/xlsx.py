"""Hostile XLSX files."""

import io
import zipfile
from collections.abc import Callable

from tests.hostile.cases import Cells, HostileSheet
from tests.hostile.packages import (
    MAIN,
    OFFICE,
    WORKBOOK,
    cell,
    lying,
    package,
    related,
    row,
    sheet,
    with_entries,
)

NO_FILE, TOO_MUCH = "Not an XLSX file that can be read", "unpacks to more than is read"
LAUGHS = "".join(
    f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' if at else '<!ENTITY l0 "ha">' for at in range(10)
)
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def as_it_stands(told: Cells) -> str:
    """The header and the row of the only site, unchanged."""
    return row(1, *told) + row(2, *told.values())


def but(told: Cells, **cells: str) -> str:
    """The same, some cells otherwise; a value that begins with ``<`` is a cell already."""
    return row(1, *told) + row(2, *(dict(told) | cells).values())


def with_parts(**parts: str | bytes) -> Callable[[Cells], bytes]:
    """The unchanged row beside other parts; in their names two underscores are a slash."""
    named = {name.replace("__", "/").replace("_xml", ".xml"): told for name, told in parts.items()}
    return lambda told: package(as_it_stands(told), named)


def part(name: str, content: str | bytes) -> Callable[[Cells], bytes]:
    """The unchanged row, one part otherwise."""
    return lambda told: package(as_it_stands(told), {name: content})


def with_cell(**cells: str) -> Callable[[Cells], bytes]:
    """The row with some cells otherwise."""
    return lambda told: package(but(told, **cells))


def packed_by(method: int) -> Callable[[Cells], bytes]:
    """A part packed in a way that unpacks without a limit."""

    def make(told: Cells) -> bytes:
        written = io.BytesIO(package(as_it_stands(told)))
        with zipfile.ZipFile(written, "a", method) as archive:
            archive.writestr("xl/media/image1.png", b"\0" * 5_000_000)
        return written.getvalue()

    return make


def a_zip_of_zips() -> bytes:
    """Four levels of archives in archives."""
    inner = b"\0" * 1_000_000
    for level in range(4):
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{level}-{number}.zip", inner)
        inner = written.getvalue()
    return inner


def with_a_link(told: Cells) -> bytes:
    """An entry that is a symbolic link, and entries that climb out of any folder."""
    written = io.BytesIO(package(as_it_stands(told)))
    link = zipfile.ZipInfo("xl/link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        for name in ("../../../../tmp/owned", "/etc/owned", "C:\\owned", "xl/..\\owned"):
            archive.writestr(name, "owned")
    return written.getvalue()


def locked(told: Cells) -> bytes:
    """Entries that say they are encrypted."""
    content = bytearray(package(as_it_stands(told)))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def many_new_formulas(told: Cells) -> bytes:
    """Cells that share one very long formula: to tell each of its own would take for ever."""
    long = f'<c r="D2"><f t="shared" si="0" ref="A1:A9">{"A1+" * 10_000}1</f></c>'
    one = '<c r="D{}"><f t="shared" si="0"/></c>'
    header = row(1, *told)
    return package(
        header
        + "".join(row(at, "", "v1", long if at == 2 else one.format(at)) for at in range(2, 102))
    )


BOOK_FOR = 'xmlns="' + MAIN + '" xmlns:r="' + OFFICE + '"'
OUTSIDE = (
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" TargetMode="External"'
    ' Target="http://169.254.169.254/latest/"/>'
)
_ = HostileSheet
XLSX = (
    _("a billion laughs", part(SHEET, f"<!DOCTYPE x [{LAUGHS}]>" + sheet("&l9;")), NO_FILE),
    _("an entity of a file", part(TEXTS, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst><si><t>&e;</t></si></sst>'), NO_FILE),
    _("a definition elsewhere", part("xl/workbook.xml", '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">' + WORKBOOK), NO_FILE),
    _("a parameter entity", part("xl/styles.xml", '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><x/>'), NO_FILE),
    _("an entity in two bytes a letter", part(SHEET, ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]>' + sheet("&a;")).encode("utf-16")), NO_FILE),
    _("an entity in a part nobody asked for", part("xl/drawings/vmlDrawing1.vml", f"<!DOCTYPE x [{LAUGHS}]><x>&l9;</x>"), NO_FILE),
    _("an entity that is not declared", part(SHEET, sheet("&l9;")), NO_FILE),
    _("another encoding", part(SHEET, '<?xml version="1.0" encoding="cp037"?>' + sheet("")), NO_FILE),
    _("a text made of pieces", part(SHEET, sheet("<![CDATA[" + "x" * 1000 + "]]>")), NO_FILE),
    _("a comment", part(SHEET, sheet("<!-- x -->")), NO_FILE),
    _("a link to another workbook", with_parts(xl__externalLinks__externalLink1_xml="<externalLink/>", xl__worksheets___rels__sheet1_xml_rels=related(more=OUTSIDE))),
    _("a sheet on another host", part("xl/_rels/workbook.xml.rels", related(more=OUTSIDE)), NO_FILE),
    _("a sheet outside the archive", part("xl/_rels/workbook.xml.rels", related(("r1", "worksheet", "../../../../etc/passwd"))), NO_FILE),
    _("a macro", part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 400)),
    _("a program beside the sheet", part("xl/embeddings/oleObject1.bin", b"MZ" * 1000)),
    _("a formula", with_cell(name="<c><f>1+1</f></c>"), refused={2: "name"}),
    _("a formula with its result", with_cell(name='<c t="str"><f>HYPERLINK("http://127.0.0.1:1")</f><v>Clinic</v></c>'), refused={2: "name"}),
    _("a formula that starts a program", with_cell(city="<c><f>cmd|'/C calc'!A0</f><v>1</v></c>"), refused={2: "city"}),
    _("a hundred cells of one long formula", many_new_formulas, refused=dict.fromkeys(range(2, 102), "name")),
    _("an error in a cell", with_cell(name=cell("#REF!", "e")), refused={2: "name"}),
    _("two million empty texts", part(TEXTS, f'<sst xmlns="{MAIN}">{"<si/>" * 2_000_000}</sst>'), TOO_MUCH),
    _("a text of thirty megabytes", part(TEXTS, f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000_000}</t></si></sst>'), "far longer than cells"),
    _("a text of one megabyte in a cell", with_cell(name="y" * 900_000), refused={2: "name"}),
    _("texts that fill the memory once they are letters", part(TEXTS, f'<sst xmlns="{MAIN}">{("<si><t>😀" + "x" * 30_000 + "</t></si>") * 800}</sst>'), "more text than is read"),
    _("a text of a text that is not there", with_cell(name=cell("7", "s")), NO_FILE),
    _("a million empty rows", lambda told: package(as_it_stands(told) + "<row/>" * 1_000_000)),
    _("a size that is declared", lambda told: package("", {SHEET: sheet(as_it_stands(told), '<dimension ref="A1:XFD1048576"/>')})),
    _("16,384 columns", lambda _told: package(row(1, *(f"c{at}" for at in range(16_384)))), "columns"),
    _("a row of 16,384 cells", lambda told: package(row(1, *told) + row(2, *told.values(), *["x"] * 16_000)), refused={2: ""}),
    _("twenty-one thousand rows", lambda told: package(row(1, *list(told)[:3]) + "".join(row(at, "", "v1", "x") for at in range(2, 21_002))), "split the file"),
    _("a part of zeros", part("xl/media/image1.png", b"\0" * 60_000_000), TOO_MUCH),
    _("archives in archives", part("xl/media/image1.zip", a_zip_of_zips())),
    _("one part listed a thousand times", lambda told: with_entries(package(as_it_stands(told)), 1_000, 100_000), TOO_MUCH),
    _("two hundred thousand parts", lambda told: with_entries(package(as_it_stands(told)), 150_000, 1), NO_FILE),
    _("a part that says it is small", lambda told: lying(package(as_it_stands(told)), SHEET, 10), NO_FILE),
    _("a part that says it is large", lambda told: lying(package(as_it_stands(told)), SHEET, 4_000_000_000), TOO_MUCH),
    _("a part packed with bzip2", packed_by(zipfile.ZIP_BZIP2), NO_FILE),
    _("a part packed with LZMA", packed_by(zipfile.ZIP_LZMA), NO_FILE),
    _("a locked archive", locked, "password"),
    _("an archive with a comment", lambda told: package(as_it_stands(told))[:-2] + b"\x05\0hello", NO_FILE),
    _("names that climb out, and a symbolic link", with_a_link),
    _("half a file", lambda told: package(as_it_stands(told))[:1500], NO_FILE),
    _("a file within a picture", lambda told: b"GIF89a" + b"\xff" + package(as_it_stands(told)), "Not UTF-8"),
    _("an old locked file", lambda _told: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048, "old .xls"),
    _("a million styles", part("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf/>" * 1_000_000}</cellXfs></styleSheet>'), TOO_MUCH),
    _("a hundred thousand sheets", part("xl/workbook.xml", f'<workbook {BOOK_FOR}><sheets>{"<sheet/>" * 100_000}</sheets></workbook>'), TOO_MUCH),
    _("two hundred thousand attributes", part(SHEET, sheet("<c " + " ".join(f'a{at}=""' for at in range(300_000)) + "/>")), "far longer than cells"),
    _("tags in tags", part(SHEET, sheet("<a>" * 300_000 + "</a>" * 300_000)), NO_FILE),
    _("rows that go back", lambda told: package(row(5, *told) + row(2, *told.values())), NO_FILE),
    _("a row that is no number", lambda _told: package('<row r="x"/>'), NO_FILE),
    _("a cell in no column", lambda _told: package('<row r="1"><c r="7"><v>1</v></c></row>'), NO_FILE),
    _("a number of a hundred thousand digits", with_cell(latitude=cell("9" * 100_000)), refused={2: "latitude"}),
    _("a number beyond all", with_cell(latitude=cell("1e999")), refused={2: "latitude"}),
    _("a number that is none", with_cell(longitude=cell("NaN")), refused={2: "longitude"}),
    _("a day beyond the calendar", with_cell(name=cell("999999999999", style=1)), refused={2: "name"}),
    _("half a character", with_cell(name="_xD800_"), refused={2: "name"}),
    _("a NUL", with_cell(name="Clinic_x0000_"), refused={2: "name"}),
)  # fmt: skip
