"""An XLSX file looked at as an archive, before anything unpacks it to keep or reads it as XML."""

import io
import re
import zipfile

from services.exchange.limits import Limits
from services.exchange.problems import FileRefusedError

NO_FILE = "Not an XLSX file that can be read. Save it anew as “Excel workbook (.xlsx)”, or as CSV."
TOO_MUCH = (
    "It unpacks to more than is read. Delete the empty rows and columns around your table, split"
    " the file, or use CSV."
)
END, END_BYTES = b"PK\x05\x06", 22  # the record at the end of an archive without a comment
END_64, END_64_BYTES = b"PK\x06\x07", 20  # before it, where an archive is larger than any of ours
MOST_DIRECTORY = 200_000  # bytes of the list of parts: some two thousand
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack without a limit in between
A_PIECE = 1_000_000  # bytes looked at in one go
TABLE = re.compile(r"xl/worksheets/[^/]+|(?:.*/)?sharedStrings[^/]*", re.IGNORECASE)
MOST_AROUND = 50_000  # marks of parts around the table: styles, names of sheets
# In any part, whatever its name, and also where two bytes make a character.
DECLARES = re.compile(
    rb"<\x00*!\x00*(?:"
    + b"|".join(rb"\x00*".join(re.findall(b".", word)) for word in (b"DOCTYPE", b"ENTITY"))
    + rb")",
    re.IGNORECASE,
)
HIDES = re.compile(rb"<\x00*!")  # comments and CDATA: no spreadsheet writes them in its tables


def checked_archive(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, if it is as small as it says and holds nothing that grows when it is read.

    No part unpacks to more than the list of parts says, as the library cuts it there.

    Raises:
        FileRefusedError: it is not.
        zipfile.BadZipFile: it is no archive.
    """
    end = content[-END_BYTES:]
    listed = int.from_bytes(end[12:16], "little")
    before = content[-END_BYTES - END_64_BYTES : -END_BYTES]
    if not end.startswith(END) or before.startswith(END_64) or listed > MOST_DIRECTORY:
        raise FileRefusedError(NO_FILE)
    archive = zipfile.ZipFile(io.BytesIO(content))
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > limits.unpacked_of(len(content)):
        raise FileRefusedError(TOO_MUCH)
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefusedError("It is locked by a password: take that off and save it.")
    if any(part.compress_type not in PACKED for part in parts):
        raise FileRefusedError(NO_FILE)
    marks = {part.filename: _marks(archive, part) for part in parts}
    around = sum(count for name, count in marks.items() if not TABLE.fullmatch(name))
    if around > MOST_AROUND or sum(marks.values()) - around > limits.marks_of(len(content)):
        raise FileRefusedError(TOO_MUCH)
    return archive


def _marks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many signs of markup a part holds, each of which costs time; none if it is no XML."""
    before, count, is_xml = b"", 0, False
    with archive.open(part) as source:
        while piece := source.read(A_PIECE):
            if not before:
                is_xml = piece.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")
            here = piece.count(b"<")
            if DECLARES.search(before + piece) or (is_xml and HIDES.search(before[-3:] + piece)):
                raise FileRefusedError(NO_FILE)
            if is_xml and len(piece) == A_PIECE and not here:
                raise FileRefusedError("A cell is far longer than cells can be: shorten it.")
            count += here
            before = piece[-40:]
    return count if is_xml else 0
