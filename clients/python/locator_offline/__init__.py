"""Harm-reduction services on a phone that is offline: held, ranked and reported on."""

from locator_offline.columns import PackError
from locator_offline.hours import DoorState, door_state
from locator_offline.question import Answer, Question, Result
from locator_offline.queue import Refused, ReportQueue, Waiting
from locator_offline.records import Service, Site
from locator_offline.sender import Sender, Step
from locator_offline.store import Store
from locator_offline.sync import KeyChangedError, Offer, Sync
from locator_offline.transport import NetworkError, Transport

__all__ = [
    "Answer",
    "DoorState",
    "KeyChangedError",
    "NetworkError",
    "Offer",
    "PackError",
    "Question",
    "Refused",
    "ReportQueue",
    "Result",
    "Sender",
    "Service",
    "Site",
    "Step",
    "Store",
    "Sync",
    "Transport",
    "Waiting",
    "door_state",
]
