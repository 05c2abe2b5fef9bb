"""A listing as anyone sees it, for those who keep it: nothing here that a search would not tell."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from services.admin.shown import local_time, yes_no_unknown
from services.listing import listed_services
from services.vocabulary import Availability, Kind, Visibility

NOT_TOLD = "Not told to anyone"
PLACES = {
    Visibility.PUBLIC: "The exact point is on the map",
    Visibility.APPROXIMATE: "A displaced point is on the map, more than 1 km off",
    Visibility.PHONE_ONLY: "No point: it is found by its region",
}


def as_seen_document(service_id: uuid.UUID, now: dt.datetime) -> list[tuple[str, str]]:
    """What a search tells of a listed service, by label. Empty if it tells nothing."""
    listed = next(listed_services([service_id]), None)
    if listed is None:
        return []
    seen = listed.as_feature(now)["properties"]
    site, zone = seen["site"], seen["site"]["time_zone"]
    return [
        ("Kind", str(Kind(seen["kind"]).label)),
        ("Name", seen["name"]),
        ("Organization", seen["organization"]),
        ("Description", seen["description"]),
        ("Availability", _availability(seen["availability"], zone)),
        ("Address", site["address"] or NOT_TOLD),
        ("City", ", ".join(filter(None, (site["city"], site["region"], site["postal_code"])))),
        ("Place", PLACES[Visibility(site["visibility"])]),
        ("Phones", ", ".join(_phone(one) for one in site["phones"])),
        ("Website", site["website"] or ""),
        *_hours(seen),
        *((fact.replace("_", " ").capitalize(), yes_no_unknown(seen["access"][fact]))
          for fact in sorted(seen["access"])),
        ("Languages", ", ".join(seen["languages"])),
        ("Confirmed", local_time(seen["confirmed_at"], zone)),
    ]  # fmt: skip


def _availability(told: dict[str, Any], zone: str) -> str:
    parts = [str(Availability(told["state"]).label)]
    parts += [f"{told['remaining']} free"] if told["remaining"] else []
    parts += [f"{told['wait_days']} days to wait"] if told["wait_days"] else []
    parts += [told["note"]] if told["note"] else []
    parts += ["disputed"] if told["disputed"] else []
    if told["expires_at"] and told["state"] != Availability.UNKNOWN:
        parts.append(f"until {local_time(told['expires_at'], zone)}")
    return " · ".join(parts)


def _phone(phone: dict[str, Any]) -> str:
    extension = f" ext. {phone['extension']}" if phone["extension"] else ""
    return f"{phone['number']}{extension} ({phone['label']})"


def _hours(seen: dict[str, Any]) -> Iterator[tuple[str, str]]:
    windows: dict[str, str] = seen["hours"]["windows"]
    for type_, rule in windows.items():
        yield f"Hours ({type_})", rule
    for type_, text in seen["hours_as_published"].items():
        yield f"Hours ({type_}) as published", text
