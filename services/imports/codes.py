"""The code lists: what each published code says, keyed by (list, year, category, code).

The same letters mean other things on other lists: ``OT`` is the certified program on SAMHSA's older
directories and a heading in FindTreatment's answers; ``PH`` is partial hospitalization twice over.
So a code is only ever read by the list, the year and the category it stands under. What a code does
not say is not in this table, and what is not in the table is kept verbatim and claims nothing.
"""

from enum import StrEnum, auto
from typing import NamedTuple


class Says(StrEnum):
    """What a code says of a facility, in our words."""

    SUBSTANCE_USE_CARE = auto()
    DETOX = auto()
    HOSPITAL_DETOX = auto()
    OUTPATIENT_DETOX = auto()
    RESIDENTIAL_DETOX = auto()
    INPATIENT = auto()
    INPATIENT_TREATMENT = auto()
    RESIDENTIAL = auto()
    RESIDENTIAL_TREATMENT = auto()
    OUTPATIENT = auto()
    OUTPATIENT_COUNSELLING = auto()
    OUTPATIENT_MEDICATION = auto()
    CERTIFIED_OTP = auto()
    USES_BUPRENORPHINE = auto()
    PRESCRIBES_BUPRENORPHINE = auto()
    BUPRENORPHINE_WITHDRAWAL = auto()
    METHADONE_WITHDRAWAL = auto()
    NALTREXONE = auto()
    ACCEPTS_MOUD = auto()
    NO_MOUD = auto()
    NO_OPIOID_TREATMENT = auto()
    NALOXONE = auto()
    HIV_TEST = auto()
    HEPATITIS_C_TEST = auto()
    PEER_SUPPORT = auto()
    CHILDREN_CENTER = auto()
    ADULT_CENTER = auto()
    ALCOHOL_ONLY = auto()
    OPIOID_ONLY = auto()
    DRIVING_ONLY = auto()
    TELEHEALTH = auto()
    SLIDING_FEE = auto()
    FREE = auto()
    MEDICAID = auto()
    MEDICARE = auto()
    PRIVATE_INSURANCE = auto()
    SELF_PAY = auto()
    WOMEN = auto()
    MEN = auto()
    LGBTQ = auto()
    VETERANS = auto()
    CHILDREN_MAY_STAY = auto()
    SIGN_LANGUAGE = auto()


class Code(NamedTuple):
    """A code where it stands. ``category`` is the list's own heading, or SAMHSA's name for it."""

    list: str
    year: int
    category: str
    code: str


Table = dict[str, dict[str, Says]]

SUBSTANCE, MENTAL, FINDTREATMENT = "substance", "mental", "findtreatment"

# The directory's file names no edition; its codes are those of the N-SUMHSS lists found in 2025.
DIRECTORY_YEAR = 2025
FINDTREATMENT_YEAR = 2019

PAYMENT: Table = {
    "PAY": {
        "SF": Says.SELF_PAY,
        "MD": Says.MEDICAID,
        "MC": Says.MEDICARE,
        "PI": Says.PRIVATE_INSURANCE,
    },
    "PYAS": {"SS": Says.SLIDING_FEE},
    "SL": {"AH": Says.SIGN_LANGUAGE},
}

SUBSTANCE_CODES: Table = {
    "TC": {"SA": Says.SUBSTANCE_USE_CARE, "DT": Says.DETOX},
    "SET": {
        "HI": Says.INPATIENT,
        "HID": Says.HOSPITAL_DETOX,
        "HIT": Says.INPATIENT_TREATMENT,
        "OP": Says.OUTPATIENT,
        "OD": Says.OUTPATIENT_DETOX,
        "ODT": Says.OUTPATIENT_COUNSELLING,
        "OIT": Says.OUTPATIENT_COUNSELLING,
        "ORT": Says.OUTPATIENT_COUNSELLING,
        "OMB": Says.OUTPATIENT_MEDICATION,
        "RES": Says.RESIDENTIAL,
        "RD": Says.RESIDENTIAL_DETOX,
        "RL": Says.RESIDENTIAL_TREATMENT,
        "RS": Says.RESIDENTIAL_TREATMENT,
    },
    "OM": {"BU": Says.USES_BUPRENORPHINE, "NU": Says.NALTREXONE},
    "OT": {
        "OTP": Says.CERTIFIED_OTP,
        "OT": Says.CERTIFIED_OTP,  # the same code on the directories before 2020
        "BUM": Says.PRESCRIBES_BUPRENORPHINE,
        "UB": Says.PRESCRIBES_BUPRENORPHINE,
        "DB": Says.BUPRENORPHINE_WITHDRAWAL,
        "DM": Says.METHADONE_WITHDRAWAL,
        "UN": Says.NALTREXONE,
        "RPN": Says.NALTREXONE,
        "MOA": Says.ACCEPTS_MOUD,
        "NMOA": Says.NO_MOUD,
        "NOOP": Says.NO_OPIOID_TREATMENT,
    },
    "PHR": {
        "BWN": Says.USES_BUPRENORPHINE,
        "BWON": Says.USES_BUPRENORPHINE,
        "BERI": Says.USES_BUPRENORPHINE,
        "BSDM": Says.USES_BUPRENORPHINE,
        "NXN": Says.NALTREXONE,
        "VTRL": Says.NALTREXONE,
    },
    "TAP": {"TELE": Says.TELEHEALTH},
    "SCR": {"HIVT": Says.HIV_TEST, "HCT": Says.HEPATITIS_C_TEST},
    "TRSRV": {"NOE": Says.NALOXONE},
    "AS": {"PEER": Says.PEER_SUPPORT, "BC": Says.CHILDREN_MAY_STAY},
    "SG": {"WN": Says.WOMEN, "MN": Says.MEN, "GL": Says.LGBTQ, "VET": Says.VETERANS},
    "GN": {"FEM": Says.WOMEN, "MALE": Says.MEN},
    "EXCL": {"AUDO": Says.ALCOHOL_ONLY, "OUDO": Says.OPIOID_ONLY, "DUO": Says.DRIVING_ONLY},
    **PAYMENT,
    "PAY": {**PAYMENT["PAY"], "NP": Says.FREE},
}

MENTAL_CODES: Table = {
    "TC": {"SA": Says.SUBSTANCE_USE_CARE},
    "SET": {"OP": Says.OUTPATIENT, "RES": Says.RESIDENTIAL, "HI": Says.INPATIENT},
    "FT": {"RTCC": Says.CHILDREN_CENTER, "RTCA": Says.ADULT_CENTER},
    "TAP": {"TELE": Says.TELEHEALTH},
    "SCR": {"HIVT": Says.HIV_TEST, "HCT": Says.HEPATITIS_C_TEST},
    "SG": {"GL": Says.LGBTQ, "VET": Says.VETERANS},
    **PAYMENT,
}

# FindTreatment writes labels where the directory writes codes, under the same headings.
FINDTREATMENT_CODES: Table = {
    "TC": {"Substance use treatment": Says.SUBSTANCE_USE_CARE, "Detoxification": Says.DETOX},
    "SET": {
        "Hospital inpatient": Says.INPATIENT,
        "Hospital inpatient detoxification": Says.HOSPITAL_DETOX,
        "Hospital inpatient treatment": Says.INPATIENT_TREATMENT,
        "Outpatient": Says.OUTPATIENT,
        "Outpatient detoxification": Says.OUTPATIENT_DETOX,
        "Outpatient day treatment or partial hospitalization": Says.OUTPATIENT_COUNSELLING,
        "Intensive outpatient treatment": Says.OUTPATIENT_COUNSELLING,
        "Regular outpatient treatment": Says.OUTPATIENT_COUNSELLING,
        "Outpatient methadone/buprenorphine or naltrexone treatment": Says.OUTPATIENT_MEDICATION,
        "Residential": Says.RESIDENTIAL,
        "Residential detoxification": Says.RESIDENTIAL_DETOX,
        "Long-term residential": Says.RESIDENTIAL_TREATMENT,
        "Short-term residential": Says.RESIDENTIAL_TREATMENT,
        "Computerized treatment/telemedicine": Says.TELEHEALTH,
        "Telemedicine/telehealth": Says.TELEHEALTH,
    },
    "OT": {
        "SAMHSA-certified Opioid Treatment Program": Says.CERTIFIED_OTP,
        "Buprenorphine used in Treatment": Says.USES_BUPRENORPHINE,
        "Buprenorphine maintenance": Says.PRESCRIBES_BUPRENORPHINE,
        "Buprenorphine maintenance for predetermined time": Says.PRESCRIBES_BUPRENORPHINE,
        "Prescribes/administers buprenorphine": Says.PRESCRIBES_BUPRENORPHINE,
        "Buprenorphine detoxification": Says.BUPRENORPHINE_WITHDRAWAL,
        "Methadone detoxification": Says.METHADONE_WITHDRAWAL,
        "Naltrexone used in Treatment": Says.NALTREXONE,
        "Prescribes/administers naltrexone": Says.NALTREXONE,
        "Relapse prevention from naltrexone": Says.NALTREXONE,
        "Accepts clients on opioid medication": Says.ACCEPTS_MOUD,
        "Do not use medication for opioid addiction": Says.NO_MOUD,
        "Does not treat opioid addiction": Says.NO_OPIOID_TREATMENT,
    },
    "PHR": {
        "Buprenorphine with naloxone (Suboxone®)": Says.USES_BUPRENORPHINE,
        "Buprenorphine without naloxone": Says.USES_BUPRENORPHINE,
        "Buprenorphine (extended-release, injectable, for example, Sublocade®)": (
            Says.USES_BUPRENORPHINE
        ),
        "Naltrexone (oral)": Says.NALTREXONE,
        "Extended-release, injectable Naltrexone (Vivitrol®)": Says.NALTREXONE,
    },
    "FT": {
        "Residential treatment center (RTC) for children": Says.CHILDREN_CENTER,
        "Residential treatment center (RTC) for adults": Says.ADULT_CENTER,
    },
    "SCR": {"HIV testing": Says.HIV_TEST, "Screening for Hepatitis C": Says.HEPATITIS_C_TEST},
    "TRSRV": {"Naloxone and overdose education": Says.NALOXONE},
    "AS": {
        "Consumer-run (peer-support) services": Says.PEER_SUPPORT,
        "Mentoring/peer support": Says.PEER_SUPPORT,
        "Residential beds for clients' children": Says.CHILDREN_MAY_STAY,
    },
    "PAY": {
        "Cash or self-payment": Says.SELF_PAY,
        "Medicaid": Says.MEDICAID,
        "Medicare": Says.MEDICARE,
        "Private health insurance": Says.PRIVATE_INSURANCE,
        "No payment accepted": Says.FREE,
    },
    "PYAS": {"Sliding fee scale (fee is based on income and other factors)": Says.SLIDING_FEE},
    "SL": {"Services for the deaf and hard of hearing": Says.SIGN_LANGUAGE},
    "SG": {
        "Adult women": Says.WOMEN,
        "Adult men": Says.MEN,
        "Lesbian, gay, bisexual, or transgender (LGBT) clients": Says.LGBTQ,
        "Veterans": Says.VETERANS,
    },
    "GN": {"Female": Says.WOMEN, "Male": Says.MEN},
    "EXCL": {"DUI/DWI clients": Says.DRIVING_ONLY},
}

CODES: dict[Code, Says] = {
    Code(name, year, category, code): says
    for name, year, table in (
        (SUBSTANCE, DIRECTORY_YEAR, SUBSTANCE_CODES),
        (MENTAL, DIRECTORY_YEAR, MENTAL_CODES),
        (FINDTREATMENT, FINDTREATMENT_YEAR, FINDTREATMENT_CODES),
    )
    for category, codes in table.items()
    for code, says in codes.items()
}


def _category_of() -> dict[tuple[str, int, str], str]:
    found: dict[tuple[str, int, str], str] = {}
    for name, year, category, code in CODES:
        if name == FINDTREATMENT:
            continue
        if (name, year, code) in found:
            raise ValueError(f"{code} stands twice on the {name} list of {year}.")
        found[name, year, code] = category
    return found


# The directory prints no headings, so each code must stand under one only.
CATEGORY_OF = _category_of()


def said_by(name: str, year: int, codes: set[str]) -> frozenset[Says]:
    """What the codes of a list that prints no headings say."""
    keys = ((CATEGORY_OF.get((name, year, code), ""), code) for code in codes)
    return frozenset(
        CODES[key] for category, code in keys if (key := Code(name, year, category, code)) in CODES
    )
