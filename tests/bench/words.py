"""Words that made-up listings consist of: as varied as real ones, and none of them real."""

import itertools
import random

from services.vocabulary import Kind

RUN_BY = ["Community", "County", "Family", "Harbor", "Hope", "Lakeside", "Mercy", "New Dawn"]
RUN_BY += ["Northside", "Open Door", "Riverside", "Saint Brigid", "Summit", "Valley", "Westgate"]
HOUSES = ["Behavioral Health", "Clinic", "Health Center", "Recovery Services", "Wellness Center"]
HOUSES += ["Harm Reduction Project", "Outreach", "Treatment Services", "Care Alliance"]
STREETS = ["Market", "Main", "Oak", "Second", "Cedar", "Washington", "Lake", "Hill", "Church"]
STREETS += ["Franklin", "Elm", "Spring", "Jefferson", "Park", "Ridge", "Walnut", "Kensington"]
WAYS = ["Street", "Avenue", "Road", "Boulevard", "Drive"]

# How often a kind is offered: counselling nearly everywhere, consumption rooms hardly anywhere.
KIND_WEIGHTS: dict[Kind, float] = {
    Kind.DETOX: 6,
    Kind.METHADONE: 8,
    Kind.BUPRENORPHINE: 14,
    Kind.NALOXONE: 12,
    Kind.SYRINGE_SERVICES: 4,
    Kind.DRUG_CHECKING: 2,
    Kind.SUPERVISED_CONSUMPTION: 0.5,
    Kind.SAFER_SUPPLY: 1,
    Kind.RESIDENTIAL: 9,
    Kind.OUTPATIENT: 22,
    Kind.TESTING: 9,
    Kind.WOUND_CARE: 3,
    Kind.PEER_SUPPORT: 8,
}

# Fact → chance that a listing says yes, and that it says no. Most listings say nothing of most.
ACCESS_CHANCES: dict[str, tuple[float, float]] = {
    "medicaid": (0.42, 0.10),
    "private_insurance": (0.40, 0.06),
    "self_pay": (0.55, 0.01),
    "sliding_fee": (0.22, 0.05),
    "telehealth": (0.20, 0.08),
    "walk_in": (0.14, 0.05),
    "women": (0.12, 0.02),
    "men": (0.11, 0.02),
    "medicare": (0.10, 0.10),
    "veterans": (0.08, 0.0),
    "same_day_start": (0.07, 0.03),
    "wheelchair": (0.06, 0.01),
    "lgbtq": (0.06, 0.0),
    "id_required": (0.05, 0.04),
    "appointment_only": (0.05, 0.02),
    "abstinence_required": (0.04, 0.06),
    "free": (0.04, 0.02),
    "youth_alone": (0.03, 0.03),
    "pregnant_priority": (0.03, 0.0),
    "urine_screen": (0.02, 0.01),
    "trans_affirming": (0.02, 0.0),
    "asl": (0.02, 0.01),
    "children_may_stay": (0.015, 0.02),
    "couples": (0.01, 0.01),
}
PETS_WITH_ASL, PETS_OTHERWISE = 0.3, 0.01  # both together: 0.6 % of the services
LANGUAGES = ["{}", "{}", "{}", "{spa}", "{spa,fra}", "{zho}"]


def _rules() -> list[str]:
    """Some nine hundred schedules in OSM syntax, the most common first."""
    days = ["Mo-Fr", "Mo-Sa", "Mo-Su", "Mo-Th", "Tu-Sa", "Mo,We,Fr"]
    opens = ["09:00", "08:00", "08:30", "10:00", "07:00", "05:30", "06:00", "11:00"]
    closes = ["17:00", "16:30", "18:00", "14:00", "20:00", "13:00", "19:00", "21:00"]
    ends = ["", "; Sa 09:00-13:00", "; PH off"]
    mixed = sorted(itertools.product(range(6), range(8), range(8), range(3)), key=sum)
    week = [f"{days[d]} {opens[o]}-{closes[c]}{ends[e]}" for d, o, c, e in mixed if d < 3 or e != 1]
    return ["24/7", *week[:899]]


RULES = _rules()


def a_rule(dice: random.Random) -> str:
    """A schedule; few are common and most are rare, as in real feeds."""
    return RULES[min(int(dice.paretovariate(0.5)) - 1, dice.randrange(len(RULES)))]


def a_house(dice: random.Random) -> str:
    """Who runs it."""
    return f"{dice.choice(RUN_BY)} {dice.choice(HOUSES)}"


def an_address(dice: random.Random) -> str:
    """A street with a number."""
    return f"{dice.randint(1, 9999)} {dice.choice(STREETS)} {dice.choice(WAYS)}"
