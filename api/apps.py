"""HTTP: requests in, one call on the domain, JSON out."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The public API, version 1."""

    name = "api"
