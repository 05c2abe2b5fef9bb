"""How often somebody may try to sign in to a name: counted by name, never by address.

django-axes counts failures after the password was looked at, so that many tries at once pass its
limit. Here each try is counted before. What Redis holds of a name is a keyed hash.
"""

import unicodedata
from contextlib import suppress
from typing import Any

from axes.handlers.cache import AxesCacheHandler
from axes.helpers import get_cache_timeout, get_failure_limit
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from services.counters import TRY, ask


class CountsFirst(AxesCacheHandler):  # type: ignore[misc]
    """Tries since the last success or quiet time; a success forgets them.

    Redis that does not answer raises, so nobody gets in uncounted.
    """

    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Count a try, and say whether it may be made."""
        tries = self._count(_key(credentials), get_cache_timeout(request))
        allowed = bool(tries <= get_failure_limit(request, credentials))
        request.axes_locked_out = not allowed  # type: ignore[attr-defined]  # axes' middleware
        return allowed

    def _count(self, key: str, quiet_s: int) -> int:
        return int(ask(TRY, key, arguments=(get_failure_limit(None, None), quiet_s)))

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """How many tries are counted against a name."""
        tries: int = cache.get(_key(credentials), 0)
        return tries

    def reset_attempts(
        self,
        *,
        ip_address: str | None = None,
        username: str | None = None,
        ip_or_username: bool = False,
    ) -> int:
        """Unlock a name: ``./manage.py axes_reset_username <name>``. Addresses are not known."""
        if username is None:
            return 0
        return int(cache.delete(_key({"username": username})))

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **_: Any
    ) -> None:
        """It was counted before."""

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
        """Forget the tries."""
        cache.delete(_key({"username": user.get_username()}))

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
        """Nothing is counted."""

    def post_save_access_attempt(self, instance: Any, **_: Any) -> None:
        """There are none; django-axes asks all the same."""

    def post_delete_access_attempt(self, instance: Any, **_: Any) -> None:
        """Likewise."""


def take_back(username: str | None) -> None:
    """Forget one try; that the counter is gone or cannot be reached changes nothing."""
    with suppress(ValueError, RedisError):
        cache.decr(_key({"username": username}))


def no_address(_request: HttpRequest) -> None:
    """What django-axes is told of where a request came from: nothing."""


def _key(credentials: dict[str, Any] | None) -> str:
    name = unicodedata.normalize("NFKC", str((credentials or {}).get("username") or ""))
    return "sign-in:" + salted_hmac(__name__, name, algorithm="sha256").hexdigest()
