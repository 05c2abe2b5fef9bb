"""Logs for people in a terminal, or JSON for machines. No path's query, no address, no body.

What Django says of refused and failed requests holds their path, so it is not written; the API logs
its own crashes, without values.
"""

import logging
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_of(form: str) -> dict[str, Any]:
    """Django's LOGGING, and structlog set up to go the same way.

    Args:
        form: "text", or "json" for one object a line.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Of a line that cannot be written Python would tell everything, exceptions' texts included.
    logging.raiseExceptions = False
    silent = {"handlers": ["nowhere"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"readable": {"()": f"{__name__}.formatter", "form": form}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "readable"},
            "nowhere": {"class": "logging.NullHandler"},  # with none, warnings go to stderr
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": []},  # Django's own would mail whole requests to ADMINS
            "django.request": silent,
            "django.security": silent,
            "django.server": silent,
        },
    }


def formatter(form: str) -> structlog.stdlib.ProcessorFormatter:
    """The formatter of both structlog's and everybody else's records."""
    plain_tracebacks = structlog.dev.plain_traceback  # local variables are never written
    last: list[Any] = [
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain_tracebacks)
    ]
    if form == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
