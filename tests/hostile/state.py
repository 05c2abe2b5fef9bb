"""All that listings are made of, to see that nothing of it changed."""

from typing import Any

from services import models as m

PARTS: tuple[Any, ...] = (
    m.Organization, m.Site, m.Phone, m.Service, m.Hours, m.HoursException, m.HeldChange,
    m.SourceRecord, m.ServiceSourcing, m.AvailabilityReport, m.Change,
)  # fmt: skip


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of listings."""
    return {part.__name__: list(part._default_manager.order_by("pk").values()) for part in PARTS}
