"""Work outside a request."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from services.models import Change
from services.purging import purge
from tests.builders import a_service


@pytest.mark.django_db
def test_changes_are_forgotten_after_ninety_days_and_not_before() -> None:
    a_service()
    written = Change.objects.count()
    assert written > 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=89)):
        assert purge("services.Change", timezone.now()) == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        assert purge("services.Change", timezone.now()) == written
        assert purge("services.Change", timezone.now()) == 0
