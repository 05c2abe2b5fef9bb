"""Our own crashes in the log: what broke and where in the code, and nothing of who asked for what.

An exception's text may hold what was sent, so it is left out; so are the path and all variables.
"""

import traceback
from pathlib import Path

import structlog
from django.http import HttpRequest

log = structlog.get_logger("api")


def log_crash(exc: Exception, request: HttpRequest) -> None:
    """Log an exception nobody foresaw: its types and the lines of code it came through."""
    match = getattr(request, "resolver_match", None)
    log_crash_of(exc, route=getattr(match, "route", None), method=request.method)


def log_crash_of(exc: Exception, *, method: str | None, route: str | None = None) -> None:
    """The same, where there is no request to ask."""
    frames = traceback.extract_tb(exc.__traceback__, limit=-12)
    log.error(
        "request crashed",
        route=route,
        method=method,
        error=" from ".join(_chain(exc)),
        at=" > ".join(_place_of(frame) for frame in frames),
    )


def _place_of(frame: traceback.FrameSummary) -> str:
    return f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"


def _chain(exc: BaseException) -> list[str]:
    names: list[str] = []
    cause: BaseException | None = exc
    while cause is not None and len(names) < 5:  # noqa: PLR2004 - enough to tell, never endless
        names.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    return names
