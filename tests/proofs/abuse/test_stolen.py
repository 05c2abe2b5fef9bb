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


def test_what_counts_at_once_is_written_to_the_others_and_undone() -> None:
    closed, letters, left = close_everything()
    assert (closed, left) == (10, [])
    assert letters > 0
