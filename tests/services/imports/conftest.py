"""The places every import needs."""

from tests.services.imports.files import places

__all__ = ["places"]
