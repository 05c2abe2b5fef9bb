"""What the census in short has instead of an installation: this process and the test's database."""

import contextlib
import io
import itertools
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core import mail
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from api.last_wall import LastWall
from api.short_cut import SearchShortCut
from tests.proofs.privacy.asking import Request
from tests.proofs.privacy.canaries import Canary
from tests.proofs.privacy.census import Found, census
from tests.proofs.privacy.database import DUMP, dumped
from tests.proofs.privacy.needles import Needles
from tests.proofs.privacy.redis_memory import RedisMemory
from tests.proofs.privacy.rounds import ANSWERS
from tests.proofs.privacy.sinks import Piece, files_below

__all__ = ["DUMP", "MAIL", "OUTPUT", "Short"]
OUTPUT, MAIL = "output", "mail"


class Short:
    """What there is to leave something in."""

    def __init__(
        self,
        folders: list[Path],
        memory: RedisMemory,
        capture: Any,
        console: logging.StreamHandler[io.StringIO],
    ) -> None:
        self.folders, self.memory, self._capture = folders, memory, capture
        self._console = console
        self.answers = list[Piece]()
        self.output = ""
        self.application: Any = LastWall(SearchShortCut(WSGIHandler()))

    def ask(self, request: Request, one: Canary) -> int:
        """One request through WSGI; the status of its answer."""
        started: list[Any] = []
        pieces = self.application(environ_of(request, one), lambda *told: started.extend(told))
        content = b""
        with contextlib.suppress(Exception):  # it breaks off
            for piece in pieces:
                content += piece
        if hasattr(pieces, "close"):
            pieces.close()
        self.answers.append(Piece(ANSWERS, str(one.number), repr(started).encode() + content))
        return int(str(started[0])[:3])

    def pieces(self) -> Iterator[Piece]:
        """All that is kept."""
        self.memory.write_out()
        yield from self.memory.told()
        yield from files_below(self.folders)
        where = connection.settings_dict
        yield Piece(DUMP, "all tables", dumped(where["HOST"], where["NAME"]))
        self.output += "".join(self._capture.readouterr()) + self._console.stream.getvalue()
        yield Piece(OUTPUT, "both", self.output.encode())
        for message in mail.outbox:
            yield Piece(MAIL, "sent", message.message().as_bytes())
        yield from self.answers

    def read(self, *searchers: list[Canary]) -> Found:
        """Look for searchers everywhere."""
        return census(self.pieces(), Needles(itertools.chain(*searchers)))


def environ_of(request: Request, one: Canary) -> dict[str, Any]:
    """What a WSGI server tells of a request."""
    body = b"" if request.body is None else json.dumps(request.body).encode()
    url = urlsplit(request.path)
    sent = one.headers | dict(request.headers)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in sent.items()}
    return headers | {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": url.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": one.address,
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
