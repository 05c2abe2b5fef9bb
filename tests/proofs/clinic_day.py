"""A full day of a clinic, step by step over HTTP, and what each step does to a search."""

import datetime as dt
import html
import re
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.asking import Answer, Server

Feature = dict[str, Any]


@dataclass
class People:
    """The tokens of who acts, and a way to make a link for a site."""

    staff: str
    admin: str
    vandal: str
    vandal_name: str
    outreach: str
    moderator: str
    link_for: Callable[[str], str]


@dataclass
class Day:
    """The clinic's day. ``say`` gets a line for each step; every step asserts."""

    server: Server
    people: People
    clinic: Feature
    position: dict[str, float]
    say: Callable[[str], None] = print
    began: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def path(self) -> str:
        """The clinic's service."""
        return f"/api/v1/services/{self.clinic['id']}"

    @property
    def site_path(self) -> str:
        """Its site."""
        return f"/api/v1/sites/{self.clinic['properties']['site']['id']}"

    def found(self) -> dict[str, Any]:
        """The service as a search tells it now."""
        wanted = {"kinds": [self.clinic["properties"]["kind"]], "limit": 100}
        answer = self.server.ask("POST", "/api/v1/nearby/", self.position | wanted)
        assert answer.status == 200, answer.text
        by_id = {one["id"]: one["properties"] for one in answer.told["features"]}
        properties: dict[str, Any] = by_id[self.clinic["id"]]
        return properties

    def search_shows(self, what: str, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until a search shows it; tells how long that took."""
        took = self.server.settle(lambda: seen(self.found()))
        now = self.found()
        self.say(
            f"{what}: in search after {took:.2f} s, {now['availability']['state']}, "
            f"rank {now['rank']}, p_served {now['p_served']}, {now['expected_minutes']} min"
        )
        return now

    def report(self, token: str, **said: Any) -> Answer:
        """Report the availability of the clinic's service."""
        moment = dt.datetime.now(dt.UTC).isoformat()
        body = {"id": str(uuid.uuid4()), "observed_at": moment} | said
        return self.server.ask("POST", f"{self.path}/reports/", body, token=token)

    # --- The steps ----------------------------------------------------------------------------

    def run(self) -> None:
        """The day, in order."""
        self.morning_shift()
        self.noon()
        self.a_visitor()
        self.a_wrong_number()
        self.closed_for_the_afternoon()
        self.one_tap()
        self.still_true()
        self.a_stolen_account()

    def morning_shift(self) -> None:
        """Staff report free places; the same report again changes nothing."""
        before = self.found()
        body = {"id": str(uuid.uuid4()), "state": "available", "remaining": 4}
        body["observed_at"] = dt.datetime.now(dt.UTC).isoformat()
        first = self.server.ask("POST", f"{self.path}/reports/", body, token=self.people.staff)
        assert first.status == 201, first.text
        now = self.search_shows(
            "07:00 staff: 4 free", lambda one: one["availability"]["remaining"] == 4
        )
        assert now["p_served"] > before["p_served"]
        assert now["expected_minutes"] < before["expected_minutes"]
        assert now["rank"] <= before["rank"]
        assert now["availability"]["reported_by"] == "clinic_staff"
        again = self.server.ask("POST", f"{self.path}/reports/", body, token=self.people.staff)
        assert (again.status, again.told) == (200, first.told)
        other = self.server.ask(
            "POST", f"{self.path}/reports/", body | {"remaining": 5}, token=self.people.staff
        )
        assert other.status == 409, other.text
        unknown = self.report("", state="full")
        assert unknown.status == 401

    def noon(self) -> None:
        """Full at noon; in the afternoon people wait, so a free place is a waitlist."""
        before = self.found()
        assert self.report(self.people.staff, state="full").status == 201
        full = self.search_shows("12:00 staff: full", state_is("full"))
        assert full["p_served"] < before["p_served"]
        assert full["expected_minutes"] > before["expected_minutes"]
        answer = self.report(self.people.staff, state="available", remaining=1, wait_days=3)
        assert answer.status == 201, answer.text
        self.search_shows("15:00 staff: one free, people wait", state_is("waitlist"))

    def a_visitor(self) -> None:
        """Somebody without an account was turned away: a little less likely, the state stays."""
        before = self.found()
        body = {"id": str(uuid.uuid4()), "outcome": "turned_away"}
        told = self.server.ask("POST", f"{self.path}/outcomes/", body)
        assert told.status == 201, told.text
        assert self.server.ask("POST", f"{self.path}/outcomes/", body).status == 200
        now = self.search_shows(
            "15:30 a visitor was turned away", lambda one: one["p_served"] < before["p_served"]
        )
        assert now["availability"]["state"] == before["availability"]["state"]
        assert now["expected_minutes"] < 1.1 * before["expected_minutes"]

    def a_wrong_number(self) -> None:
        """A changed phone waits for a second person; the old one is told meanwhile."""
        admin, staff = self.people.admin, self.people.staff
        old = self.found()["site"]["phones"]
        listing = self.server.ask("GET", f"{self.site_path}/", token=staff)
        version = listing.headers["etag"]
        wanted = {"phones": [{"number": "+12155550142", "extension": None, "label": "main"}]}
        unsure = self.server.ask("PATCH", f"{self.site_path}/", wanted, token=staff)
        assert unsure.status == 428, unsure.text
        held = self.server.ask(
            "PATCH", f"{self.site_path}/", wanted, token=staff, headers={"If-Match": version}
        )
        assert held.status == 202, held.text
        assert self.found()["site"]["phones"] == old
        path = f"/api/v1/held-changes/{held.told['held'][0]['id']}"
        assert self.server.ask("POST", f"{path}/approve/", {}, token=staff).status == 403
        approved = self.server.ask("POST", f"{path}/approve/", {}, token=admin)
        assert approved.status == 200, approved.text
        self.search_shows(
            "16:00 a phone number, after a second person",
            lambda one: [phone["number"] for phone in one["site"]["phones"]] == ["+12155550142"],
        )

    def closed_for_the_afternoon(self) -> None:
        """The whole site is closed for a time, then opened again: what stood before is back."""
        before = self.found()
        until = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=20)).isoformat()
        body = {"id": str(uuid.uuid4()), "until": until, "reason": "Burst pipe"}
        path = f"{self.site_path}/closings/"
        answer = self.server.ask("POST", path, body, token=self.people.admin)
        assert answer.status == 201, answer.text
        closed = self.search_shows("16:30 closed until tomorrow", state_is("closed_temporarily"))
        assert closed["expected_minutes"] > before["expected_minutes"]
        reopened = self.server.ask(
            "POST", f"/api/v1/closings/{body['id']}/reopen/", {}, token=self.people.admin
        )
        assert reopened.status == 200, reopened.text
        state = before["availability"]["state"]
        self.search_shows("17:00 open again", state_is(state))

    def one_tap(self) -> None:
        """A link from a message: looking changes nothing, one tap reports."""
        before = self.found()["availability"]
        link = urllib.parse.urlsplit(
            self.people.link_for(self.clinic["properties"]["site"]["id"])
        ).path
        for _ in range(3):
            page = self.server.ask("GET", link)
            assert page.status == 200
        assert self.found()["availability"] == before
        form = free_form(page.text, self.clinic["properties"]["kind"])
        sent = self.server.ask("POST", link, urllib.parse.urlencode(form | {"remaining": "2"}))
        assert sent.status in (200, 303), sent.text
        self.search_shows(
            "18:00 one tap: 2 free",
            lambda one: one["availability"]["remaining"] == 2 and state_is("available")(one),
        )

    def still_true(self) -> None:
        """Everything listed is still true."""
        before = self.found()["confirmed_at"]
        answer = self.server.ask("POST", f"{self.path}/confirm/", {}, token=self.people.staff)
        assert answer.status == 200, answer.text
        self.search_shows("19:00 confirmed", lambda one: one["confirmed_at"] != before)

    def a_stolen_account(self) -> None:
        """A stolen account edits and reports; a moderator reverts one edit, then all of it."""
        before = self.found()
        vandal, moderator = self.people.vandal, self.people.moderator
        listing = self.server.ask("GET", f"{self.path}/", token=vandal)
        edit = self.server.ask(
            "PATCH",
            f"{self.path}/",
            {"description": "Moved away", "access": {"id_required": True}},
            token=vandal,
            headers={"If-Match": listing.headers["etag"]},
        )
        assert edit.status == 200, edit.text
        assert self.report(vandal, state="full").status == 201
        self.search_shows(
            "22:00 a stolen account",
            lambda one: (
                one["description"] == "Moved away" and one["availability"]["state"] == "full"
            ),
        )
        history = self.server.ask("GET", f"{self.path}/history/", token=moderator).told["results"]
        change = next(one for one in history if one["account"] == self.people.vandal_name)
        path = f"{self.path}/history/{change['id']}/revert/"
        assert self.server.ask("POST", path, {}, token=self.people.staff).status == 200
        self.search_shows(
            "22:10 one edit reverted", lambda one: one["description"] == before["description"]
        )
        undone = self.server.ask(
            "POST",
            "/api/v1/accounts/undo/",
            {"username": self.people.vandal_name, "since": self.began.isoformat()},
            token=moderator,
        )
        assert undone.status == 200, undone.text
        now = self.search_shows(
            "22:15 a moderator undid the rest",
            lambda one: one["availability"] == before["availability"],
        )
        assert now["access"] == before["access"]


def state_is(state: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a found service is told to be in a state."""
    return lambda one: one["availability"]["state"] == state


def free_form(page: str, kind: str) -> dict[str, str]:
    """What a browser sends with the form that asks how many are free, but for the number."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        fields = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', form))
        if fields.get("kind") == kind and 'type="number" name="remaining"' in form:
            return {name: html.unescape(value) for name, value in fields.items()}
    raise AssertionError("no form about this service")
