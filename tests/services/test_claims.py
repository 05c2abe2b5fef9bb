"""Claims: one worker calls a clinic, for twenty minutes at most."""

import datetime as dt
import threading
import uuid

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from services.claims import ClaimedError, claim_site, claims_now, release_site
from services.models import Claim, Service, User
from services.purging import purge
from services.vocabulary import Kind, Role
from tests.builders import a_service, an_account

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


@pytest.fixture
def worker() -> User:
    return an_account(Role.OUTREACH)


@pytest.fixture
def colleague() -> User:
    return an_account(Role.OUTREACH)


def test_a_claim_holds_for_twenty_minutes_and_not_a_second_longer(
    worker: User, colleague: User
) -> None:
    service = a_service()
    with time_machine.travel(NOON, tick=False) as clock:
        assert claim_site(service_id=service.pk, account=worker).until == NOON + 20 * MINUTE
        clock.shift(dt.timedelta(minutes=19, seconds=59))
        with pytest.raises(ClaimedError) as refused:
            claim_site(service_id=service.pk, account=colleague)
        assert refused.value.wait == 1
        clock.shift(1)
        assert claim_site(service_id=service.pk, account=colleague).account == colleague


def test_the_same_worker_renews(worker: User) -> None:
    service = a_service()
    with time_machine.travel(NOON, tick=False) as clock:
        claim_site(service_id=service.pk, account=worker)
        clock.shift(15 * MINUTE)
        again = claim_site(service_id=service.pk, account=worker)
    assert again.until == NOON + 35 * MINUTE
    assert Claim.objects.count() == 1


def test_a_claim_is_of_the_whole_site(worker: User, colleague: User) -> None:
    service = a_service()
    sister = a_service(service.site, Kind.NALOXONE)
    claim_site(service_id=service.pk, account=worker)
    with pytest.raises(ClaimedError):
        claim_site(service_id=sister.pk, account=colleague)
    others, mine = claims_now(account=colleague, now=timezone.now())
    assert (others, mine) == ({service.pk, sister.pk}, {})
    others, mine = claims_now(account=worker, now=timezone.now())
    assert (others, set(mine)) == (set(), {service.pk, sister.pk})


def test_only_ones_own_claim_is_released(worker: User, colleague: User) -> None:
    service = a_service()
    claim_site(service_id=service.pk, account=worker)
    assert not release_site(service_id=service.pk, account=colleague)
    assert release_site(service_id=service.pk, account=worker)
    assert not release_site(service_id=service.pk, account=worker)
    assert claim_site(service_id=service.pk, account=colleague).account == colleague


def test_what_is_not_listed_cannot_be_claimed(worker: User) -> None:
    retired = a_service(retired_at=timezone.now())
    for id_ in (retired.pk, uuid.uuid4()):
        with pytest.raises(Service.DoesNotExist):
            claim_site(service_id=id_, account=worker)


def test_expired_claims_are_forgotten_and_others_are_not(worker: User) -> None:
    with time_machine.travel(timezone.now() - 21 * MINUTE):
        claim_site(service_id=a_service().pk, account=worker)
    standing = claim_site(service_id=a_service().pk, account=worker)
    assert purge("services.Claim", timezone.now()) == 1
    assert list(Claim.objects.all()) == [standing]
    assert purge("services.Claim", timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_of_twenty_workers_at_once_one_wins() -> None:
    service = a_service()
    workers = [an_account(Role.OUTREACH) for _ in range(20)]
    won, lost, start = [], [], threading.Barrier(5)

    def claim(several: list[User]) -> None:
        start.wait()
        for account in several:
            try:
                won.append(claim_site(service_id=service.pk, account=account).account_id)
            except ClaimedError:
                lost.append(account.pk)
        connections.close_all()

    # Five at a time, each for four workers: no more connections than a process has.
    threads = [threading.Thread(target=claim, args=[workers[n::5]]) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 19
    assert Claim.objects.get().account_id == won[0]
