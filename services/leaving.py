"""Whether this process ends soon: then it keeps nobody waiting, and no connection open.

The web server tells its processes so a moment before it stops them (locator/server.py).
"""

import threading

leaving = threading.Event()
