"""The WSGI application. Each server process loads its own search index and keeps it in step."""

import gc
import os
import signal
import threading

import django
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")

gc.disable()  # until the follower has begun: see services/index/garbage.py
django.setup(set_prefix=False)

from api.last_wall import LastWall  # noqa: E402 - Django must be set up first
from api.requests import ReadingHandler  # noqa: E402
from api.short_cut import SearchShortCut  # noqa: E402
from locator.core_dumps import never_dump_core  # noqa: E402
from services.index import start_following  # noqa: E402
from services.leaving import leaving  # noqa: E402
from services.postgis.patience import STATEMENT_S, usual  # noqa: E402

never_dump_core()
usual.seconds = STATEMENT_S  # a database that hangs must not take all threads
resolve("/healthz")  # imports every view, before somebody has to wait for that
django_application = ReadingHandler()
application = LastWall(SearchShortCut(django_application))
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGUSR1, lambda *_: leaving.set())  # see locator/server.py
start_following()  # after the fork: threads do not survive one
