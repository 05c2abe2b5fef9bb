"""The WSGI application of ``make run`` with the faults in it, for a server to load by name."""

from django.conf import settings

from locator.wsgi import application as real
from tests.proofs.privacy.faults import Remembering, put_into

settings.ADMINS = [("Whoever is called at night", "admin@localhost")]
put_into(real.application, setattr)
application = Remembering(real)
