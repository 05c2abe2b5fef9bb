"""Answers as bytes: what stays the same for all searchers is rendered once, when it changes."""

from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from services.compiled import compiled, lean
from services.hours import LOOK_AHEAD
from services.index.columns import FACTS, NEVER, NO_COUNT, NO_HOURS, ON_THE_MAP, REPORTERS, STATES
from services.index.openings import Openings, opening_after
from services.index.scoring import (
    DISTANCE,
    EXPECTED,
    OPEN,
    SERVED,
    TRAVEL,
    UNKNOWN,
    WAIT,
    state_at,
)
from services.index.texts import Texts
from services.index.writing import (
    NULL,
    put,
    put_count,
    put_decimal,
    put_id,
    put_numbered,
    put_time,
    put_whole,
    table,
    text,
)
from services.listing import ListedService, geometry_of

OF_PLACE = ("organization", "organization_id", "site")  # the same for all services of a site
LOOK_AHEAD_S = LOOK_AHEAD.total_seconds()
MOST_OF_OUR_OWN = 2_048  # bytes of a feature beside its texts: names, numbers, times, wishes

FEATURE = text('{"type":"Feature","id":')
CONFIRMED_AT = text(',"confirmed_at":')
HOURS, OPENS_AT = text(',"hours":{"state":"'), text('","opens_at":')
CLOSES_AT, WINDOWS = text(',"closes_at":'), text(',"windows":')
STATE, REMAINING = text('},"availability":{"state":"'), text('","remaining":')
WAIT_DAYS, NOTE, AS_OF = text(',"wait_days":'), text(',"note":'), text(',"as_of":')
EXPIRES_AT, REPORTED_BY = text(',"expires_at":'), text(',"reported_by":')
DISPUTED, FALSE, TRUE = text(',"disputed":'), text("false"), text("true")
END_OF_WORD, END_OF_FEATURE, COMMA = text("}"), text("}}"), text(",")
RANK, DISTANCE_M = text(',"rank":'), text(',"distance_m":')
TRAVEL_MINUTES, WAIT_MINUTES = text(',"travel_minutes":'), text(',"wait_minutes":')
P_OPEN, P_SERVED = text(',"p_open":'), text(',"p_served":')
EXPECTED_MINUTES, UNMET = text(',"expected_minutes":'), text(',"unmet":[')
COMPANIONS, END_OF_LIST, NO_NOTE = text(',"companions":['), text("]"), text('""')

DOOR_OPEN, DOOR_CLOSED, DOOR_UNKNOWN = range(3)
DOOR_STATES = ("open", "closed", "unknown")
DOOR_WORDS, DOOR_STARTS = table(DOOR_STATES)
STATE_WORDS, STATE_STARTS = table(STATES)
REPORTER_WORDS, REPORTER_STARTS = table(["null", *(f'"{role}"' for role in REPORTERS[1:])])
WISHES = [*FACTS, "open_now", "available_only", "max_km"]  # what a service may leave unmet
WISH_WORDS, WISH_STARTS = table([f'"{wish}"' for wish in WISHES])


class Pages(NamedTuple):
    """What rows are told with, as compiled code reads it.

    Attributes:
        at: POSIX time.
        words_at: POSIX time at which the latest words on availability must hold to be told;
            infinite when they are too old to be told at all.
    """

    texts: Texts
    openings: Openings
    at: float
    words_at: float


def texts_of(service: ListedService) -> dict[str, bytes]:
    """The texts of a service by their columns in a row."""
    properties = dict(service.properties)
    properties.pop("confirmed_at")
    place = {name: properties.pop(name) for name in OF_PLACE}
    name = {"name": properties.pop("name")}
    head = orjson.dumps({"geometry": geometry_of(service.point), "properties": place})
    return {
        "place": head[1:-2],  # open at the end of its properties
        "name": orjson.dumps(name)[1:-1],
        "facts": orjson.dumps(properties)[1:-1],
        "windows": orjson.dumps(service.windows),
        "note": orjson.dumps(service.word.note),
    }


@lean
def _size(row: Any, texts: Texts) -> int:
    """Bytes that a row's feature takes at most."""
    size = MOST_OF_OUR_OWN
    for number in (row.place, row.name, row.facts, row.windows, row.note):
        size += texts.starts[number + 1] - texts.starts[number]
    return size


@lean
def _put_text(out: NDArray[Any], at: int, number: int, texts: Texts) -> int:
    return put_numbered(out, at, texts.all, texts.starts, number)


@lean
def _put_head(out: NDArray[Any], at: int, row: Any, pages: Pages) -> int:
    """A feature up to what changes with time or searcher; open within its properties."""
    at = put_id(out, put(out, at, FEATURE), row.id_high, row.id_low)
    for number in (row.place, row.name, row.facts):
        at = _put_text(out, put(out, at, COMMA), number, pages.texts)
    return put_time(out, put(out, at, CONFIRMED_AT), row.confirmed_at, 0.0)


@lean
def door_at(number: int, openings: Openings, moment: float) -> tuple[int, int]:
    """What a door's hours say at a POSIX time: its state, and the opening that counts.

    The opening is the position of the one that goes on or comes next; -1 where none does within
    two weeks, or where one goes on longer.
    """
    if number == NO_HOURS:
        return DOOR_UNKNOWN, -1
    position = opening_after(number, moment, openings)
    end = moment + LOOK_AHEAD_S
    if position == openings.bounds[number + 1] or openings.opens[position] >= end:
        return DOOR_CLOSED, -1
    if openings.opens[position] > moment:
        return DOOR_CLOSED, position
    return DOOR_OPEN, position if openings.closes[position] < end else -1


@lean
def _put_hours(out: NDArray[Any], at: int, row: Any, pages: Pages) -> int:
    openings = pages.openings
    state, position = door_at(row.door_hours, openings, pages.at)
    at = put_numbered(out, put(out, at, HOURS), DOOR_WORDS, DOOR_STARTS, state)
    opens, closes, opens_offset, closes_offset = NEVER, NEVER, 0.0, 0.0
    if position >= 0 and state == DOOR_CLOSED:
        opens, opens_offset = openings.opens[position], openings.open_offsets[position]
    elif position >= 0:
        closes, closes_offset = openings.closes[position], openings.close_offsets[position]
    at = put_time(out, put(out, at, OPENS_AT), opens, opens_offset)
    at = put_time(out, put(out, at, CLOSES_AT), closes, closes_offset)
    return _put_text(out, put(out, at, WINDOWS), row.windows, pages.texts)


@lean
def _put_word(out: NDArray[Any], at: int, row: Any, pages: Pages) -> int:
    """The availability as it may be told at the time; see services.told.Word.at."""
    state, closed = state_at(row, pages.words_at), pages.words_at < row.closed_until
    known = not closed and state != UNKNOWN
    at = put_numbered(out, put(out, at, STATE), STATE_WORDS, STATE_STARTS, state)
    at = put_count(out, put(out, at, REMAINING), row.remaining if known else NO_COUNT)
    at = put_count(out, put(out, at, WAIT_DAYS), row.wait_days if known else NO_COUNT)
    at = put(out, at, NOTE)
    at = _put_text(out, at, row.note, pages.texts) if known else put(out, at, NO_NOTE)
    at = put_time(out, put(out, at, AS_OF), row.closed_at if closed else row.as_of, 0.0)
    until = row.closed_until if closed else row.expires_at
    at = put_time(out, put(out, at, EXPIRES_AT), until, 0.0)
    by = row.closed_by if closed else row.reported_by
    at = put_numbered(out, put(out, at, REPORTED_BY), REPORTER_WORDS, REPORTER_STARTS, by)
    disputed = row.disputed and not closed
    at = put(out, put(out, at, DISPUTED), TRUE if disputed else FALSE)
    return put(out, at, END_OF_WORD)


@lean
def _put_distance(out: NDArray[Any], at: int, row: Any, metres: float) -> int:
    at = put(out, at, DISTANCE_M)
    if row.reach != ON_THE_MAP:
        return put(out, at, NULL)
    return put_whole(out, at, int(np.rint(metres)))


@lean
def _put_score(out: NDArray[Any], at: int, row: Any, score: NDArray[Any], rank: int) -> int:
    at = put_whole(out, put(out, at, RANK), rank)
    at = _put_distance(out, at, row, score[DISTANCE])
    at = put_decimal(out, put(out, at, TRAVEL_MINUTES), score[TRAVEL], 1)
    at = put_decimal(out, put(out, at, WAIT_MINUTES), score[WAIT], 1)
    at = put_decimal(out, put(out, at, P_OPEN), score[OPEN], 4)
    at = put_decimal(out, put(out, at, P_SERVED), score[SERVED], 4)
    return put_decimal(out, put(out, at, EXPECTED_MINUTES), score[EXPECTED], 1)


@lean
def _put_unmet(out: NDArray[Any], at: int, unmet: NDArray[Any]) -> int:
    """The wishes a service may leave unmet: their numbers, ended by a negative one."""
    at = put(out, at, UNMET)
    for position in range(len(unmet)):
        if unmet[position] < 0:
            break
        at = put(out, at, COMMA) if position else at
        at = put_numbered(out, at, WISH_WORDS, WISH_STARTS, unmet[position])
    return put(out, at, END_OF_LIST)


@compiled
def ranked_features(
    hits: NDArray[Any],
    scores: NDArray[Any],
    unmet: NDArray[Any],
    companions: NDArray[Any],
    companion_metres: NDArray[Any],
    rank: int,
    pages: Pages,
) -> NDArray[Any]:
    """Results as GeoJSON features with a comma between; durations with one decimal, whole metres.

    Args:
        hits: of ROW, in order of rank.
        scores: their scores.
        unmet: of each the numbers of WISHES it may leave unmet, ended by a negative one.
        companions: of ROW, what goes with each; not alive where nothing is to be had.
        companion_metres: how far that is; negative where the hit's kind needs none.
        rank: of the first.
        pages: what they are told with.
    """
    size = 0
    for n in range(len(hits)):
        size += _size(hits[n], pages.texts)
        size += _size(companions[n], pages.texts) if companions[n].alive else 0
    out, at = np.empty(size, np.uint8), 0
    for n in range(len(hits)):
        row = hits[n]
        at = put(out, at, COMMA) if n else at
        at = _put_score(out, _put_head(out, at, row, pages), row, scores[n], rank + n)
        at = _put_unmet(out, at, unmet[n])
        if companion_metres[n] >= 0:
            at = put(out, at, COMPANIONS)
            if companions[n].alive:
                at = _put_companion(out, at, companions[n], companion_metres[n], pages)
            at = put(out, at, END_OF_LIST)
        at = put(out, _put_word(out, _put_hours(out, at, row, pages), row, pages), END_OF_FEATURE)
    return out[:at]


@lean
def _put_companion(out: NDArray[Any], at: int, row: Any, metres: float, pages: Pages) -> int:
    at = _put_distance(out, _put_head(out, at, row, pages), row, metres)
    return put(out, _put_word(out, _put_hours(out, at, row, pages), row, pages), END_OF_FEATURE)


@compiled
def open_feature(rows: NDArray[Any], slot: int, pages: Pages) -> NDArray[Any]:
    """A row as a GeoJSON feature, open at the end of its properties."""
    row = rows[slot]
    out = np.empty(_size(row, pages.texts), np.uint8)
    at = _put_word(out, _put_hours(out, _put_head(out, 0, row, pages), row, pages), row, pages)
    return out[:at]


def completed(feature: bytes, properties: dict[str, Any]) -> bytes:
    """An open feature with some more properties."""
    return feature + b"," + orjson.dumps(properties)[1:] + b"}"


def collection(features: bytes | memoryview, search: dict[str, Any]) -> bytes:
    """A GeoJSON feature collection with its ``search`` member.

    Args:
        features: with commas between.
        search: what was searched for.
    """
    head = b'{"type":"FeatureCollection","search":'
    return b"".join((head, orjson.dumps(search), b',"features":[', features, b"]}"))
