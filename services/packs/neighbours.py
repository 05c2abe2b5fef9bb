"""Which states, territories and provinces lie beside each other; islands have their nearest.

Read from the map, each pair once: the other direction is added.
"""

from collections import defaultdict

from services.regions import CANADIAN_REGIONS, US_REGIONS

REGIONS = {"US": tuple(US_REGIONS), "CA": tuple(CANADIAN_REGIONS)}

BESIDE = {
    "US": {
        "AL": "FL GA MS TN", "AK": "WA HI", "AZ": "CA CO NM NV UT", "AR": "LA MO MS OK TN TX",
        "CA": "HI NV OR", "CO": "KS NE NM OK UT WY", "CT": "MA NY RI", "DC": "MD VA",
        "DE": "MD NJ PA", "FL": "GA PR", "GA": "NC SC TN", "IA": "IL MN MO NE SD WI",
        "ID": "MT NV OR UT WA WY", "IL": "IN KY MO WI", "IN": "KY MI OH", "KS": "MO NE OK",
        "KY": "MO OH TN VA WV", "LA": "MS TX", "MA": "NH NY RI VT", "MD": "PA VA WV",
        "ME": "NH", "MI": "OH WI", "MN": "ND SD WI", "MO": "NE OK TN", "MS": "TN",
        "MT": "ND SD WY", "NC": "SC TN VA", "ND": "SD", "NE": "SD WY", "NH": "VT",
        "NJ": "NY PA", "NM": "OK TX", "NV": "OR UT", "NY": "PA VT", "OH": "PA WV",
        "OK": "TX", "OR": "WA", "PA": "WV", "SD": "WY", "TN": "VA", "UT": "WY", "VA": "WV",
        # Islands
        "HI": "AS GU MH", "GU": "FM MP PW", "FM": "MH PW MP", "PR": "VI",
    },
    "CA": {
        "AB": "BC NT SK", "BC": "NT YT", "MB": "NU ON SK", "NB": "NS PE QC", "NL": "NS QC",
        "NS": "PE", "NT": "NU SK YT", "NU": "NL", "ON": "QC",
    },
}  # fmt: skip


def neighbours_in(country: str) -> dict[str, set[str]]:
    """By region of a country, those beside it; nothing is known of other countries."""
    beside: dict[str, set[str]] = defaultdict(set)
    for one, others in BESIDE.get(country, {}).items():
        for other in others.split():
            beside[one].add(other)
            beside[other].add(one)
    return beside
