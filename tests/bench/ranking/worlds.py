"""The worlds: what is assumed of services, of those who report, and of those who search.

None of the numbers is fitted to the ranking. Where nothing is measured they are round, and the
worlds differ by more than anyone could argue about.
"""

from dataclasses import dataclass
from typing import Any

from services.vocabulary import Kind

ALWAYS, LONG_DAYS, OFFICE, MORNINGS, SHOP, EVENINGS = range(6)


@dataclass(frozen=True, slots=True)
class KindTruth:
    """What is true of services of a kind in every world.

    Attributes:
        switch_hours: time after which half is forgotten of whether it could serve.
        reports_a_day: by the staff of a clinic that reports as it should.
        hours: share of services with each of week.HOURS.
        searches: how often it is searched for, relative to the others.
    """

    switch_hours: float
    reports_a_day: float
    hours: dict[int, float]
    searches: float


INTAKE_ALWAYS = {ALWAYS: 0.5, LONG_DAYS: 0.4, OFFICE: 0.1}
CLINIC = {LONG_DAYS: 0.2, OFFICE: 0.7, SHOP: 0.1}
OUTREACH = {LONG_DAYS: 0.2, OFFICE: 0.3, SHOP: 0.3, EVENINGS: 0.2}

# Bed registries require a count a shift or a day; where nothing requires it, clinics that do report
# do so about daily, and seldom what seldom changes.
KIND_TRUTHS: dict[Kind, KindTruth] = {
    Kind.DETOX: KindTruth(8, 3, INTAKE_ALWAYS, 20),
    Kind.METHADONE: KindTruth(5 * 24, 1, {MORNINGS: 0.8, OFFICE: 0.2}, 15),
    Kind.BUPRENORPHINE: KindTruth(10 * 24, 0.5, CLINIC, 15),
    Kind.NALOXONE: KindTruth(7 * 24, 0.5, {ALWAYS: 0.15, LONG_DAYS: 0.45, SHOP: 0.4}, 15),
    Kind.SYRINGE_SERVICES: KindTruth(48, 1, OUTREACH, 8),
    Kind.DRUG_CHECKING: KindTruth(6, 2, OUTREACH, 3),
    Kind.SUPERVISED_CONSUMPTION: KindTruth(1, 6, {ALWAYS: 0.3, LONG_DAYS: 0.7}, 4),
    Kind.SAFER_SUPPLY: KindTruth(30 * 24, 0.15, CLINIC, 1),
    Kind.RESIDENTIAL: KindTruth(48, 1, {ALWAYS: 0.2, LONG_DAYS: 0.4, OFFICE: 0.4}, 8),
    Kind.OUTPATIENT: KindTruth(10 * 24, 0.3, CLINIC, 5),
    Kind.TESTING: KindTruth(14 * 24, 0.15, CLINIC, 2),
    Kind.WOUND_CARE: KindTruth(72, 0.5, OUTREACH, 2),
    Kind.PEER_SUPPORT: KindTruth(14 * 24, 0.15, OUTREACH, 2),
}


@dataclass(frozen=True, slots=True)
class World:
    """One set of assumptions.

    Attributes:
        rural: 8 services within 60 km, by car; else 30 within 12 km, by transit.
        night: searches from 20:00 to 05:00 of any day; else 09:00 to 16:00 from Monday to Friday.
        diligent: staff report as they should; else at a seventh of that rate, and half never do.
        wrong: share of all reports that tell the opposite of what is.
        kinds: searched for; None for all of them.
        odds: the true odds of being served, relative to those of the kind's prior.
        alike: how alike services of a kind are: the Beta's two parameters together.
        pace: how fast things change, relative to KIND_TRUTHS.
        tuned_on: whether numbers were chosen on it.
    """

    name: str
    rural: bool = False
    night: bool = False
    diligent: bool = True
    wrong: float = 0.02
    kinds: tuple[Kind, ...] | None = None
    odds: float = 1.0
    alike: float = 3.0
    pace: float = 1.0
    tuned_on: bool = False


LAZY: dict[str, Any] = {"diligent": False}
RURAL: dict[str, Any] = {"rural": True}
NIGHT: dict[str, Any] = {"night": True}
WRONG: dict[str, Any] = {"wrong": 0.1}

WORLDS = (
    World("city, day, diligent", tuned_on=True),
    World("city, day, lazy", **LAZY, tuned_on=True),
    World("city, night, diligent", **NIGHT),
    World("city, night, lazy", **NIGHT, **LAZY, tuned_on=True),
    World("rural, day, diligent", **RURAL),
    World("rural, day, lazy", **RURAL, **LAZY, tuned_on=True),
    World("rural, night, diligent", **RURAL, **NIGHT, tuned_on=True),
    World("rural, night, lazy", **RURAL, **NIGHT, **LAZY),
    World("city, day, diligent, 10 % wrong", **WRONG, tuned_on=True),
    World("city, day, lazy, 10 % wrong", **WRONG, **LAZY),
    World("rural, night, lazy, 10 % wrong", **RURAL, **NIGHT, **LAZY, **WRONG),
    World("city, day, detox, counted each shift", kinds=(Kind.DETOX,)),
    World("city, day, lazy, half the odds", **LAZY, odds=0.5),
    World("city, day, lazy, services much alike", **LAZY, alike=12.0),
    World("city, day, diligent, twice as fast", pace=2.0),
)
