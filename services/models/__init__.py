"""What is stored. One file per thing of the domain."""

from services.models.change import Change
from services.models.editing import Claim, Closing, HeldChange
from services.models.hours import Hours, HoursException
from services.models.imports import ImportRun, ServiceSourcing, Source, SourceRecord
from services.models.messages import Message, Reminder, ReportingPlan, ReportLink
from services.models.organization import Organization
from services.models.pack import Pack
from services.models.place import Place
from services.models.report import AvailabilityReport, VisitOutcome
from services.models.service import Service
from services.models.site import Phone, Site
from services.models.user import DeviceToken, Invitation, Membership, User

__all__ = [
    "AvailabilityReport",
    "Change",
    "Claim",
    "Closing",
    "DeviceToken",
    "HeldChange",
    "Hours",
    "HoursException",
    "ImportRun",
    "Invitation",
    "Membership",
    "Message",
    "Organization",
    "Pack",
    "Phone",
    "Place",
    "Reminder",
    "ReportLink",
    "ReportingPlan",
    "Service",
    "ServiceSourcing",
    "Site",
    "Source",
    "SourceRecord",
    "User",
    "VisitOutcome",
]
