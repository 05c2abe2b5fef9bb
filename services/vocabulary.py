"""The closed vocabulary: kinds of service, access facts, states, reporters.

A kind or fact that is not listed here cannot be stored. Half-lives, expiries and priors stand in
one table, to be replaced by what the reports teach.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Kind(models.TextChoices):
    """What kind of help a service is. Labels are person-first."""

    DETOX = "detox", _("Withdrawal management (detox)")
    METHADONE = "methadone", _("Methadone — opioid treatment program (OTP)")
    BUPRENORPHINE = "buprenorphine", _("Buprenorphine (Suboxone and others)")
    NALOXONE = "naloxone", _("Naloxone (Narcan)")
    SYRINGE_SERVICES = "syringe_services", _("Syringe services program")
    DRUG_CHECKING = "drug_checking", _("Drug checking")
    SUPERVISED_CONSUMPTION = (
        "supervised_consumption",
        _("Supervised consumption / overdose prevention"),
    )
    SAFER_SUPPLY = "safer_supply", _("Prescribed safer supply, iOAT")
    RESIDENTIAL = "residential", _("Residential treatment")
    OUTPATIENT = "outpatient", _("Outpatient counselling and treatment")
    TESTING = "testing", _("HIV / hepatitis C testing")
    WOUND_CARE = "wound_care", _("Wound care")
    PEER_SUPPORT = "peer_support", _("Peer support, drop-in")


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What ranking and search know of a kind.

    Attributes:
        unit: what ``remaining`` counts.
        half_life: time after which a report weighs half.
        expires: time after which a report no longer states the availability.
        prior: chance that a visit succeeds when nothing is known, in (0, 1).
        synonyms: words people search with; never shown as labels.
        check_weight: how much harm a wrong listing does, in (0, 1]: what is checked first.
    """

    unit: StrOrPromise
    half_life: timedelta
    expires: timedelta
    prior: float
    synonyms: tuple[str, ...]
    check_weight: float


BED, SLOT, SESSION = _("bed"), _("intake slot"), _("session")

# Buprenorphine's prior is measured: 27.7 % of 505 listed prescribers had an appointment
# (Flavin 2020). The other priors are stated assumptions. So are the check weights: what does a trip
# for nothing cost? 1: withdrawal goes on, or an overdose cannot be reversed. 0.8: use without what
# keeps a person alive: company, a known supply. 0.6: a wait or a risk of infection grows. 0.4 and
# less: the visit can be made another day.
KIND_FACTS: dict[Kind, KindFacts] = {
    Kind.DETOX: KindFacts(
        BED, 6 * HOUR, 12 * HOUR, 0.30, ("detox", "withdrawal", "medical detox"), 1.0
    ),
    Kind.METHADONE: KindFacts(
        SLOT, 24 * HOUR, 48 * HOUR, 0.50, ("methadone", "OTP", "OAT", "methadone clinic"), 1.0
    ),
    Kind.BUPRENORPHINE: KindFacts(
        SLOT,
        24 * HOUR,
        48 * HOUR,
        0.30,
        ("suboxone", "subs", "bupe", "subutex", "sublocade", "OBOT"),
        1.0,
    ),
    Kind.NALOXONE: KindFacts(
        _("kit"), 48 * HOUR, 96 * HOUR, 0.80, ("narcan", "naloxone kit", "THN"), 1.0
    ),
    Kind.SYRINGE_SERVICES: KindFacts(
        SESSION, 12 * HOUR, 24 * HOUR, 0.80, ("needle exchange", "SSP", "works", "sharps"), 0.6
    ),
    Kind.DRUG_CHECKING: KindFacts(
        SESSION, 4 * HOUR, 8 * HOUR, 0.50, ("test strips", "fentanyl strips", "FTIR"), 0.8
    ),
    Kind.SUPERVISED_CONSUMPTION: KindFacts(
        _("place"), 1 * HOUR, 2 * HOUR, 0.70, ("SCS", "OPS", "OPC", "safe injection"), 0.8
    ),
    Kind.SAFER_SUPPLY: KindFacts(
        _("panel place"),
        7 * DAY,
        14 * DAY,
        0.10,
        ("safe supply", "iOAT", "prescribed alternatives"),
        0.8,
    ),
    Kind.RESIDENTIAL: KindFacts(BED, 24 * HOUR, 72 * HOUR, 0.30, ("rehab", "inpatient"), 0.6),
    Kind.OUTPATIENT: KindFacts(SLOT, 72 * HOUR, 7 * DAY, 0.60, ("counselling", "IOP"), 0.4),
    Kind.TESTING: KindFacts(SESSION, 7 * DAY, 14 * DAY, 0.80, ("HCV", "HIV"), 0.3),
    Kind.WOUND_CARE: KindFacts(SESSION, 24 * HOUR, 48 * HOUR, 0.70, ("abscess care",), 0.6),
    Kind.PEER_SUPPORT: KindFacts(
        SESSION, 7 * DAY, 14 * DAY, 0.80, ("drop-in", "peer", "support group"), 0.3
    ),
}


def normalized_word(text: str) -> str:
    """A search word without case, hyphens, underscores or extra blanks."""
    return " ".join(text.replace("-", " ").replace("_", " ").casefold().split())


KIND_BY_WORD: dict[str, Kind] = {
    normalized_word(word): kind
    for kind, facts in KIND_FACTS.items()
    for word in (kind.value, *facts.synonyms)
}


def kind_called(word: str) -> Kind | None:
    """The kind a word means ("suboxone" is buprenorphine), or None."""
    return KIND_BY_WORD.get(normalized_word(word))


class Availability(models.TextChoices):
    """The latest word on a service. A count is a bed or slot nobody waits for."""

    AVAILABLE = "available", _("Available")
    LIMITED = "limited", _("Limited")
    WAITLIST = "waitlist", _("Waitlist")
    FULL = "full", _("Full")
    CLOSED_TEMPORARILY = "closed_temporarily", _("Closed for now")
    UNKNOWN = "unknown", _("Unknown — call first")


class Reporter(models.TextChoices):
    """In which role somebody reported; never who."""

    CLINIC_STAFF = "clinic_staff", _("Staff of the clinic")
    OUTREACH = "outreach", _("Outreach worker")
    FEED = "feed", _("Automated feed")
    ANONYMOUS = "anonymous", _("Visitors")


class Outcome(models.TextChoices):
    """What a visit came to, as somebody without an account tells it."""

    SERVED = "served", _("Served")
    TURNED_AWAY = "turned_away", _("Turned away")
    CLOSED = "closed", _("Found it closed")
    WRONG_INFO = "wrong_info", _("The listing is wrong")


class Role(models.TextChoices):
    """What an account may do. The first two are held in an organization."""

    CLINIC_STAFF = "clinic_staff", _("Staff of the clinic")
    CLINIC_ADMIN = "clinic_admin", _("Admin of the clinic")
    OUTREACH = "outreach", _("Outreach worker")
    MODERATOR = "moderator", _("Moderator")


CLINIC_ROLES = (Role.CLINIC_STAFF, Role.CLINIC_ADMIN)


class Visibility(models.TextChoices):
    """How much of a site's place anyone may know."""

    PUBLIC = "public", _("Exact place")
    APPROXIMATE = "approximate", _("Approximate place, displaced by more than 1 km")
    PHONE_ONLY = "phone_only", _("By phone only, no place")


class LocationAccuracy(models.TextChoices):
    """What a site's point stands for."""

    ROOFTOP = "rooftop", _("Building")
    STREET = "street", _("Street")
    POSTAL_CODE = "postal_code", _("Postal code area")
    APPROXIMATE = "approximate", _("Approximate on purpose")


class Delivery(models.TextChoices):
    """How a person reaches a site."""

    DOOR = "door", _("Go there")
    MOBILE = "mobile", _("A van's stop")
    REMOTE = "remote", _("By phone, video or mail")


class HoursType(models.TextChoices):
    """What happens in these hours."""

    OPEN = "open", _("Open")
    INTAKE = "intake", _("Intake of new people")
    DOSING = "dosing", _("Dosing")


class MoudPolicy(models.TextChoices):
    """What a detox or residential service says to a medication for opioid use disorder."""

    UNKNOWN = "unknown", _("Unknown")
    PROVIDES = "provides", _("Provides it")
    ACCEPTS = "accepts", _("Accepts people who take it")
    FORBIDS = "forbids", _("Does not admit people who take it")


class AsamLevel(models.TextChoices):
    """ASAM levels of withdrawal management; the edition stands beside the level."""

    AMBULATORY = "1-WM", _("1-WM: ambulatory, without extended on-site monitoring")
    AMBULATORY_MONITORED = "2-WM", _("2-WM: ambulatory, with extended on-site monitoring")
    RESIDENTIAL = "3.2-WM", _("3.2-WM: residential, clinically managed")
    INPATIENT = "3.7-WM", _("3.7-WM: inpatient, medically monitored")
    INTENSIVE = "4-WM", _("4-WM: intensive inpatient, medically managed")


# Each is yes, no or unknown; unknown stays unknown. The position is the fact's bit in the search
# index, so new facts go to the end.
ACCESS_FACTS: dict[str, StrOrPromise] = {
    "walk_in": _("Walk in, no appointment"),
    "appointment_only": _("By appointment only"),
    "referral_required": _("A referral is required"),
    "same_day_start": _("Starts the same day"),
    "id_required": _("Identification is required"),
    "residency_required": _("Proof of residency is required"),
    "abstinence_required": _("Abstinence is required"),
    "urine_screen": _("Urine drug screen"),
    "sliding_fee": _("Sliding fee scale"),
    "free": _("Free of charge"),
    "medicaid": _("Medicaid accepted"),
    "medicare": _("Medicare accepted"),
    "private_insurance": _("Private insurance accepted"),
    "self_pay": _("Cash or self-payment"),
    "wheelchair": _("Wheelchair accessible"),
    "telehealth": _("Telehealth"),
    "mail": _("By mail"),
    "youth_alone": _("Young people without a parent"),
    "pregnant_priority": _("Priority for pregnant people"),
    "women": _("Serves women"),
    "men": _("Serves men"),
    "trans_affirming": _("Trans-affirming"),
    "lgbtq": _("LGBTQ+ program"),
    "veterans": _("Veterans program"),
    "couples": _("Couples together"),
    "pets": _("Pets welcome"),
    "children_may_stay": _("Children may stay"),
    "asl": _("Sign language"),
    "mobile_unit": _("Mobile unit"),
    "around_the_clock": _("Around the clock"),
}

# Derived, never self-declared: walk in, same day, no identification, no abstinence.
LOW_BARRIER = "low_barrier"
LOW_BARRIER_NEEDS: dict[str, bool] = {
    "walk_in": True,
    "same_day_start": True,
    "id_required": False,
    "abstinence_required": False,
}


def low_barrier(access: dict[str, bool]) -> bool | None:
    """Whether a service is low-barrier by its facts: True, False, or None while one is unknown."""
    known = True
    for fact, wanted in LOW_BARRIER_NEEDS.items():
        if fact not in access:
            known = False
        elif access[fact] is not wanted:
            return False
    return True if known else None
