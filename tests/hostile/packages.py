"""XLSX files made part by part, as no spreadsheet would."""

import io
import struct
import zipfile
from collections.abc import Mapping
from html import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>'
)
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'


def related(*parts: tuple[str, str, str], more: str = "") -> str:
    """A list of related parts: id, kind, target."""
    told = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in parts
    )
    return f'<Relationships xmlns="{RELATED}">{told}{more}</Relationships>'


def package(rows: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook with these rows; ``parts`` replace or join its own."""
    whole: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": related(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": related(
            ("r1", "worksheet", "worksheets/sheet1.xml"),
            ("r2", "sharedStrings", "sharedStrings.xml"),
            ("r3", "styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>',
        "xl/styles.xml": STYLES,
    }
    whole.update(parts or {})
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return written.getvalue()


def sheet(rows: str, around: str = "") -> str:
    """The XML of a sheet."""
    return f'<worksheet xmlns="{MAIN}">{around}<sheetData>{rows}</sheetData></worksheet>'


def row(number: int, *cells: str) -> str:
    """A row of cells; a text that begins with ``<`` is a cell already."""
    told = (one if one.startswith("<") else inline(one) for one in cells)
    return f'<row r="{number}">{"".join(told)}</row>'


def inline(text: str) -> str:
    """A cell with its own text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def cell(value: str, kind: str = "n", style: int = 0) -> str:
    """A typed cell."""
    return f'<c t="{kind}" s="{style}"><v>{value}</v></c>'


def with_entries(content: bytes, copies: int, size: int) -> bytes:
    """The archive with one part listed many times over, all of them the same bytes of the file."""
    at = content.index(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    listed, tail = content[at:end], bytearray(content[end:])
    length = 46 + sum(struct.unpack_from("<HHH", listed, 28))
    one = bytearray(listed[:length])
    struct.pack_into("<I", one, 24, size)
    whole = listed + bytes(one) * copies
    count = struct.unpack_from("<H", tail, 10)[0] + copies
    struct.pack_into("<HHI", tail, 8, count & 0xFFFF, count & 0xFFFF, len(whole))
    return content[:at] + whole + bytes(tail)


def lying(content: bytes, name: str, size: int) -> bytes:
    """The archive with the unpacked size of a part told otherwise, wherever it is told."""
    changed = bytearray(content)
    for mark, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = changed.find(mark)
        while at >= 0:
            if changed[at + name_at : at + name_at + len(name)] == name.encode():
                struct.pack_into("<I", changed, at + size_at, size)
            at = changed.find(mark, at + 4)
    return bytes(changed)
