import uuid
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from services.editing import (
    EditRefusedError,
    distance_m,
    edit_service,
    edit_site,
    list_again,
    retire,
)
from services.models import Service, Site
from services.vocabulary import Availability, Delivery, Visibility
from tests.builders import PHILADELPHIA, a_report, a_service, a_site

pytestmark = pytest.mark.django_db

LAT, LON = PHILADELPHIA
A_FEW_HOUSES_ON = Point(LON + 0.001, LAT, srid=4326)
ACROSS_TOWN = Point(LON + 0.2, LAT, srid=4326)
LOS_ANGELES = Point(-118.2437, 34.0522, srid=4326)
PUBLIC, APPROXIMATE = Visibility.PUBLIC, Visibility.APPROXIMATE


def both_points(site: Site) -> tuple[Point, Point]:
    assert site.location
    assert site.displaced_location
    return site.location, site.displaced_location


def edited(site: Site, **changes: Any) -> Site:
    return edit_site(site_id=site.pk, changes=changes)


def test_a_site_gets_its_displaced_point_when_it_first_needs_one() -> None:
    site = a_site()
    assert site.displaced_location is None
    site = edited(site, visibility=APPROXIMATE)
    assert distance_m(*both_points(site)) > 1_000


def test_the_displaced_point_stays_while_the_visibility_goes_to_and_fro() -> None:
    site = edited(a_site(), visibility=APPROXIMATE)
    first = site.displaced_location
    for visibility in (PUBLIC, APPROXIMATE, Visibility.PHONE_ONLY, APPROXIMATE):
        site = edited(site, visibility=visibility)
        assert site.displaced_location == first


def test_a_door_corrected_by_a_few_houses_keeps_its_displaced_point() -> None:
    site = edited(a_site(), visibility=APPROXIMATE)
    moved = edited(site, location=A_FEW_HOUSES_ON)
    assert moved.displaced_location == site.displaced_location


def test_after_a_move_the_displaced_point_lies_in_another_direction() -> None:
    site = edited(a_site(), visibility=APPROXIMATE)
    old, old_shown = both_points(site)
    new, new_shown = both_points(edited(site, location=ACROSS_TOWN))
    assert distance_m(new, new_shown) > 1_000
    guess = Point(new_shown.x - (old_shown.x - old.x), new_shown.y - (old_shown.y - old.y))
    assert distance_m(guess, new) > 10


def test_the_time_zone_follows_the_point_unless_it_was_chosen() -> None:
    assert edited(a_site(), location=LOS_ANGELES).time_zone == "America/Los_Angeles"
    chosen = a_site(time_zone="America/Chicago")
    assert edited(chosen, location=LOS_ANGELES).time_zone == "America/Chicago"
    both = edited(a_site(), location=LOS_ANGELES, time_zone="America/Denver")
    assert both.time_zone == "America/Denver"


def test_a_remote_site_has_no_point_and_cannot_be_approximate() -> None:
    assert edited(a_site(), delivery=Delivery.REMOTE).location is None
    with pytest.raises(EditRefusedError) as refusal:
        edited(a_site(), delivery=Delivery.REMOTE, visibility=APPROXIMATE)
    assert refusal.value.field == "visibility"


def test_a_door_needs_a_point() -> None:
    with pytest.raises(EditRefusedError) as refusal:
        edited(a_site(), location=None)
    assert refusal.value.field == "location"


def test_an_edit_writes_no_availability() -> None:
    service = a_service()
    stale = Service.objects.get(pk=service.pk)
    a_report(service, remaining=3)
    edit_service(service_id=stale.pk, changes={"description": "Bring nothing."})
    service.refresh_from_db()
    assert (service.description, service.state) == ("Bring nothing.", Availability.AVAILABLE)


@pytest.mark.parametrize("model", [Site, Service])
def test_what_is_retired_can_be_listed_again(model: Any) -> None:
    service = a_service()
    row = service if model is Service else service.site
    assert retire(model=model, pk=row.pk)
    assert not retire(model=model, pk=row.pk)
    assert not Service.objects.listed().exists()
    assert list_again(model=model, pk=row.pk)
    assert not list_again(model=model, pk=row.pk)
    assert Service.objects.listed().exists()


def test_nobody_retires_what_does_not_exist() -> None:
    with pytest.raises(Site.DoesNotExist):
        retire(model=Site, pk=uuid.uuid4())
