"""Looking a name and its password up in the database."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from services.sign_in_limit import take_back


class CountsOnlyAnswers(ModelBackend):
    """A try that the database did not answer is not held against its name.

    Else whoever tries to sign in while it is away would be locked out when it is back.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> Any:
        """The account, if name and password are right."""
        try:
            return super().authenticate(request, username=username, password=password, **more)
        except (DatabaseError, InterfaceError):
            take_back(username)
            raise
