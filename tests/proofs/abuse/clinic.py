"""A clinic whose account was stolen: ten services at five sites, and people who work there."""

import copy
import datetime as dt
import itertools
import uuid
from typing import Any

from django.test import Client

from services.content import content_of
from services.geodesy import geodesic_m
from services.models import AvailabilityReport, Closing, Membership, Service, Site
from services.vocabulary import Kind, Role
from tests.builders import PHILADELPHIA, a_service, a_site, a_token, an_account, an_organization
from tests.proofs.abuse.clock import Clock

KINDS = (Kind.DETOX, Kind.METHADONE)
DOORS = 5
FARTHEST_M, SHARE = 500.0, 0.2
HOURS = "Mo-Fr 08:00-18:00"
SECOND = dt.timedelta(seconds=1)
numbers = itertools.count(1)


class Clinic:
    """The clinic as it stood, and what is told of it now."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.organization = an_organization()
        lat, lon = PHILADELPHIA
        self.sites = [
            a_site(lat + 0.01 * next(numbers), lon, organization=self.organization)
            for _ in range(DOORS)
        ]
        self.services = [
            a_service(site, kind, hours=HOURS, min_age=18) for site in self.sites for kind in KINDS
        ]
        self.thief = an_account(Role.CLINIC_ADMIN, self.organization)
        self.colleague = an_account(Role.CLINIC_ADMIN, self.organization, email="b@clinic.example")
        self.moderator = an_account(Role.MODERATOR, email="moderator@example.org")
        self.token = a_token(self.thief)
        self.before = self.stands()
        self.told: list[int] = []

    def send(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """One request of the thief's phone, or of another one's."""
        self.clock.shift(SECOND)
        phone = Client(headers={"Authorization": f"Bearer {token or self.token}", "If-Match": "*"})
        answer = getattr(phone, method)(f"/api/v1/{path}", body, content_type="application/json")
        self.clock.settle()
        self.told.append(answer.status_code)
        return answer

    def patch(self, listing: Site | Service, token: str = "", **changes: Any) -> Any:
        """An edit."""
        where = "sites" if isinstance(listing, Site) else "services"
        return self.send("patch", f"{where}/{listing.pk}/", changes, token)

    def stands(self) -> dict[str, Any]:
        """All that people edit of its listings, its people, and what is said of it for a time."""
        listings = [*self.sites, *self.services]
        content: dict[str, Any] = {str(one.pk): content_of(_now(one)) for one in listings}
        people = Membership.objects.filter(organization=self.organization).order_by("user")
        said = AvailabilityReport.objects.standing().filter(service__in=self.services)
        closings = Closing.objects.current().of([self.organization])
        listed = Service.objects.listed().filter(site__organization=self.organization)
        return copy.deepcopy(content) | {
            "people": list(people.values_list("user", "role")),
            "reports": said.count(),
            "closings": closings.count(),
            "listed": sorted(map(str, listed.values_list("pk", flat=True))),
        }

    def harm(self) -> list[str]:
        """What sends people astray, in words; none is what must hold."""
        return [*self._sites_harmed(), *self._services_closed()]

    def _sites_harmed(self) -> list[str]:
        found = []
        for site in self.sites:
            was, is_ = self.before[str(site.pk)], content_of(_now(site))
            if _is_far(was["location"], is_["location"]):
                found.append("moved")
            if _dialled(was) != _dialled(is_):
                found.append("phones")
            found += [one for one in ("region", "country", "time_zone") if was[one] != is_[one]]
            if not is_["listed"]:
                found.append("site retired")
        return found

    def _services_closed(self) -> list[str]:
        closed = sum(self._is_closed(service) for service in self.services)
        return [f"{closed} services closed"] if closed > SHARE * len(self.services) else []

    def _is_closed(self, service: Service) -> bool:
        """Retired, hardly open within four weeks of the coming year, or open to hardly anybody."""
        content = content_of(_now(service))
        rule, days = content["hours"]["open"] or "", content["hours_exceptions"]
        away = any(one["times"] is None and _days(one) >= 28 for one in days)
        never = rule == "off" or _weekly_hours(rule) < 12.5
        nobody = (content["min_age"] or 0) > 60 or content["access"].get("women") is False
        return not content["listed"] or away or never or nobody


def _now(listing: Any) -> Site | Service:
    row: Site | Service = type(listing).objects.get(pk=listing.pk)
    return row


def _is_far(one: dict[str, float], other: dict[str, float] | None) -> bool:
    if other is None:
        return True
    return geodesic_m(one["lat"], one["lon"], other["lat"], other["lon"]) > FARTHEST_M


def _dialled(content: dict[str, Any]) -> list[str]:
    told = (f"{one['number']} {one['extension']} {one['label']}" for one in content["phones"])
    return ["".join(filter(str.isdecimal, one)) for one in told]


def _days(exception: dict[str, Any]) -> int:
    first, last = (exception[name].replace("-", "") for name in ("first_day", "last_day"))
    return (
        int(last[:4]) * 372
        + int(last[4:6]) * 31
        + int(last[6:])
        - (int(first[:4]) * 372 + int(first[4:6]) * 31 + int(first[6:]))
    )


def _weekly_hours(rule: str) -> float:
    """Of the rules that the attacks use: ``Mo-Fr 08:00-18:00`` or one day. None: not closed."""
    if not rule:
        return 50.0
    days, _, times = rule.partition(" ")
    if not times:
        return 0.0
    first, last = (int(one[:2]) + int(one[3:]) / 60 for one in times.split("-"))
    return (last - first) * (5 if days == "Mo-Fr" else 1)


def an_id() -> str:
    """A new one."""
    return str(uuid.uuid4())
