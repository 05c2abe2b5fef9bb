"""What is packed is looked at unpacked as well: gzip, zlib, zip, e-mails, and archives in those."""

import email
import io
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message

LARGEST = 256 * 1024 * 1024  # bytes that anything may unpack to
DEEPEST = 3
MAIL_HEAD = 4096  # bytes in which an e-mail says that it is one


def layers_of(content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, and what they hold packed; the first part is a path to it."""
    yield "", content
    if depth == DEEPEST:
        return
    for name, inner in _within(content):
        for deeper, bytes_ in layers_of(inner, depth + 1):
            yield f"!{name}{deeper}", bytes_


def _within(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:2] == b"\x1f\x8b":
        yield from (("gzip", inner) for inner in _inflated(content, zlib.MAX_WBITS | 16))
    elif content[:1] == b"x" and content[1:2] in b"\x01\x5e\x9c\xda":
        yield from (("zlib", inner) for inner in _inflated(content, zlib.MAX_WBITS))
    elif content[:4] == b"PK\x03\x04":
        yield from _unzipped(content)
    elif b"MIME-Version:" in content[:MAIL_HEAD]:
        yield from _parts(email.message_from_bytes(content))


def _inflated(content: bytes, window: int) -> Iterator[bytes]:
    """What a stream, or several after each other, unpack to, as far as they can be read."""
    while content:
        unpacker = zlib.decompressobj(window)
        try:
            yield unpacker.decompress(content, LARGEST)
        except zlib.error:
            return
        content = unpacker.unused_data


def _unzipped(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.file_size <= LARGEST:
                    yield entry.filename, archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return  # broken, or with a password: it was looked at packed


def _parts(message: Message) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(message.walk()):
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield f"part {number}", payload
