"""The domain: everything that is true without HTTP."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """Harm-reduction services, the sites they are at and how available they are."""

    name = "services"
    verbose_name = "Harm-reduction services"

    def ready(self) -> None:
        """Say who may do what, and ask that every table has a declared life."""
        from services import checks, permissions  # noqa: F401, PLC0415 - models must be loaded
