"""From what SAMHSA's codes say to kinds of help and their access facts.

A code that is absent says nothing: no fact here is ever "no".
"""

from collections.abc import Callable

from services.imports.codes import Says
from services.imports.readings import Offer
from services.vocabulary import Kind, MoudPolicy

Said = frozenset[Says]

DETOX = {Says.DETOX, Says.HOSPITAL_DETOX, Says.OUTPATIENT_DETOX, Says.RESIDENTIAL_DETOX}
BUPRENORPHINE = {Says.PRESCRIBES_BUPRENORPHINE, Says.USES_BUPRENORPHINE}
TESTS = {Says.HIV_TEST, Says.HEPATITIS_C_TEST}

# A facility's facts hold for all its help, save where the words of the code name some of it.
FACTS: dict[Says, str] = {
    Says.SLIDING_FEE: "sliding_fee",
    Says.FREE: "free",
    Says.MEDICAID: "medicaid",
    Says.MEDICARE: "medicare",
    Says.PRIVATE_INSURANCE: "private_insurance",
    Says.SELF_PAY: "self_pay",
    Says.WOMEN: "women",
    Says.MEN: "men",
    Says.LGBTQ: "lgbtq",
    Says.VETERANS: "veterans",
    Says.SIGN_LANGUAGE: "asl",
    Says.TELEHEALTH: "telehealth",
    Says.CHILDREN_MAY_STAY: "children_may_stay",
}
FACT_ONLY_FOR: dict[Says, frozenset[Kind]] = {
    # "Telemedicine/telehealth therapy": care one comes and goes to, not a bed, a kit or a test.
    Says.TELEHEALTH: frozenset({Kind.OUTPATIENT, Kind.BUPRENORPHINE, Kind.METHADONE}),
    Says.CHILDREN_MAY_STAY: frozenset(
        {Kind.RESIDENTIAL}
    ),  # "Residential beds for clients' children"
}
NOTES: dict[Says, str] = {
    Says.ALCOHOL_ONLY: "Serves only people with an alcohol use disorder.",
    Says.OPIOID_ONLY: "Serves only people with an opioid use disorder.",
    Says.DRIVING_ONLY: "Serves only people referred for driving under the influence.",
    Says.NO_OPIOID_TREATMENT: "Does not treat opioid use disorder.",
    Says.NO_MOUD: "Does not use medication for opioid use disorder.",
}
KIND_NOTES: dict[Kind, str] = {
    Kind.NALOXONE: (
        "Listed as “Naloxone and overdose education”; whether kits are given to anyone who asks is"
        " not stated. Call first."
    ),
    Kind.PEER_SUPPORT: (
        "Listed as “Mentoring/peer support” of a treatment facility; whether one may drop in is not"
        " stated. Call first."
    ),
}
ONLY_USED = (
    "Listed as “buprenorphine used in treatment”; whether it is prescribed here is not stated."
)
CHILDREN_UNTIL = 17  # years; "Residential treatment center for children"


def _residential(said: Said) -> bool:
    if said & {Says.RESIDENTIAL_TREATMENT, Says.INPATIENT_TREATMENT}:
        return True
    housed = Says.RESIDENTIAL in said and Says.RESIDENTIAL_DETOX not in said
    return housed or (Says.INPATIENT in said and Says.HOSPITAL_DETOX not in said)


def _outpatient(said: Said) -> bool:
    other = {Says.OUTPATIENT_MEDICATION, Says.OUTPATIENT_DETOX}
    return Says.OUTPATIENT_COUNSELLING in said or (Says.OUTPATIENT in said and not said & other)


SUBSTANCE_RULES: dict[Kind, Callable[[Said], bool]] = {
    Kind.DETOX: lambda said: bool(said & DETOX),
    # Only opioid treatment programs dispense methadone; "methadone used" makes none.
    Kind.METHADONE: lambda said: Says.CERTIFIED_OTP in said,
    Kind.BUPRENORPHINE: lambda said: bool(said & BUPRENORPHINE),
    Kind.NALOXONE: lambda said: Says.NALOXONE in said,
    Kind.RESIDENTIAL: _residential,
    Kind.OUTPATIENT: _outpatient,
    Kind.TESTING: lambda said: bool(said & TESTS),
    Kind.PEER_SUPPORT: lambda said: Says.PEER_SUPPORT in said,
}

# Settings on the mental health list are those of mental health care; they hold for substance use
# care only where the facility says it gives that too, and only where they leave no doubt.
MENTAL_RULES: dict[Kind, Callable[[Said], bool]] = {
    Kind.OUTPATIENT: lambda said: {Says.SUBSTANCE_USE_CARE, Says.OUTPATIENT} <= said,
    Kind.RESIDENTIAL: lambda said: (
        {Says.SUBSTANCE_USE_CARE, Says.RESIDENTIAL} <= said
        and not said & {Says.OUTPATIENT, Says.INPATIENT}
    ),
    Kind.TESTING: lambda said: bool(said & TESTS),
}


def offers_of(said: Said, languages: tuple[str, ...], *, mental: bool) -> dict[str, Offer]:
    """The kinds of help a facility offers by its codes, each with the facts that hold for it."""
    rules = MENTAL_RULES if mental else SUBSTANCE_RULES
    return {
        kind.value: Offer(
            access=_access(said, kind),
            languages=languages,
            max_age=_max_age(said, kind),
            methadone_policy=_methadone(said, kind),
            buprenorphine_policy=_buprenorphine(said, kind),
            description=_description(said, kind),
        )
        for kind, holds in rules.items()
        if holds(said)
    }


def _access(said: Said, kind: Kind) -> dict[str, bool]:
    return {
        fact: True
        for says, fact in FACTS.items()
        if says in said and kind in FACT_ONLY_FOR.get(says, (kind,))
    }


def _max_age(said: Said, kind: Kind) -> int | None:
    for_children = Says.CHILDREN_CENTER in said and Says.ADULT_CENTER not in said
    return CHILDREN_UNTIL if for_children and kind is Kind.RESIDENTIAL else None


def _methadone(said: Said, kind: Kind) -> str:
    withdrawal = kind is Kind.DETOX and Says.METHADONE_WITHDRAWAL in said
    return _policy(said, kind, provides=withdrawal or Says.CERTIFIED_OTP in said)


def _buprenorphine(said: Said, kind: Kind) -> str:
    withdrawal = kind is Kind.DETOX and Says.BUPRENORPHINE_WITHDRAWAL in said
    return _policy(said, kind, provides=withdrawal or Says.PRESCRIBES_BUPRENORPHINE in said)


def _policy(said: Said, kind: Kind, *, provides: bool) -> str:
    """Nothing forbids by code: "does not use MOUD" is not "turns away people who take it"."""
    if kind not in (Kind.DETOX, Kind.RESIDENTIAL):
        return MoudPolicy.UNKNOWN.value
    if provides:
        return MoudPolicy.PROVIDES.value
    return MoudPolicy.ACCEPTS.value if Says.ACCEPTS_MOUD in said else MoudPolicy.UNKNOWN.value


def _description(said: Said, kind: Kind) -> str:
    notes = [note for says, note in NOTES.items() if says in said]
    if kind is Kind.BUPRENORPHINE and Says.PRESCRIBES_BUPRENORPHINE not in said:
        notes.insert(0, ONLY_USED)
    return " ".join([KIND_NOTES[kind], *notes] if kind in KIND_NOTES else notes)
