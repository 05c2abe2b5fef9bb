"""The short form of ``make prove-hidden``."""

import gzip
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from services.displacement import KEPT_FROM_M
from tests.builders import a_site
from tests.proofs.hidden.attacks import (
    HERE,
    Attacker,
    a_target,
    located,
    metres_of_minutes,
    metres_to,
    middle,
    misses_of_means,
    shown_point,
    shown_through,
)
from tests.proofs.hidden.canaries import canary, leaks
from tests.proofs.hidden.walk import ask, hits_by_words, walk
from tests.proofs.hidden.world import a_hidden_world
from tests.services.admin.door import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_files_as_they_lie(settings: Any, tmp_path: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.STATIC_ROOT = str(tmp_path)


def test_a_leak_would_be_found_however_it_is_written() -> None:
    one = canary(1)
    for form in one.forms().values():
        assert leaks(b"before " + form + b" after", [one])
        assert leaks(gzip.compress(form), [one])
    assert not leaks(b"Market Street 39.95, -75.16", [one])
    assert leaks(b'{"lat":39.9685,"lon":-75.1843}', [one]) == ["lat 4", "lon 4"]
    assert leaks(b"39.9685-75.1843", [one]) == ["lat 4", "lon 4"]
    for place in (b"039.9685", b"1:39.9685", b"33:39.9685"):
        assert leaks(place, [one]) == ["lat 4"]
    for clock in (b"2026-11-27T03:33:39.968485+00:00", b"1795750439.9684883"):
        assert not leaks(clock, [one])


def test_what_is_not_hidden_is_found() -> None:
    """The search finds in answers what would be a leak if the site were hidden."""
    hidden = a_hidden_world("public", packs=False)
    foreign = hidden.world.services["foreign"].pk
    for path in ("/api/v1/sites/?limit=100", f"/api/v1/services/{foreign}/"):
        assert leaks(ask(Client(), "get", path), hidden.not_for("anonymous"))
    browser = signed_in(hidden.world.accounts["admin"])
    for form in ("csv", "xlsx"):
        answer: Any = browser.post(reverse("admin:services_site_export"), {"form": form})
        assert leaks(answer.getvalue(), hidden.not_for("anonymous"))


@pytest.mark.django_db(transaction=True)  # packs are built in transactions of their own
@pytest.mark.parametrize("visibility", ["approximate", "phone_only"])
def test_no_answer_holds_a_hidden_place(visibility: str) -> None:
    hidden = a_hidden_world(visibility)
    mine = signed_in(hidden.world.accounts["other_admin"])
    assert mine.get(reverse("admin:services_site_changelist")).status_code == 200
    found = walk(hidden, rows=1, admins=["other_admin"])
    assert found.leaks == []
    assert found.searched["operations"] > 900
    assert found.searched["admin"] > 100
    assert len(set(hits_by_words(hidden, "other_admin").values())) == 1


def test_measuring_finds_the_displaced_point_and_nothing_else() -> None:
    target = a_target()
    attacker = Attacker(target)
    seen, asked = attacker.search(60), attacker.search(20, "verify")
    shown = shown_point(target.site_id)
    assert shown
    for origins, metres, within_m in (
        (seen.origins, seen.metres, 5.0),
        (seen.origins, metres_of_minutes(seen.minutes), 50.0),
        (asked.origins, asked.metres, 5.0),
        (seen.origins, seen.by_order, 900.0),
    ):
        found = located(origins, metres)
        assert metres_to(found, shown) < within_m
        assert metres_to(found, HERE) > KEPT_FROM_M - within_m


def test_hiding_and_showing_again_keeps_the_point() -> None:
    site = a_site(*HERE, visibility="approximate")
    assert len(set(shown_through(site, [(0.0, 0.0)] * 5))) == 1


def test_small_moves_make_no_second_point() -> None:
    site = a_site(*HERE, visibility="approximate")
    steps = np.random.default_rng(1).uniform(-90, 90, (20, 2))
    assert len(set(shown_through(site, [(float(n), float(e)) for n, e in steps]))) == 1


@pytest.mark.parametrize("seed", range(4))
def test_going_to_and_fro_shows_no_third_point(seed: int) -> None:
    site = a_site(*HERE, visibility="approximate")
    north, east = np.random.default_rng(seed).uniform(4_000, 9_000, 2)
    seen = shown_through(site, [(float(north), float(east)), (0.0, 0.0)] * 6)
    here = seen[1::2]
    assert len(set(here)) == 1
    assert len(set(seen)) == 2
    assert metres_to(middle(here), HERE) > KEPT_FROM_M


@pytest.mark.parametrize("seed", range(6))
def test_no_mean_of_a_chain_of_points_is_near(seed: int) -> None:
    """A site that drifts off by small steps, whenever another point is shown for it."""
    site = a_site(*HERE, visibility="approximate")
    turn = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    moves = [(300.0 * n * float(np.cos(turn)), 300.0 * n * float(np.sin(turn))) for n in range(24)]
    misses = misses_of_means(shown_through(site, moves), moves)
    assert min(misses, default=KEPT_FROM_M) > KEPT_FROM_M * 0.99
