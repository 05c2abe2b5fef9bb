import gzip
from pathlib import Path

import pytest

from services.imports import reading
from services.imports.problems import FileRefusedError
from services.imports.reading import csv_rows, json_rows, read_text

A = frozenset({"a"})


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv_rows(text, columns=A))


def test_windows_bytes_are_read_where_utf8_fails(tmp_path: Path) -> None:
    path = tmp_path / "otp.csv"
    path.write_bytes(b"ID\nCl\xednica\n")
    assert "Cl\u00ednica" in read_text(path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert rows_of(read_text(path)) == [{"a": "1", "b": "2"}]


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" + b"1\n" * 5000)[:-20])
    with pytest.raises(FileRefusedError, match="cut short"):
        read_text(path)


def test_a_gzip_bomb_is_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TEXT_BYTES", 2**21)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 2**24))
    with pytest.raises(FileRefusedError, match="unpacks"):
        read_text(path)


def test_nul_characters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    path.write_bytes(b"a\n1\x00\n")
    with pytest.raises(FileRefusedError, match="NUL"):
        read_text(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="cannot be opened"):
        read_text(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("b\n1\n", "missing: a"),
        ("a,b\n1\n", "cells under 2 columns"),
        ('a\n"1\n', "broken"),
        ("a,a\n1,2\n", "twice"),
        (",".join(["a", *(f"c{at}" for at in range(300))]), "columns"),
        ("a\n" + "1" * 70_000, "broken"),
    ],
)
def test_a_table_of_another_shape_is_refused(text: str, reason: str) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        rows_of(text)


@pytest.mark.parametrize(
    "text",
    ['{"rows": [', '{"rows": {}}', "[]", '{"rows": [1]}', '{"rows": [{"a": NaN}]}', "[" * 100_000],
)
def test_json_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(FileRefusedError):
        json_rows(text, under="rows")


def test_json_nested_too_deeply_is_refused() -> None:
    deep = '{"rows": [{"a": ' + "[" * 40 + "]" * 40 + "}]}"
    with pytest.raises(FileRefusedError, match="deeply"):
        json_rows(deep, under="rows")
