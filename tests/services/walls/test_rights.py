"""Nobody raises an account, not their own either, but who moderates and superusers."""

import pytest

from services.acting import NOBODY
from services.models import User
from services.vocabulary import Role
from tests.builders import an_account
from tests.services.walls.trying import an_invitation, bearer_of, did
from tests.services.walls.victim import acting_for

pytestmark = pytest.mark.django_db

RAISES = ["is_superuser = true", "is_staff = true", "role = 'moderator'", "role = 'outreach'",
          "approved_at = now()"]  # fmt: skip


class TestAnAccount:
    @pytest.mark.parametrize("right", RAISES)
    def test_raises_nobody(self, right: str) -> None:
        admin, other = an_account(Role.CLINIC_ADMIN), an_account()
        User.objects.filter(pk=admin.pk).update(is_staff=False)
        change = f"UPDATE services_user SET {right} WHERE id = %s"  # noqa: S608
        for somebody in (NOBODY, acting_for(admin), bearer_of(an_invitation())):
            for account in (admin, other):
                assert did(somebody, change, account.pk) == -1
        root = an_account()
        User.objects.filter(pk=root.pk).update(is_superuser=True)
        assert did(acting_for(root), change, other.pk) == 1

    def test_that_is_new_has_no_rights(self) -> None:
        add = (
            "INSERT INTO services_user (username, password, first_name, last_name, email,"
            " is_active, date_joined, is_superuser, is_staff, role) VALUES"
            " (%s, '', '', '', '', true, now(), %s, %s, %s)"
        )
        assert did(NOBODY, add, "new", False, False, "") == 1
        for rights in ((True, False, ""), (False, True, ""), (False, False, "moderator")):
            assert did(NOBODY, add, "other", *rights) == -1

    def test_that_was_taken_out_does_not_come_back_by_itself(self) -> None:
        gone = an_account(Role.MODERATOR)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        back = "UPDATE services_user SET is_active = true WHERE id = %s"
        assert did(acting_for(gone), back, gone.pk) == -1

    def test_takes_nobody_elses_key(self) -> None:
        me, moderator = an_account(), an_account(Role.MODERATOR)
        away = "UPDATE services_user SET id = %s WHERE id = %s"
        assert did(acting_for(me), away, 2_000_000_000, moderator.pk) == -1

    def test_of_a_moderator_approves_and_makes_no_moderators(self) -> None:
        moderator, outreach = an_account(Role.MODERATOR), an_account(Role.OUTREACH)
        User.objects.filter(pk=outreach.pk).update(approved_at=None)
        approve = "UPDATE services_user SET approved_at = now(), approved_by_id = %s WHERE id = %s"
        assert did(acting_for(moderator), approve, moderator.pk, outreach.pk) == 1
        for right in ("is_superuser = true", "role = 'moderator'"):
            change = f"UPDATE services_user SET {right} WHERE id = %s"  # noqa: S608
            assert did(acting_for(moderator), change, outreach.pk) == -1

    def test_keeps_the_rest_of_itself(self) -> None:
        signed_in = "UPDATE services_user SET last_login = now(), email = 'me@example.org'"
        account = an_account()
        assert did(acting_for(account), f"{signed_in} WHERE id = %s", account.pk) == 1
