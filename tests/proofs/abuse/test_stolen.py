"""A stolen clinic account, in short. All attacks: ``make prove-abuse``."""

import pytest

from tests.proofs.abuse import attacks
from tests.proofs.abuse.stolen import came_of, close_everything

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attack", attacks.IN_SHORT)
def test_what_a_stolen_account_does_is_held_and_undone(attack: attacks.Attack) -> None:
    came = came_of(attack)
    assert came.harm == []
    assert came.held > 0
    assert came.left == []


@pytest.mark.parametrize("by_reports", [False, True])
def test_what_counts_at_once_is_written_to_the_others_and_undone(by_reports: bool) -> None:
    assert close_everything(by_reports=by_reports) == (10, 1, [])
