"""The domain: everything that is true without HTTP."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ServicesConfig(AppConfig):
    """Harm-reduction services, the sites they are at and how available they are."""

    name = "services"
    verbose_name = "Harm-reduction services"

    def ready(self) -> None:
        """Say who may do what, put the database's walls behind it; every table needs a life."""
        from services import checks, permissions, walls  # noqa: F401, PLC0415 - models must be loaded

        connection_created.connect(walls.wall_in)
        walls.take_the_role_away()
