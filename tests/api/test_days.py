"""The short form of ``make prove``: the same days, in this process."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.utils import timezone

from services.index import live_index
from services.models import Organization, Service, Site
from services.reporting_links import make_link, url_of
from services.vocabulary import Availability, Kind, Role
from tests.api.conftest import Phone
from tests.builders import a_service, a_site, a_token, an_account, an_organization
from tests.proofs.asking import Answer
from tests.proofs.clinic_day import Day, People
from tests.proofs.outreach_day import VALID, OutreachDay

pytestmark = pytest.mark.django_db

HERE = {"lat": 39.9526, "lon": -75.1652}


class InProcess:
    """A server without a network; what was written is in its index at the next question."""

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        live_index.catch_up()
        form = isinstance(body, str)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        more = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        response: Any = Phone().generic(
            method, path, body if form else _json(body), content_type=kind, headers=more
        )
        told = response.json() if "json" in response.get("Content-Type", "") else None
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, told, response.content.decode(), lower)

    def settle(self, seen: Callable[[], bool]) -> float:
        assert seen()
        return 0.0


def _json(body: object) -> bytes:
    import json

    return b"" if body is None else json.dumps(body).encode()


@pytest.fixture
def clinic() -> Service:
    """A clinic that is neither the nearest nor the likeliest; others around it."""
    site = a_site(39.96, -75.17, organization=an_organization(name="The clinic"))
    return a_service(site, Kind.DETOX)


def people_of(organization: Organization) -> People:
    vandal = an_account(Role.CLINIC_STAFF, organization)
    accounts = {
        "staff": an_account(Role.CLINIC_STAFF, organization),
        "admin": an_account(Role.CLINIC_ADMIN, organization),
        "outreach": an_account(Role.OUTREACH),
        "moderator": an_account(Role.MODERATOR),
    }
    return People(
        **{role: a_token(account) for role, account in accounts.items()},
        vandal=a_token(vandal),
        vandal_name=vandal.username,
        link_for=lambda site: url_of(make_link(site=Site.objects.get(pk=site), now=timezone.now())),
    )


def as_found(service: Service) -> dict[str, Any]:
    wanted = HERE | {"kinds": [service.kind], "limit": 100}
    features = InProcess().ask("POST", "/api/v1/nearby/", wanted).told["features"]
    return next(one for one in features if one["id"] == str(service.pk))


def test_a_clinics_day(clinic: Service) -> None:
    for step in range(4):
        a_service(a_site(39.953 + step / 1000, -75.165), Kind.DETOX)
    people = people_of(clinic.site.organization)
    said: list[str] = []
    Day(InProcess(), people, as_found(clinic), HERE, said.append).run()
    assert len(said) == 12


def test_an_outreach_workers_day(clinic: Service) -> None:
    organization = an_organization()
    kinds = list(Kind)
    for number in range(VALID // len(kinds) + 1):
        site = a_site(39.953 + number / 1000, -75.165, organization=organization)
        for kind in kinds:
            a_service(site, kind)
    people = people_of(clinic.site.organization)
    said: list[str] = []
    OutreachDay(InProcess(), people.outreach, people.staff, str(clinic.pk), HERE, said.append).run()
    assert len(said) == 3
    clinic.refresh_from_db()
    assert clinic.state == Availability.FULL
