"""Names of organizations: the same one under several spellings."""

import functools
import re

from services.imports.addresses import likeness
from services.imports.text import folded, words_in

LEGAL = words_in(
    """
    inc incorporated llc llp ltd limited lp corp corporation co company pc pa pllc plc pl the
    of and at for a an in dba
    """
)
SPELLINGS = {
    "ctr": "center", "centre": "center", "centers": "center", "centres": "center",
    "centros": "centro", "svcs": "service", "svc": "service", "services": "service",
    "servs": "service", "serv": "service", "behav": "behavioral", "behavioural": "behavioral",
    "hlth": "health", "healthcare": "health", "cnty": "county", "comm": "community",
    "clinics": "clinic", "treatments": "treatment", "trt": "treatment", "tx": "treatment",
    "programs": "program", "prog": "program", "programme": "program", "med": "medical",
    "hosp": "hospital", "dept": "department", "assoc": "associates", "univ": "university",
    "natl": "national", "saint": "st", "mt": "mount", "counselling": "counseling",
    "couns": "counseling", "addictions": "addiction", "systems": "system", "solutions": "solution",
}  # fmt: skip
# Words half the field's names are made of: sharing only these means nothing.
COMMON = words_in(
    """
    center service health behavioral mental community county clinic treatment program recovery
    counseling outpatient residential inpatient medical hospital department addiction
    substance abuse use wellness care system family group associates house home north south
    east west central regional region state national new office main adult adolescent men
    women mens womens youth children drug alcohol detox rehabilitation opioid methadone unit
    division satellite solution human social crisis intensive day campus site location st
    mount
    """
)
SAME, ALIKE, APART = 2, 1, 0
SHARED_WORDS = 0.6
LIKE_LETTERS = 0.88
FEW_WORDS = 2


@functools.lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """A name's words in order, without legal forms, brackets and spelling variants."""
    text = folded(re.sub(r"\([^)]*\)", " ", name)) or folded(name)
    text = text.replace("health care", "healthcare")
    words = tuple(SPELLINGS.get(word, word) for word in text.split())
    return tuple(word for word in words if word not in LEGAL) or words


def name_key(name: str) -> str:
    """One spelling for one organization: "The ACME Center, Inc." and "Acme Ctr" agree."""
    return " ".join(words_of(name))


def names_agree(one: str, other: str) -> int:
    """How far two names agree: SAME, ALIKE or APART.

    Alike are names of which one holds the other, or that share most of their words, as long as a
    word that is not every second clinic's is among them.
    """
    first, second = words_of(one), words_of(other)
    if first == second:
        return SAME
    shared = set(first) & set(second)
    telling = shared - COMMON
    fewer, all_words = min(len(set(first)), len(set(second))), set(first) | set(second)
    if telling and len(shared) == fewer and (fewer >= FEW_WORDS or len(first[0]) > FEW_WORDS):
        return ALIKE
    if telling and len(shared) / len(all_words) >= SHARED_WORDS:
        return ALIKE
    return ALIKE if likeness("".join(first), "".join(second)) >= LIKE_LETTERS else APART
