"""Everything that the product answers to whoever has no right to a hidden site's place."""

import contextlib
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from services.models import Message, Pack
from tests.api.authorization_matrix import MATRIX, ROLES, Row
from tests.api.authorization_world import TARGETS, World
from tests.api.test_authorization import OPERATIONS
from tests.builders import a_token
from tests.proofs.hidden.canaries import geohash_of, leaks
from tests.proofs.hidden.world import OUTSIDERS, Hidden
from tests.services.admin.door import signed_in

callers = itertools.count()
AROUND = [(39.95, -75.16), (39.97, -75.18), (39.98, -75.2), (40.0, -75.22)]
# Pages that tell a search's words back; asked for by a piece of the words.
PIECES = ("Wombatfie", "Numbat", "QZ0", "Bilby")


class Findings:
    """How many answers were searched, and what was found in which."""

    def __init__(self) -> None:
        self.searched: Counter[str] = Counter()
        self.leaks: list[tuple[str, str, str]] = []

    def search(self, where: str, what: str, body: bytes, hidden: Hidden, role: str) -> None:
        """Look through one answer."""
        self.searched[where] += 1
        self.leaks += [(where, what, name) for name in leaks(body, hidden.not_for(role))]


def walk(
    hidden: Hidden, *, rows: int = 2, admins: Sequence[str] = ("other_staff", "other_admin")
) -> Findings:
    """Ask everything as everybody; the outbox and the logs of it all are searched as well.

    Args:
        hidden: whose answers are searched.
        rows: how many rows of each model the admin is asked for.
        admins: who looks around there.
    """
    found, log = Findings(), io.StringIO()
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        for role in OUTSIDERS:
            _operations(hidden, role, found)
            _lists(hidden, role, found)
            _pages(hidden, role, found)
        for role in admins:
            _admin(hidden, role, found, rows)
    found.search("logs", "all", log.getvalue().encode(), hidden, "anonymous")
    for mail in Message.objects.all():
        text = f"{mail.recipient} {mail.subject} {mail.body} {mail.key}".encode()
        found.search("outbox", mail.purpose, text, hidden, "anonymous")
    return found


def client_of(world: World, role: str) -> Client:
    """Somebody's phone, without checks of the contract."""
    if role == "anonymous":
        return Client()
    return Client(headers={"Authorization": f"Bearer {a_token(world.accounts[role])}"})


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Requests whose effects are taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, path: str, body: object = None, **headers: str) -> bytes:
    """All of an answer: its headers and its body."""
    response: Any = client.generic(
        method.upper(),
        path,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR=f"198.51.{next(callers) % 250}.7",
    )
    told: bytes = response.getvalue()
    if told[:2] in (b"\x1f\x8b", b"PK"):
        return told
    return str(dict(response.headers)).encode() + told


def _operations(hidden: Hidden, role: str, found: Findings) -> None:
    """Every operation of the OpenAPI document, about each target."""
    assert set(OPERATIONS) == set(MATRIX)
    assert set(OUTSIDERS) | {"moderator"} == set(ROLES)
    client = client_of(hidden.world, role)
    for name, row in MATRIX.items():
        for target in TARGETS if row.target else TARGETS[:1]:
            with undone():
                body = _asked(client, name, hidden.world, row, target)
            found.search("operations", f"{name} {role} {target}", body, hidden, role)


def _asked(client: Client, name: str, world: World, row: Row, target: Any) -> bytes:
    method, path = OPERATIONS[name]
    ids = row.path | ({} if row.target is None else row.target(world, target))
    body = None if row.body is None else row.body(world, target)
    return ask(client, method, path.format(**ids), body, **row.headers)


def _lists(hidden: Hidden, role: str, found: Findings) -> None:
    """Lists, searches, cells, tiles, packs and changes around the hidden places."""
    client = client_of(hidden.world, role)
    for path in _paths(hidden):
        found.search("lists", f"{path} {role}", ask(client, "get", path), hidden, role)
    for lat, lon in AROUND:
        for mode in ("walk", "transit", "drive"):
            body = {"lat": lat, "lon": lon, "mode": mode, "limit": 50}
            for to in ("nearby", "verify"):
                told = ask(client, "post", f"/api/v1/{to}/", body)
                found.search("searches", f"{to} {role}", told, hidden, role)
    for words in ({"place": "19103"}, {"place": "QZ01X7"}, {"lat": "no"}, {"place": "Bilby"}):
        told = ask(client, "post", "/api/v1/nearby/", words)
        found.search("searches", f"{words} {role}", told, hidden, role)


def _paths(hidden: Hidden) -> list[str]:
    paths = [f"/api/v1/{name}/?limit=100" for name in ("sites", "services", "organizations")]
    paths += ["/api/v1/staleness/organizations/?format=csv", "/api/v1/staleness/regions/"]
    for organization in hidden.world.organizations.values():
        paths += [f"/api/v1/sites/?organization={organization.pk}"]
        paths += [f"/api/v1/organizations/{organization.pk}/staleness/?format=csv"]
    cells = {geohash_of(lat, lon, n) for lat, lon in AROUND for n in (3, 4, 5)}
    paths += [f"/api/v1/cells/{cell}/" for cell in sorted(cells)]
    paths += [
        f"/api/v1/map/{z}/{int(2**z * 0.2912)}/{int(2**z * 0.3785)}.geojson" for z in (0, 6, 12)
    ]
    for pack in Pack.objects.all():
        paths += [f"/api/v1/packs/{pack.region}/", f"/api/v1/changes/?cursor={pack.cursor}"]
    return [*paths, "/api/v1/packs/"]


def _pages(hidden: Hidden, role: str, found: Findings) -> None:
    """Pages for people; whoever has no link is told so."""
    client = client_of(hidden.world, role)
    for path in ("/", "/api/docs/", "/healthz", "/readyz", "/problems/not-found", "/r/x/",
                 "/join/x/", "/admin/", "/nowhere", "/api/v1/nowhere/"):  # fmt: skip
        found.search("pages", f"{path} {role}", ask(client, "get", path), hidden, role)


def _admin(hidden: Hidden, role: str, found: Findings, most: int) -> None:
    """All of another organization's admin: lists, rows, histories, exports, autocompletes."""
    browser = signed_in(hidden.world.accounts[role])
    for path in [*_admin_paths(most), *_autocompletes()]:
        with undone():
            body = ask(browser, "get", path)
        found.search("admin", f"{path} {role}", body, hidden, role)
    for sheet in ("site", "service"):
        for form in ("csv", "xlsx"):
            response = browser.post(reverse(f"admin:services_{sheet}_export"), {"form": form})
            found.search("exports", f"{sheet} {form} {role}", response.getvalue(), hidden, role)


def _admin_paths(most: int) -> Iterator[str]:
    """Every address of the admin, with every row of its model where it takes one."""
    yield reverse("admin:index")
    resolver = get_resolver().namespace_dict["admin"][1]
    for model in admin.site._registry:
        rows = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)[:most]]
        prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
        for name in {key for key in resolver.reverse_dict if str(key).startswith(prefix)}:
            for row in [None, *rows]:
                with contextlib.suppress(NoReverseMatch):
                    yield reverse(f"admin:{name}", args=[] if row is None else [row])
        listed = reverse(f"admin:{prefix}changelist")
        yield from (f"{listed}?q={piece}" for piece in PIECES)


def _autocompletes() -> Iterator[str]:
    for field in (
        "service.site",
        "site.organization",
        "membership.user",
        "invitation.organization",
    ):
        model, name = field.split(".")
        for term in ("", *PIECES, "Site", "South"):
            yield (
                f"/admin/autocomplete/?app_label=services&model_name={model}&field_name={name}"
                f"&term={term}"
            )


def hits_by_words(hidden: Hidden, role: str) -> dict[str, str]:
    """What a search of the admin's site list for hidden words tells: how many rows there are."""
    browser = signed_in(hidden.world.accounts[role])
    found = {}
    for piece in (*PIECES, "Nothing at all"):
        page = browser.get(reverse("admin:services_site_changelist"), {"q": piece})
        text = page.content.decode().replace(piece, "")
        found[piece] = " ".join(re.findall(r"\d+ (?:sites?|results?)", text))
    return found
