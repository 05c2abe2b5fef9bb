"""Somebody who may do everything, signed in; static files without a build."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from services.models import User
from tests.services.admin.door import signed_in


@pytest.fixture(autouse=True)
def _static_files_as_they_lie(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_superuser("moderator", password="a long password")


@pytest.fixture
def client(moderator: User) -> Client:
    return signed_in(moderator)
