"""Plain functions that make valid rows, so that a test states only what it is about."""

import datetime as dt
import itertools
import uuid
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from services.availability import Observation, report_availability
from services.closing import Claim, Closable, close
from services.displacement import displaced_point
from services.models import (
    AvailabilityReport,
    Closing,
    DeviceToken,
    Hours,
    Membership,
    Message,
    Organization,
    Pack,
    Phone,
    Place,
    ReportingPlan,
    Service,
    ServiceSourcing,
    Site,
    Source,
    SourceRecord,
    User,
)
from services.outbox import enqueue
from services.reporting_plans import set_plan
from services.vocabulary import (
    CLINIC_ROLES,
    Availability,
    Delivery,
    Kind,
    Reporter,
    Role,
    Visibility,
)

PHILADELPHIA = (39.9526, -75.1652)
numbers = itertools.count(1)


def an_organization(**fields: Any) -> Organization:
    return Organization.objects.create(
        **{"name": f"Clinic {next(numbers)}", "region": "PA"} | fields
    )


def a_site(lat: float = PHILADELPHIA[0], lon: float = PHILADELPHIA[1], **fields: Any) -> Site:
    """A public site in Pennsylvania, unless said otherwise; its phone is a made-up number."""
    point = Point(lon, lat, srid=4326)
    number = next(numbers)
    site = Site(
        **{
            "name": f"Site {number}",
            "location": point,
            "address": f"{number} Market Street",
            "city": "Philadelphia",
            "region": "PA",
            "postal_code": "19103",
            "time_zone": "America/New_York",
        }
        | fields
    )
    if "organization" not in fields:
        site.organization = an_organization()
    if site.delivery == Delivery.REMOTE:
        site.location = None
    elif site.visibility == Visibility.APPROXIMATE:
        site.displaced_location = displaced_point(point, site.pk)
    site.save()
    Phone.objects.create(site=site, number="+12155550100")
    return site


def a_service(
    site: Site | None = None, kind: Kind = Kind.METHADONE, *, hours: str = "", **fields: Any
) -> Service:
    service = Service.objects.create(site=site or a_site(), kind=kind, **fields)
    if hours:
        Hours.objects.create(service=service, rule=hours)
    return service


def a_service_at(lat: float, lon: float, kind: Kind = Kind.METHADONE, **fields: Any) -> Service:
    return a_service(a_site(lat, lon), kind, **fields)


def a_report(
    service: Service,
    state: Availability = Availability.AVAILABLE,
    *,
    ago: dt.timedelta = dt.timedelta(0),
    reporter: Reporter = Reporter.CLINIC_STAFF,
    **said: Any,
) -> AvailabilityReport:
    """A report seen ``ago`` before now; the service follows."""
    observation = Observation(
        id=uuid.uuid4(), state=state, observed_at=timezone.now() - ago, **said
    )
    report, _ = report_availability(
        service_id=service.pk,
        observation=observation,
        reporter=reporter,
        channel=AvailabilityReport.Channel.COMMAND,
    )
    service.refresh_from_db()
    return report


def an_account(
    role: Role | None = None, organization: Organization | None = None, **fields: Any
) -> User:
    """An account, with its role: in an organization, or beyond; approved if it does outreach."""
    username = f"account-{next(numbers)}"
    account: User = User.objects.create_user(username, **fields)
    if role in CLINIC_ROLES:
        Membership.objects.create(
            user=account, organization=organization or an_organization(), role=role
        )
    elif role is not None:
        account.role, account.approved_at = role, timezone.now()
        account.save()
    return account


def a_token(account: User, name: str = "phone") -> str:
    """The text of a new device token."""
    return DeviceToken.objects.issue(user=account, name=name)[1]


def a_closing(
    scope: Closable, *, days: float = 1, account: User | None = None, **said: Any
) -> Closing:
    """A closing from now on; the services that it covers follow."""
    claim = Claim(id=uuid.uuid4(), until=timezone.now() + dt.timedelta(days=days), **said)
    return close(scope=scope, claim=claim, closed_by=Reporter.CLINIC_STAFF, account=account)[0]


def a_source(slug: str = "samhsa-otp-2021") -> Source:
    return Source.objects.get_or_create(
        slug=slug, defaults={"name": slug, "publisher": "SAMHSA", "licence": "public domain"}
    )[0]


def a_record_of(service: Service, slug: str = "samhsa-otp-2021") -> SourceRecord:
    now = timezone.now()
    record = SourceRecord.objects.create(
        source=a_source(slug),
        key=str(next(numbers)),
        content={},
        fingerprint="0" * 64,
        site=service.site,
        first_seen_at=now,
        last_seen_at=now,
    )
    ServiceSourcing.objects.create(record=record, service=service)
    return record


def a_place(name: str, lat: float, lon: float, **fields: Any) -> Place:
    type_ = Place.Type.POSTAL_CODE if name.isdigit() else Place.Type.CITY
    return Place.objects.create(
        **{
            "type": type_,
            "name": name,
            "region": "PA",
            "country": "US",
            "location": Point(lon, lat, srid=4326),
            "time_zone": "America/New_York",
        }
        | fields
    )


def a_message(**fields: Any) -> Message:
    """A message in the outbox, to be sent now."""
    usual: dict[str, Any] = {
        "key": f"test:{next(numbers)}",
        "purpose": Message.Purpose.LINK,
        "recipient": "desk@clinic.example",
        "subject": "How is it today?",
        "body": "Tell us.",
        "expires_at": timezone.now() + dt.timedelta(hours=1),
    }
    return enqueue(**usual | fields)


def a_plan(site: Site | None = None, **fields: Any) -> ReportingPlan:
    """A reporting plan without shifts, unless said otherwise."""
    usual: dict[str, Any] = {"contact_email": "desk@clinic.example", "shift_times": []}
    return set_plan(site=site or a_site(), **usual | fields)


def a_pack(region: str = "US-PA", language: str = "en", **fields: Any) -> Pack:
    """A pack that holds nothing."""
    areas = [part.split("-") for part in region.split(".")] + [[region[:2], ""]]
    now = timezone.now()
    usual: dict[str, Any] = {"name": region, "areas": areas, "services": 0, "sites": 0}
    usual |= {"body": b"", "bytes": 0, "bytes_gzip": 0, "xid": 0, "change": 0, "day": now.date()}
    usual |= {"built_at": now, "united_at": now}
    return Pack.objects.create(region=region, language=language, **usual | fields)
