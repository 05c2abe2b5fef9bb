"""The environment that Django, Celery and the tests run in."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from checkout import Checkout
from postgres import DATABASE, ROLE


def environment(checkout: Checkout, outer: Mapping[str, str]) -> dict[str, str]:
    """All that ``locator/settings.py`` reads, on top of the shell's own environment.

    What the shell says of these names is overruled: a production DATABASE_URL left in it must
    not be migrated by ``make run``.
    """
    sockets = quote(str(checkout.sockets))
    return {name: value for name, value in outer.items() if name != "PYTHONHOME"} | {
        "PATH": f"{checkout.venv / 'bin'}{os.pathsep}{outer.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(checkout.venv),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "locator.settings",
        "LOCATOR_HOME": str(checkout.data),
        "SECRET_KEY": secret_key(checkout.data / "secret-key"),
        "PACK_SIGNING_KEY": signing_key(checkout.data / "pack-signing-key"),
        "DATABASE_URL": f"postgis://{ROLE}@/{DATABASE}?host={sockets}",
        "REPLICA_URL": "",
        "REDIS_URL": f"unix://{sockets}/redis.sock?db=0",
        "DEBUG": "false",
        "SECURE_SSL": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CSRF_TRUSTED_ORIGINS": "",
        "PUBLIC_URL": f"http://localhost:{outer.get('PORT') or 8000}",
        "EMAIL_URL": f"filemail:///{quote(str(mail_folder(checkout)))}",  # nothing leaves
        "MAIL_FROM": "locator@localhost",
        "STATIC_ROOT": str(checkout.data / "static"),
        "INDEX_FOLDER": str(checkout.data / "index"),
        "NUMBA_CACHE_DIR": str(checkout.data / "numba"),
        "PGHOST": str(checkout.sockets),  # psql and pg_dump need no options
        "PGUSER": ROLE,
        "PGDATABASE": DATABASE,
        "PSQL_HISTORY": str(checkout.data / "psql-history"),
    }


def mail_folder(checkout: Checkout) -> Path:
    """Where messages end up as files instead of being sent."""
    return checkout.data / "mail"


def secret_key(path: Path) -> str:
    """The secret key of this checkout, made at random the first time."""
    return _kept(path, lambda: secrets.token_urlsafe(50))


def signing_key(path: Path) -> str:
    """The key that this checkout signs packs with: 32 random bytes in Base64."""
    return _kept(path, lambda: base64.b64encode(secrets.token_bytes(32)).decode())


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What a file of ours alone holds, made the first time."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(make())
    return path.read_text()
