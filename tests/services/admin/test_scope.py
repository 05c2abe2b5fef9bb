"""Clinic staff see their own organization in the admin, and nothing else of anybody's."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from services.models import (
    AvailabilityReport,
    HeldChange,
    Hours,
    Organization,
    Phone,
    Service,
    Site,
    User,
)
from services.vocabulary import Kind, Role
from tests.builders import (
    a_record_of,
    a_report,
    a_service,
    a_site,
    an_account,
    an_organization,
)
from tests.services.admin.door import signed_in
from tests.services.admin.forms import errors_of, submit, values_on

CANARY = "kestrel"  # in every text of the foreign organization
OWN, NOTHING = "rows of their own organization", "no screen"
BY_ADMINS = "rows of their own organization, if they are its admin: see test_people.py"

# Every registered screen, by what clinic staff see of it. A new one needs a row here.
SEEN_BY_CLINICS = {
    "services.Organization": OWN,
    "services.Site": OWN,
    "services.Service": OWN,
    "services.AvailabilityReport": OWN,
    "services.HeldChange": OWN,
    "services.Change": NOTHING,
    "services.Pack": NOTHING,
    "services.ImportRun": NOTHING,
    "services.Message": NOTHING,
    "services.Place": NOTHING,
    "services.Source": NOTHING,
    "services.SourceRecord": NOTHING,
    "services.Membership": BY_ADMINS,
    "services.Invitation": BY_ADMINS,
    "services.User": NOTHING,
    "auth.Group": NOTHING,
}


def label(model: type[Model]) -> str:
    return model._meta.label


def address(model: type[Model], page: str, *args: Any) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


SCREENS = [pytest.param(model, id=label(model)) for model in admin.site._registry]
OWN_SCREENS = [one for one in SCREENS if SEEN_BY_CLINICS.get(str(one.id)) == OWN]
LISTINGS = [Organization, Site, Service]


@pytest.fixture
def home(db: None) -> Organization:
    return an_organization(name="Home Clinic")


@pytest.fixture(autouse=True)
def own(home: Organization) -> Service:
    return a_listing(home, "Home", "PA")


@pytest.fixture(autouse=True)
def foreign(own: Service) -> Service:
    organization = an_organization(name="Kestrel House", region="KESTREL")
    return a_listing(organization, "Kestrel", "KESTREL")


def a_listing(organization: Organization, name: str, region: str) -> Service:
    site = a_site(
        organization=organization,
        name=f"{name} door",
        region=region,
        city=f"{name} City",
        address=f"1 {name} Street",
    )
    Phone.objects.filter(site=site).update(label=f"{name} desk")
    service = a_service(site, Kind.DETOX, name=f"{name} beds", description=f"{name} floor")
    Hours.objects.create(service=service, type="intake", verbatim=f"{name} mornings")
    a_report(service, remaining=2, note=f"Ask at the {name} window")
    a_record_of(service)
    HeldChange.objects.create(
        organization=organization,
        site=site,
        changes={"name": f"{name} gate"},
        reasons=["phone"],
        asked_as=Role.CLINIC_STAFF,
        asked_at=timezone.now(),
        due_at=timezone.now() + dt.timedelta(days=1),
    )
    an_account(Role.CLINIC_STAFF, organization, email=f"{name}@example.org".lower())
    return service


@pytest.fixture(params=[Role.CLINIC_STAFF, Role.CLINIC_ADMIN])
def staff(request: Any, home: Organization) -> User:
    return an_account(request.param, home, is_staff=True)


@pytest.fixture
def clinic(staff: User) -> Client:
    return signed_in(staff)


def says_canary(response: Any) -> bool:
    told = response.content.decode() + str(sorted(response.headers.items()))
    return CANARY in told.lower()


def row_of(model: Any, service: Service) -> Any:
    """The row of a model that belongs to a service's organization."""
    organization = service.site.organization
    found = {
        Organization: organization,
        Site: service.site,
        Service: service,
        AvailabilityReport: service.reports.first(),
    }
    if model in found:
        return found[model]
    return model.objects.filter(organization=organization).first()


@pytest.mark.parametrize("model", SCREENS)
def test_every_screen_has_a_decision(model: Any) -> None:
    assert label(model) in SEEN_BY_CLINICS, "say in SEEN_BY_CLINICS what clinic staff see of it"


@pytest.mark.parametrize("model", SCREENS)
def test_what_is_not_theirs_is_closed(clinic: Client, model: Any) -> None:
    if SEEN_BY_CLINICS.get(label(model)) != NOTHING:
        return
    row = model.objects.first()
    for page in ("changelist", "add", "change", "history", "delete"):
        args = [row.pk if row else 1] if page in {"change", "history", "delete"} else []
        try:
            url = address(model, page, *args)
        except NoReverseMatch:
            continue
        assert clinic.get(url).status_code in {302, 403}, page
        assert not says_canary(clinic.get(url, follow=True)), page


@pytest.mark.parametrize("model", OWN_SCREENS)
@pytest.mark.parametrize("query", ["", "?q=e", "?all=", "?_popup=1", "?_to_field=id", "?_facets=1"])
def test_a_list_names_own_rows_alone(clinic: Client, model: Any, query: str) -> None:
    response = clinic.get(address(model, "changelist") + query)
    assert response.status_code in {200, 400}
    assert not says_canary(response)
    if not query:
        assert response.context["cl"].result_count >= 1


@pytest.mark.parametrize("model", OWN_SCREENS)
def test_pages_of_own_rows_name_nothing_foreign(clinic: Client, model: Any, own: Service) -> None:
    row = row_of(model, own)
    for page in ("change", "history"):
        response = clinic.get(address(model, page, row.pk))
        assert response.status_code == 200
        assert not says_canary(response)


def twin(response: Any, pk: Any) -> tuple[Any, ...]:
    """What an answer says, without the id that was asked for."""
    headers = {name: told for name, told in response.headers.items() if name != "Expires"}
    said = (response.content.decode(), str(sorted(headers.items())))
    notes = [str(note) for note in response.wsgi_request._messages]
    return (response.status_code, *(one.replace(str(pk), "ID") for one in (*said, *notes)))


@pytest.mark.parametrize("model", OWN_SCREENS)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("query", ["", "?_popup=1", "?_to_field=id"])
def test_a_foreign_row_looks_like_none(
    staff: User, foreign: Service, model: Any, page: str, query: str
) -> None:
    row = row_of(model, foreign)
    for method in ("get", "post"):
        foreign_one, none = (
            twin(getattr(signed_in(staff), method)(address(model, page, pk) + query), pk)
            for pk in (row.pk, uuid.uuid4())
        )
        assert foreign_one == none
        assert none[0] in {302, 403}


def test_a_foreign_service_takes_no_report_and_looks_like_none(
    clinic: Client, foreign: Service
) -> None:
    said = {"id": str(uuid.uuid4()), "state": "full"}
    answers = []
    for pk in (foreign.pk, uuid.uuid4()):
        response = clinic.post(reverse("admin:services_service_report", args=[pk]), said)
        answers.append((response.status_code, response.content, sorted(response.headers.items())))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert foreign.reports.count() == 1


@pytest.mark.parametrize("model", LISTINGS)
def test_own_listings_are_edited(clinic: Client, own: Service, model: Any) -> None:
    row = row_of(model, own)
    form = f"{model._meta.model_name}_form"
    response = submit(clinic, address(model, "change", row.pk), form, name="New name")
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.name == "New name"


@pytest.mark.parametrize(
    ("model", "field"), [(Site, "organization"), (Service, "site")], ids=["site", "service"]
)
def test_the_suggestions_of_a_field_are_own_rows(
    clinic: Client, own: Service, model: Any, field: str
) -> None:
    asked = {
        "app_label": "services",
        "model_name": model._meta.model_name,
        "field_name": field,
        "term": "e",
    }
    response = clinic.get(reverse("admin:autocomplete"), asked)
    assert response.status_code == 200
    wanted = own.site if field == "site" else own.site.organization
    assert [one["id"] for one in response.json()["results"]] == [str(wanted.pk)]


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [("services", "user", "groups"), ("services", "sourcerecord", "source")],
)
def test_other_suggestions_are_refused(clinic: Client, app: str, model: str, field: str) -> None:
    asked = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
    assert clinic.get(reverse("admin:autocomplete"), asked).status_code == 403


def test_nobody_of_a_clinic_adds_an_organization(clinic: Client) -> None:
    assert clinic.get(address(Organization, "add")).status_code == 403
    assert clinic.post(address(Organization, "add"), {"name": "Ours"}).status_code == 403


def test_an_own_organization_is_not_deleted_by_its_staff(staff: User, home: Organization) -> None:
    empty = an_organization()
    empty.memberships.create(user=staff, role=Role.CLINIC_ADMIN)
    url = address(Organization, "delete", empty.pk)
    assert signed_in(staff).post(url, {"post": "yes"}).status_code == 403


def test_a_site_is_added_to_the_own_organization_alone(
    clinic: Client, home: Organization, foreign: Service
) -> None:
    url = address(Site, "add")
    assert values_on(clinic, url, "site_form")["organization"] == str(home.pk)
    values = {"name": "Second door", "location_lat": "39.95", "location_lon": "-75.16"}
    values |= {"region": "PA", "time_zone": "America/New_York"}
    theirs = submit(
        clinic, url, "site_form", **values, organization=str(foreign.site.organization_id)
    )
    assert "organization" in errors_of(theirs)
    assert not says_canary(theirs)
    assert submit(clinic, url, "site_form", **values).status_code == 302
    assert Site.objects.get(name="Second door").organization == home


def test_a_service_is_added_to_an_own_site_alone(
    clinic: Client, own: Service, foreign: Service
) -> None:
    url = address(Service, "add")
    theirs = submit(clinic, url, "service_form", kind="naloxone", site=str(foreign.site_id))
    assert "site" in errors_of(theirs)
    ours = submit(clinic, url, "service_form", kind="naloxone", site=str(own.site_id))
    assert ours.status_code == 302
    assert not Service.objects.filter(site=foreign.site, kind=Kind.NALOXONE).exists()


def test_the_address_of_an_add_page_names_no_foreign_row(clinic: Client, foreign: Service) -> None:
    asked = f"?organization={foreign.site.organization_id}"
    assert not says_canary(clinic.get(address(Site, "add") + asked))
    asked = f"?site={foreign.site_id}"
    assert not says_canary(clinic.get(address(Service, "add") + asked))


def test_a_site_stays_with_its_organization(
    staff: User, clinic: Client, own: Service, home: Organization
) -> None:
    other = an_organization()
    other.memberships.create(user=staff, role=Role.CLINIC_ADMIN)
    submit(clinic, address(Site, "change", own.site_id), "site_form", organization=str(other.pk))
    own.site.refresh_from_db()
    assert own.site.organization == home


def test_a_moderator_moves_a_site_and_adds_an_organization(own: Service) -> None:
    client = signed_in(an_account(Role.MODERATOR, is_staff=True))
    other = an_organization()
    url = address(Site, "change", own.site_id)
    submit(client, url, "site_form", organization=str(other.pk))
    own.site.refresh_from_db()
    assert own.site.organization == other
    assert client.get(address(Organization, "add")).status_code == 200


@pytest.mark.parametrize("model", OWN_SCREENS)
def test_a_moderator_sees_everything(foreign: Service, model: Any) -> None:
    client = signed_in(an_account(Role.MODERATOR, is_staff=True))
    row = row_of(model, foreign)
    assert client.get(address(model, "change", row.pk)).status_code == 200
    assert says_canary(client.get(address(model, "changelist")))


def test_actions_reach_no_foreign_row(clinic: Client, foreign: Service) -> None:
    for model, row in ((Site, foreign.site), (Service, foreign)):
        for action in ("retire_chosen", "delete_selected"):
            chosen = {"action": action, "_selected_action": [str(row.pk)]}
            clinic.post(address(model, "changelist"), chosen)
        row.refresh_from_db()
        assert row.retired_at is None


def test_foreign_phones_are_not_reached_through_an_own_site(
    clinic: Client, own: Service, foreign: Service
) -> None:
    phone = foreign.site.phones.get()
    url = address(Site, "change", own.site_id)
    taken = {"phones-0-id": str(phone.pk), "phones-0-number": "988", "phones-0-DELETE": "on"}
    submit(clinic, url, "site_form", **taken)
    phone.refresh_from_db()
    assert phone.site == foreign.site


def test_the_shortcut_of_the_admin_tells_no_foreign_row_from_none(
    clinic: Client, foreign: Service
) -> None:
    kind = ContentType.objects.get_for_model(Service).pk
    answers = []
    for pk in (foreign.pk, uuid.uuid4()):
        response = clinic.get(reverse("admin:view_on_site", args=[kind, pk]))
        answers.append((response.status_code, response.content))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("role", [Role.OUTREACH, None])
def test_who_neither_moderates_nor_belongs_to_a_clinic_has_no_admin(role: Role | None) -> None:
    client = signed_in(an_account(role, is_staff=True))
    for url in (reverse("admin:index"), address(Site, "changelist")):
        assert client.get(url).status_code in {302, 403}
