"""What is stored. One file per thing of the domain."""

from services.models.change import Change
from services.models.hours import Hours, HoursException
from services.models.imports import ImportRun, ServiceSourcing, Source, SourceRecord
from services.models.organization import Organization
from services.models.place import Place
from services.models.report import AvailabilityReport
from services.models.service import Service
from services.models.site import Phone, Site
from services.models.user import User

__all__ = [
    "AvailabilityReport",
    "Change",
    "Hours",
    "HoursException",
    "ImportRun",
    "Organization",
    "Phone",
    "Place",
    "Service",
    "ServiceSourcing",
    "Site",
    "Source",
    "SourceRecord",
    "User",
]
