"""Bringing a phone up to date: the list of packs, a region's pack, and the changes since.

Nothing here knows where anybody is: regions are chosen by name.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from locator_offline.columns import PackError
from locator_offline.downloads import Part, download
from locator_offline.ed25519 import KEY_BYTES, verify
from locator_offline.pack import FORMAT, Body, language_of
from locator_offline.store import Listed, Region, Store, file_name, replace_file
from locator_offline.transport import NetworkError, Reply, Transport

PACKS, CHANGES = "/api/v1/packs/", "/api/v1/changes/"
OK, NOT_MODIFIED = 200, 304
CURSOR_NO_LONGER_GOOD = {400, 404, 410}
TRIES = 3  # a pack may be replaced between the list and the download
ENOUGH_PAGES = 1_000_000  # bytes of changes: beyond, and beyond the pack's own, it is taken anew
AT_ONCE = 500  # rows of the change log a page
OLD_DAYS = 60  # hours are told for 120 days: a pack half used up is taken anew
DAY_S = 86_400


class KeyChangedError(Exception):
    """The server signs with another key than before: somebody must look at it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A pack that can be had.

    Attributes:
        name: for people.
        size: bytes, unpacked.
        packed: bytes, as it is sent.
    """

    region: str
    name: str
    services: int
    size: int
    packed: int
    listed: Listed


class Sync:
    """Keeps a store up to date with a server.

    Args:
        store: what is held.
        transport: the way to the server.
        language: of labels, such as "es".
        public_key: the key that packs are signed with, 32 bytes. None: the one that the server
            tells first is kept, and no other believed later.
        clock: POSIX time.

    Raises:
        ValueError: the public key is none.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        *,
        language: str = "en",
        public_key: bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._transport, self._language = store, transport, language
        self._clock = clock
        if public_key is not None and len(public_key) != KEY_BYTES:
            raise ValueError("A public key has 32 bytes: decode the Base64 of the list.")
        self._pinned = public_key
        self._list_path = store.folder / f"packs.{language}.json"
        self._key_path = store.folder / "public.key"

    def offers(self) -> list[Offer]:
        """The packs that can be had.

        Raises:
            NetworkError: the list did not come.
            KeyChangedError: see there.
        """
        listed = self._list()
        try:
            key = base64.b64decode(listed["public_key"], validate=True)
            offers = [self._offer(one) for one in listed["packs"]]
        except (ValueError, KeyError, TypeError) as error:  # a network's sign-in page, say
            raise NetworkError("Not the list of packs.") from error
        self._believe(key)
        return offers

    def take(self, region: str, *, anew: bool = False) -> bool:
        """Hold a region's pack; False if the one held is the latest. Resumes what broke off.

        Args:
            region: its name.
            anew: even if it is the one held.

        Raises:
            LookupError: there is no such region (any more): see ``offers``.
            NetworkError: try again later.
            PackError: what came is not what was signed. What is held stays.
        """
        for attempt in range(1, TRIES + 1):
            offer = self._offer_of(region)
            try:
                return self._take(offer, anew=anew)
            except PackError:  # perhaps it was replaced meanwhile: the list tells
                if attempt == TRIES:
                    raise
        return False

    def follow(self, region: str, *, wait_s: int = 0) -> int:
        """Take in what changed in a region that is held; returns how many services that were.

        Args:
            region: its name.
            wait_s: seconds that the server may wait for a change.

        Raises:
            LookupError: the region is not held, or there is none any more.
            NetworkError, PackError: as for ``take``; what came before is kept.
        """
        if region not in self._store.regions:
            raise KeyError(f"{region} is not held: take it first.")
        if self._is_used_up(self._store.regions[region]):
            self.take(region)  # unless it is the one held: a worker may build it later
        changed, anew = 0, False
        while True:
            reply = self._page(region, 0 if changed else wait_s)
            if reply.status in CURSOR_NO_LONGER_GOOD and not anew:
                anew = self.take(region, anew=True)
                continue
            if reply.status != OK:
                raise NetworkError(f"Not a page of changes, but the answer {reply.status}.")
            before = self._store.regions[region].cursor
            page = self._store.apply(region, reply.body)
            changed += len(page.services) + len(page.gone)
            if not _goes_on(page, before):
                return changed

    def update(self) -> None:
        """Follow every region held; raises what ``follow`` raises.

        A region that is none any more, or a broken pack, is told at the end: it holds up no other.
        """
        faults = list[LookupError | PackError]()
        for region in list(self._store.regions):
            try:
                self.follow(region)
            except (LookupError, PackError) as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def _is_used_up(self, held: Region) -> bool:
        """Whether a pack is of another language, old, or smaller than the changes since."""
        days = self._clock() / DAY_S - held.day
        many = held.page_bytes > max(held.pack_bytes, ENOUGH_PAGES)
        return many or days > OLD_DAYS or not self._is_as_asked(held)

    def _is_as_asked(self, held: Region) -> bool:
        return (held.listed.asked or held.listed.language) == self._language

    def _take(self, offer: Offer, *, anew: bool) -> bool:
        held = self._store.regions.get(offer.region)
        as_good = held is not None and not anew and self._is_as_asked(held)
        etag = held.listed.etag if held is not None and as_good else ""
        came = download(
            self._transport,
            f"{PACKS}{offer.region}/",
            {"language": self._language},
            part=Part(self._store.folder / f".{file_name(offer.region)}.part"),
            held=etag,
            most=max(offer.size, offer.packed),
        )
        if came is None:
            return False
        pack, etag = came
        language = language_of(pack)
        listed = replace(offer.listed, language=language, etag=etag, asked=self._language)
        self._check(listed)
        self._store.put(listed, pack)
        return True

    def _check(self, listed: Listed) -> None:
        told = (FORMAT, listed.region, listed.language, listed.cursor, listed.sha256)
        message = "".join(f"{one}\n" for one in told).encode()
        try:
            signature = base64.b64decode(listed.signature, validate=True)
        except binascii.Error as error:
            raise PackError("The signature cannot be read.") from error
        if not verify(self._key(), message, signature):
            raise PackError("The pack is not signed by this server.")

    def _page(self, region: str, wait_s: int) -> Reply:
        cursor = self._store.regions[region].cursor
        query: dict[str, Any] = {"cursor": cursor, "region": region, "limit": AT_ONCE}
        return self._transport.get(CHANGES, query | ({"wait": wait_s} if wait_s else {}))

    def _offer_of(self, region: str) -> Offer:
        for offer in self.offers():
            if offer.region == region:
                return offer
        raise LookupError(f"There is no region {region} (any more): choose from offers().")

    def _list(self) -> dict[str, Any]:
        """The list as the server tells it, from the last time if it is still the same."""
        kept = _kept_list(self._list_path)
        headers = {"If-None-Match": kept["etag"]} if kept["etag"] else {}
        reply = self._transport.get(PACKS, {"language": self._language}, headers)
        if reply.status == NOT_MODIFIED and headers:
            return dict(kept["list"])
        try:
            listed = json.loads(reply.body if reply.status == OK else b"")
            new = {"etag": reply.header("ETag"), "list": {**listed}}
        except (ValueError, TypeError) as error:
            raise NetworkError(f"Not the list of packs, but the answer {reply.status}.") from error
        replace_file(self._list_path, json.dumps(new).encode())
        return dict(new["list"])

    def _offer(self, told: dict[str, Any]) -> Offer:
        signed = told["cursor"], told["sha256"], told["signature"]
        return Offer(
            region=told["region"],
            name=told["name"],
            services=told["services"],
            size=told["bytes"],
            packed=told["bytes_gzip"],
            listed=Listed(told["region"], self._language, *signed),
        )

    def _believe(self, told: bytes) -> None:
        """Keep the key that the server tells, if it is the first."""
        if len(told) != KEY_BYTES:
            raise NetworkError("Not the list of packs: it has no key.")
        if self._pinned is None and not self._key_path.exists():
            replace_file(self._key_path, told)
        if told != self._key():
            raise KeyChangedError(
                "The server signs packs with another key than before: let a person look at it."
            )

    def _key(self) -> bytes:
        return self._key_path.read_bytes() if self._pinned is None else self._pinned


def _kept_list(path: Any) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
        return {"etag": kept["etag"], "list": {**kept["list"]}}
    except (OSError, ValueError, KeyError, TypeError):
        return {"etag": "", "list": {}}


def _goes_on(page: Body, before: str) -> bool:
    """Whether further pages wait. A page that leads nowhere ends it, whatever it says."""
    return page.more and page.cursor != before
