"""A full load makes what services put in one by one make."""

import numpy as np
import pytest
from django.utils import timezone

from services.index.search_index import SearchIndex
from services.index.shelving import filled
from services.listing import listed_services
from services.vocabulary import Availability, Kind, Visibility
from tests.builders import a_report, a_service, a_site

pytestmark = pytest.mark.django_db


def test_services_loaded_in_blocks_stand_as_those_put_in_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.listing.AT_A_TIME", 4)
    monkeypatch.setattr("services.index.shelving.AT_A_TIME", 3)
    now, kinds = timezone.now(), (Kind.DETOX, Kind.METHADONE, Kind.NALOXONE)
    for visibility in (Visibility.PUBLIC, Visibility.APPROXIMATE, Visibility.PHONE_ONLY):
        site = a_site(visibility=visibility)
        for kind in kinds:
            a_report(a_service(site, kind, hours="Mo-Fr 09:00-17:00"), Availability.LIMITED)
    loaded, single = filled(listed_services(), now), SearchIndex(now)
    single.put(listed_services())
    put_in = single.packed(now)
    assert loaded.counts == put_in.counts
    assert loaded.known == put_in.known
    for name, array in loaded.arrays().items():
        for field in array.dtype.names or (...,):
            assert np.array_equal(array[field], put_in.arrays()[name][field]), (name, field)
