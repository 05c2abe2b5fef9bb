"""The WSGI application. Each server process loads its own search index and keeps it in step."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

django_application = get_wsgi_application()

from api.short_cut import SearchShortCut  # noqa: E402 - Django must be set up first
from services.index import start_following  # noqa: E402

application = SearchShortCut(django_application)
start_following()  # after the fork: threads do not survive one
