"""What Toronto's free text says for certain. A phrase that is not here claims nothing.

The traps are in the data: a chiropractor's and a colonic clinic's "detoxification", mutual aid
about eating, "referrals through detoxification centres", "do not take clients on methadone".
"""

import re

from services.imports.languages import LANGUAGE_NAMES
from services.vocabulary import Kind, MoudPolicy

ABOUT = r"(?:substances?|addictions?|alcohol|drugs?|opiates?|opioids?|chemical)"
SUBSTANCES = re.compile(rf"\b{ABOUT}\b|stop drinking", re.IGNORECASE)

# Each is looked for in one clause; clauses are parted by " * ".
PHRASES: dict[Kind, str] = {
    Kind.DETOX: (
        rf"(?<!post )\bwithdrawal management|{ABOUT}(?: and/? ?(?:or )?\w+)? detoxification"
    ),
    Kind.METHADONE: (
        r"methadone (?:and suboxone )?(?:treatment|maintenance|program)"
        r"|(?:maintenance therapies|pharmacotherapies)\b.{0,20}\bmethadone"
    ),
    Kind.BUPRENORPHINE: (
        r"(?:suboxone|buprenorphine) (?:treatment|maintenance|program)"
        r"|(?:maintenance therapies|pharmacotherapies)\b.{0,40}\b(?:suboxone|buprenorphine)"
    ),
    Kind.SYRINGE_SERVICES: r"needle exchange|syringe (?:service|exchange)",
    Kind.RESIDENTIAL: (
        r"residential and (?:outpatient|day)\b.{0,12}\btreatment"
        r"|(?<!non-)residential treatment program|rehabilitation residence"
        r"|day and residential program"
        r"|residential, outpatient|inpatient and outpatient treatment program"
    ),
    Kind.OUTPATIENT: (
        rf"\b{ABOUT}\b.{{0,30}}\b(?:outpatient|treatment|counselling)|outpatient treatment"
        rf"|counselling for {ABOUT}|addictions? counsell?ing|(?<!post )\bday treatment"
        r"|non-residential treatment|residential, outpatient|community treatment program"
    ),
    Kind.TESTING: r"\bHIV testing|hepatitis C testing",
    Kind.PEER_SUPPORT: r"12[- ]step meetings|mutual help|weekly (?:group meetings|support groups)",
}
PATTERNS = {kind: re.compile(phrase, re.IGNORECASE) for kind, phrase in PHRASES.items()}


def kinds_named(description: str, eligibility: str) -> list[Kind]:
    """The kinds of help a description names, if the service is about substance use at all."""
    if not SUBSTANCES.search(f"{description} {eligibility}"):
        return []
    clauses = re.split(r"\s+\*\s+|<br>", description)
    own = [
        clause
        for clause in clauses
        if not re.search(r"\breferrals? (?:to|from|for|through)", clause)
    ]
    return [kind for kind, found in PATTERNS.items() if any(found.search(text) for text in own)]


def access_said(eligibility: str, application: str, accessibility: str) -> dict[str, bool]:
    """Access facts as yes or no, where the text leaves no doubt."""
    people, ask = eligibility.casefold(), application.casefold()
    found: dict[str, bool | None] = {
        "referral_required": _referral(ask),
        "walk_in": True if re.search(r"\b(?:or|walk|may) ?(?:drop|walk)?[ -]in\b", ask) else None,
        "appointment_only": True if ask == "by appointment" else None,
        "abstinence_required": True if "committed to total abstinence" in people else None,
        "id_required": False if "identification required" in ask and "no " in ask else None,
        "women": True if re.match(r"(?:men and )?women\b", people) else None,
        "men": True if re.match(r"(?:women and |employable )?men\b", people) else None,
        "wheelchair": _wheelchair(accessibility.casefold().strip()),
    }
    return {fact: answer for fact, answer in found.items() if answer is not None}


def _referral(ask: str) -> bool | None:
    if re.search(r"\bno referral (?:is )?(?:required|necessary)", ask):
        return False
    return True if re.fullmatch(r"(?:\w+ or )?\w+ referral(?: required)?", ask) and (
        "self" not in ask
    ) else None  # fmt: skip


def _wheelchair(text: str) -> bool | None:
    if text in ("not accessible", "not wheelchair accessible"):
        return False
    if re.search(r"partial|some|call|limited|not |unknown|assist", text):
        return None
    return True if re.search(r"wheelchair accessible|fully accessible", text) else None


def min_age_said(eligibility: str) -> int | None:
    """The youngest age in years, if the text gives exactly one and no exception."""
    ages = re.findall(
        r"\b(\d{1,2})(?: years and older| years or older|-\d{1,2} years)", eligibility
    )
    if len(ages) != 1 or re.search(r"\bunder\b|younger|varies|most programs|--", eligibility, re.I):
        return None
    return int(ages[0])


def policy_said(eligibility: str, kind: Kind, medication: str = "methadone") -> str:
    """What a detox or residential service says to people who take a medication."""
    policy = MoudPolicy.UNKNOWN
    if kind in (Kind.DETOX, Kind.RESIDENTIAL):
        if re.search(rf"do not take clients on\b.{{0,25}}(?:{medication})", eligibility, re.I):
            policy = MoudPolicy.FORBIDS
        elif re.search(
            rf"(?:including|available to|using|stabilized on)\b.{{0,40}}(?:{medication})",
            eligibility,
            re.I,
        ):
            policy = MoudPolicy.ACCEPTS
    return policy.value


def languages_said(text: str) -> tuple[str, ...]:
    """ISO codes of the languages a list names; "interpreters" are not a language."""
    names = (part.strip().casefold() for part in text.split(";"))
    return tuple(sorted({LANGUAGE_NAMES[name] for name in names if name in LANGUAGE_NAMES}))
