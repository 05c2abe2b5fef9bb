"""Files as they come: forms, encodings, formulas, bombs."""

import datetime as dt
import io
import re
import zipfile
from typing import Any

import pytest

from services.exchange.limits import Limits
from services.exchange.neutral import as_told, neutralised, xlsx_escaped, xlsx_unescaped
from services.exchange.problems import FileRefusedError
from services.exchange.reading import read_table
from services.exchange.writing import Form
from tests.builders import a_service, a_site
from tests.services.exchange.files import exported, xlsx_of
from tests.services.exchange.test_round_trip import NASTY

HEADER = ["id", "version", "name"]


def cells(content: bytes, limits: Limits | None = None) -> list[dict[str, str]]:
    table = read_table(content, limits) if limits else read_table(content)
    return [row.cells for row in table.rows]


def with_part(content: bytes, name: str, change: Any) -> bytes:
    """The XLSX file with one part of it changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part, change(data) if part.filename == name else data)
    return written.getvalue()


@pytest.mark.parametrize("text", NASTY)
def test_a_neutralised_text_comes_back(text: str) -> None:
    assert as_told(neutralised(text)) == text
    assert xlsx_unescaped(xlsx_escaped(text)) == text


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t", "\r", "\n=", " =1", "\u200f=", "＝"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "'tis", "19103", "Mo-Fr 09:00-17:00", "988 (crisis)"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert neutralised(text) == text


@pytest.mark.django_db
def test_no_cell_of_a_csv_file_begins_as_a_formula_but_numbers() -> None:
    a_site(name="=HYPERLINK(1)", address="@x", city="+1", website="")
    a_service(description="-1+1")
    for sheet in ("sites", "services"):
        lines = exported(sheet).decode("utf-8-sig").splitlines()
        risky = [cell for line in lines for cell in line.split(",") if re.match(r'"?[=+\-@]', cell)]
        assert all(re.fullmatch(r"-\d+\.\d+", cell) for cell in risky)


@pytest.mark.django_db
def test_an_xlsx_file_has_texts_as_texts_and_numbers_as_numbers_and_no_formula() -> None:
    a_site(name="=1+1", postal_code="02134")
    with zipfile.ZipFile(io.BytesIO(exported("sites", Form.XLSX))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1</t>" in sheet
    assert "<t>02134</t>" in sheet
    assert '<c r="G2" t="n"><v>-75.1652</v></c>' in sheet


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_delimiter_of_spreadsheets_is_read(delimiter: str, mark: str) -> None:
    text = f"{mark}id{delimiter}version{delimiter}name\r\n1{delimiter}v1{delimiter}Ärzte\r\n"
    assert cells(text.encode()) == [{"id": "1", "version": "v1", "name": "Ärzte"}]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_told(encoding: str) -> None:
    with pytest.raises(FileRefusedError, match="Not UTF-8"):
        read_table("id,name\r\n1,Ärzte\r\n".encode(encoding))


def test_an_open_quotation_mark_is_told() -> None:
    with pytest.raises(FileRefusedError, match="quotation mark"):
        read_table(b'id,name\r\n1,"open\r\n')


def test_empty_rows_are_left_out_and_rows_keep_their_numbers() -> None:
    table = read_table(b"id,name\r\n,\r\n1,x\r\n")
    assert [(row.number, row.cells["id"]) for row in table.rows] == [(3, "1")]


def test_a_cell_beyond_the_header_is_refused() -> None:
    assert "" in read_table(b"id,name\r\n1,x,stray\r\n").rows[0].refusals


def test_a_spreadsheets_own_cells_are_read_as_they_were_typed() -> None:
    values = [True, 18, 18.0, 39.9526, dt.date(2026, 12, 24), "_x000D_x", "_x005F_x000D_"]
    content = xlsx_of([[str(place) for place in range(len(values))], values])
    told = ["TRUE", "18", "18", "39.9526", "2026-12-24", "\rx", "_x000D_"]
    assert list(cells(content)[0].values()) == told


@pytest.mark.parametrize(
    "formula", ["=1+1", '=HYPERLINK("https://example.org")', "=cmd|' /C x'!A0"]
)
def test_a_formula_is_refused_by_row_and_column_and_never_worked_out(formula: str) -> None:
    (row,) = read_table(xlsx_of([HEADER, ["1", "v1", formula]])).rows
    assert (row.number, set(row.refusals)) == (2, {"name"})
    assert "formula" in row.refusals["name"]
    assert row.cells["name"] == ""


def test_a_formula_with_a_stored_result_is_refused_too() -> None:
    def sneak(sheet: bytes) -> bytes:
        return sheet.replace(b'<c r="C2" t="n"><v>7</v>', b'<c r="C2"><f>3+4</f><v>7</v>')

    content = xlsx_of([HEADER, ["1", "v1", 7]])
    changed = with_part(content, "xl/worksheets/sheet1.xml", sneak)
    assert changed != content
    assert "name" in read_table(changed).rows[0].refusals


def test_an_error_in_a_cell_is_refused() -> None:
    def break_it(sheet: bytes) -> bytes:
        return sheet.replace(b'<c r="C2" t="n"><v>7</v>', b'<c r="C2" t="e"><v>#REF!</v>')

    content = with_part(xlsx_of([HEADER, ["1", "v1", 7]]), "xl/worksheets/sheet1.xml", break_it)
    assert "error" in read_table(content).rows[0].refusals["name"]


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b"<!doctype x>",
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_declared_entity_is_refused_unread(declared: bytes, part: str) -> None:
    content = with_part(xlsx_of([HEADER]), part, lambda data: declared + data)
    with pytest.raises(FileRefusedError, match="Not an XLSX file"):
        read_table(content)


def test_another_encoding_hides_no_declaration() -> None:
    def hide(data: bytes) -> bytes:
        return ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x>' + data.decode()).encode(
            "utf-16"
        )

    content = with_part(xlsx_of([HEADER]), "xl/workbook.xml", hide)
    with pytest.raises(FileRefusedError, match="Not an XLSX file"):
        read_table(content)


def test_a_declaration_is_found_in_a_part_of_any_name() -> None:
    content = xlsx_of([HEADER])
    written = io.BytesIO(content)
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr("xl/picture.bin", "<!DOCTYPE x>".encode("utf-16-be"))
    with pytest.raises(FileRefusedError, match="Not an XLSX file"):
        read_table(written.getvalue())


def test_macros_links_and_other_sheets_are_not_read() -> None:
    def add(sheet: Any) -> None:
        sheet.parent.create_sheet("second").append(["=1+1"])

    written = io.BytesIO(xlsx_of([HEADER, ["1", "v1", "x"]], add))
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\0\1\2")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    (row,) = read_table(written.getvalue()).rows
    assert (row.cells["name"], row.refusals) == ("x", {})


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    content = with_part(xlsx_of([HEADER]), "xl/styles.xml", lambda data: data + b" " * 200_000)
    with pytest.raises(FileRefusedError, match="unpacks to more"):
        read_table(content, Limits(unpacked=100_000))


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    content = xlsx_of([HEADER, ["1", "v1", "x" * 5_000]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(FileRefusedError, match="Not an XLSX file"):
        read_table(lying)


@pytest.mark.parametrize(
    ("limits", "says"),
    [(Limits(size=10), "Larger"), (Limits(rows=1), "rows"), (Limits(columns=2), "columns")],
)
@pytest.mark.parametrize("form", list(Form))
def test_more_than_the_limits_is_refused(limits: Limits, says: str, form: Form) -> None:
    rows = [HEADER, ["1", "v1", "x"], ["2", "v2", "y"]]
    text = "\r\n".join(",".join(row) for row in rows).encode()
    with pytest.raises(FileRefusedError, match=says):
        read_table(text if form is Form.CSV else xlsx_of([list(row) for row in rows]), limits)


def test_a_row_that_says_it_is_beyond_the_last_is_not_waited_for() -> None:
    def far(sheet: bytes) -> bytes:
        return sheet.replace(b'<row r="2"', b'<row r="2000000000"').replace(b'r="A2"', b"")

    content = with_part(xlsx_of([HEADER, ["1"]]), "xl/worksheets/sheet1.xml", far)
    assert cells(content) == []


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 old", b""])
def test_what_is_no_file_of_listings_is_told(content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        read_table(content)
