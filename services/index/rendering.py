"""Answers as bytes: what stays the same for all searchers is rendered once, when it changes."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from services.hours import DoorState
from services.listing import ListedService, geometry_of, hours_document
from services.told import Word

if TYPE_CHECKING:
    from services.index.asking import Companion, Hit, Told


@dataclass(frozen=True, slots=True)
class Card:
    """What the index keeps of a service to answer with.

    Attributes:
        head: its GeoJSON feature, open at the end of its properties.
        windows: its hours' texts, as JSON.
    """

    head: bytes
    windows: bytes
    word: Word


NOTHING = Word(
    "unknown",
    None,
    None,
    "",
    None,
    None,
    "",
    disputed=False,
    evidence_for=0,
    evidence_against=0,
    evidence_at=None,
)
NO_CARD = Card(b"", b"", NOTHING)


def card_of(service: ListedService) -> Card:
    """Render what stays the same."""
    feature = {
        "type": "Feature",
        "id": str(service.id),
        "geometry": geometry_of(service.point),
        "properties": service.properties,
    }
    return Card(orjson.dumps(feature)[:-2], orjson.dumps(service.windows), service.word)


def _feature(card: Card, door: DoorState, at: dt.datetime, changing: dict[str, Any]) -> bytes:
    changing["hours"] = hours_document(door, orjson.Fragment(card.windows))
    changing["availability"] = card.word.at(at)
    return card.head + b"," + orjson.dumps(changing)[1:] + b"}"


def hit_feature(
    hit: "Hit", *, rank: int, at: dt.datetime, companions: "list[Companion] | None"
) -> bytes:
    """One result as a GeoJSON feature; durations with one decimal, distances in whole metres."""
    changing: dict[str, Any] = {
        "rank": rank,
        "distance_m": None if hit.distance_m is None else round(hit.distance_m),
        "travel_minutes": round(hit.travel_minutes, 1),
        "wait_minutes": round(hit.wait_minutes, 1),
        "p_open": round(hit.p_open, 4),
        "p_served": round(hit.p_served, 4),
        "expected_minutes": round(hit.expected_minutes, 1),
        "unmet": hit.unmet,
    }
    if companions is not None:
        changing["companions"] = [
            orjson.Fragment(companion_feature(companion, at)) for companion in companions
        ]
    return _feature(hit.card, hit.door, at, changing)


def companion_feature(companion: "Companion", at: dt.datetime) -> bytes:
    """A companion as a GeoJSON feature; its distance counts from the hit's site."""
    changing: dict[str, Any] = {"distance_m": round(companion.distance_m)}
    return _feature(companion.card, companion.door, at, changing)


def told_feature(told: "Told", at: dt.datetime, changing: dict[str, Any]) -> bytes:
    """A service as a GeoJSON feature, with what else is to be said of it."""
    return _feature(told.card, told.door, at, changing)


def collection(features: list[bytes], search: dict[str, Any]) -> bytes:
    """A GeoJSON feature collection with its ``search`` member."""
    return (
        b'{"type":"FeatureCollection","search":'
        + orjson.dumps(search)
        + b',"features":['
        + b",".join(features)
        + b"]}"
    )
