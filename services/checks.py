"""What ``manage.py check`` asks of the models, besides Django's own questions."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from services.retention import LIFE_OF, LIVES


@register()
def every_table_has_a_life(**_: Any) -> list[CheckMessage]:
    """Each table is declared in services.retention, and each declaration is of a table."""
    return [*_undeclared(), *_unknown()]


def _undeclared() -> Iterator[CheckMessage]:
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        view = meta.db_table == "pghistory_events"  # reads the tables of versions
        if meta.managed and not meta.proxy and not view and meta.label not in LIFE_OF:
            yield Error(
                f"{meta.label} has no declared life.",
                hint="Say in services/retention.py how long its rows are kept, and why.",
                obj=model,
                id="services.E001",
            )


def _unknown() -> Iterator[CheckMessage]:
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    for life in LIVES:
        if life.table not in known:
            yield Error(f"{life.table} is no table.", id="services.E002")
