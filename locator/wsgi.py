"""The WSGI application. Each server process loads its own search index and keeps it in step."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

application = get_wsgi_application()

from services.index import start_following  # noqa: E402 - Django must be set up first

start_following()  # after the fork: threads do not survive one
