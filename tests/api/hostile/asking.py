"""Asking a WSGI application as a server does, and undoing what came of it."""

import io
import itertools
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tests.api.hostile.case import Case
from tests.api.hostile.world import HostileWorld

callers = itertools.count()  # nobody meets another one's limit


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    content: bytes


def asked(application: Any, case: Case, world: HostileWorld) -> Told:
    """The answer to a case."""
    with transaction.atomic():
        environ = _surroundings() | world.filled(case)
        if case.role:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {world.token(case.role)}"
        environ["wsgi.input"] = io.BytesIO(case.body)
        told = _answer(application, environ)
        transaction.set_rollback(True)
    return told


def _surroundings() -> dict[str, Any]:
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": f"198.51.100.{next(callers) % 250}",
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }


def _answer(application: Any, environ: dict[str, Any]) -> Told:
    start: list[Any] = []
    answer = application(environ, lambda *told: start.extend(told[:2]))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return Told(int(start[0][:3]), dict(start[1]), content)
