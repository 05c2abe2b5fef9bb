"""What no policy can say: keys that stay as they are, whoever may change the row."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from services.acting import NOBODY, SYSTEM, Acting
from services.models import Claim, Invitation, ReportLink, Service
from services.vocabulary import Availability, Kind, Role
from tests.builders import a_service, a_site, an_account
from tests.services.walls.trying import an_invitation, bearer_of, did, reach
from tests.services.walls.victim import Victim, acting_for, owned_tables

pytestmark = pytest.mark.django_db


class TestAnInvitation:
    def test_is_not_moved_by_its_bearer(self) -> None:
        invitation, victim = an_invitation(), a_site().organization
        others = {
            "id": uuid.uuid4(),
            "organization_id": victim.pk,
            "role": Role.CLINIC_ADMIN,
            "email": "other@example.org",
            "invited_by_id": an_account(Role.MODERATOR).pk,
            "expires_at": timezone.now() + dt.timedelta(days=900),
        }
        for column, value in others.items():
            change = f"UPDATE services_invitation SET {column} = %s WHERE id = %s"  # noqa: S608
            assert did(bearer_of(invitation), change, value, invitation.pk) == -1, column

    def test_beyond_organizations_is_not_moved_into_one(self) -> None:
        invitation, victim = an_invitation(Role.OUTREACH), a_site().organization
        move = "UPDATE services_invitation SET organization_id = %s, role = %s WHERE id = %s"
        values = (victim.pk, Role.CLINIC_ADMIN, invitation.pk)
        assert did(bearer_of(invitation), move, *values) == -1

    def test_is_not_deleted_and_added_anew_elsewhere(self) -> None:
        invitation, victim = an_invitation(Role.OUTREACH), a_site().organization
        bearer = bearer_of(invitation)
        assert did(bearer, "DELETE FROM services_invitation WHERE id = %s", invitation.pk) == 0
        Invitation.objects.all().delete()
        add = (
            "INSERT INTO services_invitation (id, email, organization_id, role, made_at,"
            " expires_at) VALUES (%s, 'new@example.org', %s, 'clinic_admin', now(), 'infinity')"
        )
        assert did(bearer, add, invitation.pk, victim.pk) == -1

    @pytest.mark.parametrize("role", [Role.CLINIC_STAFF, Role.OUTREACH])
    def test_is_accepted_by_its_bearer(self, role: Role) -> None:
        invitation, account = an_invitation(role), an_account()
        accept = (
            "UPDATE services_invitation SET accepted_at = now(), accepted_by_id = %s WHERE id = %s"
        )
        assert did(bearer_of(invitation), accept, account.pk, invitation.pk) == 1

    def test_is_not_moved_by_its_sender_either(self) -> None:
        invitation, victim = an_invitation(), a_site().organization
        assert invitation.invited_by
        sender = acting_for(invitation.invited_by)
        move = "UPDATE services_invitation SET organization_id = %s WHERE id = %s"
        assert did(sender, move, victim.pk, invitation.pk) == -1

    def test_that_is_over_is_of_no_organization(self) -> None:
        invitation = an_invitation()
        assert reach(bearer_of(invitation)) == 1
        Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        assert reach(bearer_of(invitation)) == 0


class TestALink:
    def test_that_is_over_is_of_no_organization(self) -> None:
        now = timezone.now()
        link = ReportLink.objects.create(
            site=a_site(), made_at=now, expires_at=now + dt.timedelta(hours=1)
        )
        assert reach(Acting(f"link {link.pk}")) == 1
        ReportLink.objects.update(expires_at=now - dt.timedelta(seconds=1))
        assert reach(Acting(f"link {link.pk}")) == 0


class TestOutreach:
    def test_confirms_and_changes_nothing_else(self) -> None:
        service, outreach = a_service(a_site(), Kind.DETOX), acting_for(an_account(Role.OUTREACH))
        others: dict[str, Any] = {
            "site_id": a_site().pk,
            "kind": Kind.NALOXONE,
            "name": "Mine",
            "access": "{}",
            "state": Availability.FULL,
            "retired_at": timezone.now(),
        }
        Service.objects.filter(pk=service.pk).update(access={"walk_in": True})
        for column, value in others.items():
            change = f"UPDATE services_service SET {column} = %s WHERE id = %s"  # noqa: S608
            assert did(outreach, change, value, service.pk) == -1, column
        confirm = "UPDATE services_service SET confirmed_at = now() WHERE id = %s"
        assert did(outreach, confirm, service.pk) == 1

    def test_that_belongs_to_a_clinic_changes_that_clinics(self) -> None:
        outreach, site, foreign = an_account(Role.OUTREACH), a_site(), a_site()
        service = a_service(site, Kind.DETOX)
        outreach.memberships.create(organization=site.organization, role=Role.CLINIC_ADMIN)
        change = "UPDATE services_service SET {} WHERE id = %s"
        me = acting_for(outreach)
        assert did(me, change.format("name = 'Mine'"), service.pk) == 1
        assert did(me, change.format("site_id = %s"), foreign.pk, service.pk) == -1

    def test_deletes_no_claim_but_its_own(self) -> None:
        mine, other = an_account(Role.OUTREACH), an_account(Role.OUTREACH)
        until = timezone.now() + dt.timedelta(minutes=20)
        for account in (mine, other):
            Claim.objects.create(site=a_site(), account=account, until=until)
        assert did(acting_for(mine), "DELETE FROM services_claim") == 1
        assert Claim.objects.get().account == other
        moderator = acting_for(an_account(Role.MODERATOR))
        assert did(moderator, "DELETE FROM services_claim") == 1


def keys_to_others() -> Iterator[tuple[str, str, str]]:
    """Each key of a table of organizations that leads to one: its table, column, and where to."""
    owned = owned_tables()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            to = getattr(field.related_model, "_meta", None)
            single = field.concrete and (field.many_to_one or field.one_to_one)
            if model._meta.db_table in owned and single and to and to.db_table in owned:
                yield model._meta.db_table, str(getattr(field, "column", "")), to.db_table


def moved(somebody: Acting, mine: Victim, theirs: Victim) -> set[tuple[str, str]]:
    """Keys of one's own rows that lead to the other organization after an attempt."""
    found = set()
    for table, column, to in keys_to_others():
        key, value = mine.keys[table]
        move = f"UPDATE {table} SET {column} = %s WHERE {key} = %s"  # noqa: S608
        with suppress(Undone, IntegrityError), transaction.atomic():
            if did(somebody, move, theirs.keys[to][1], value) > 0:
                found.add((table, column))
            raise Undone
    return found


class Undone(Exception):  # noqa: N818 - no error
    """Rolls an attempt back."""


def test_no_key_of_ones_own_rows_can_lead_to_another_organization() -> None:
    mine, theirs = Victim(), Victim()
    invited = Invitation.objects.get(organization=mine.organization)
    link = ReportLink.objects.get(site=mine.site)
    everybody = (acting_for(mine.admin), bearer_of(invited), Acting(f"link {link.pk}"), NOBODY)
    for somebody in everybody:
        assert moved(somebody, mine, theirs) == set(), somebody
    assert len(moved(SYSTEM, mine, theirs)) > 10  # without the walls they can


@pytest.mark.parametrize("table", ["services_heldchange", "services_closing"])
def test_nothing_is_said_of_anothers_listing(table: str) -> None:
    """The system applies held changes, and follows closings."""
    mine, theirs = Victim(), Victim()
    key, value = mine.keys[table]
    again = (
        f"INSERT INTO {table} SELECT (json_populate_record(t, json_build_object("  # noqa: S608
        f"'id', gen_random_uuid(), %s::text, %s::text))).* FROM {table} t WHERE {key} = %s"
    )
    only = f"UPDATE {table} SET site_id = %s, service_id = %s WHERE id = %s"  # noqa: S608
    for column, own, foreign in (
        ("site_id", mine.site.pk, theirs.site.pk),
        ("service_id", mine.service.pk, theirs.service.pk),
    ):
        keys = [own if name == column else None for name in ("site_id", "service_id")]
        assert did(SYSTEM, only, *keys, value) == 1
        me = acting_for(mine.admin)
        assert did(me, again, column, str(own), value) == 1
        assert did(me, again, column, str(foreign), value) == -1
        assert did(me, again, "organization_id", str(theirs.organization.pk), value) == -1
