import csv
import gzip

import pytest

from services.imports.codes import CODES, DIRECTORY_YEAR, FINDTREATMENT, said_by
from services.imports.fixtures import FOLDER
from services.imports.languages import LANGUAGES
from services.imports.offers import offers_of
from services.imports.readings import Offer
from services.vocabulary import ACCESS_FACTS, Kind, MoudPolicy


def offers(codes: str, directory: str = "substance") -> dict[str, Offer]:
    said = said_by(directory, DIRECTORY_YEAR, set(codes.split()))
    return offers_of(said, (), mental=directory == "mental")


@pytest.mark.parametrize("code", ["OTP", "OT"])
def test_only_an_opioid_treatment_program_dispenses_methadone(code: str) -> None:
    assert Kind.METHADONE in offers(f"SA OP {code}")


@pytest.mark.parametrize("code", ["MU", "MM", "METH", "OM", "DM", "OMB", "SOTP", "PAIN", "MWS"])
def test_methadone_used_is_not_methadone_dispensed(code: str) -> None:
    assert Kind.METHADONE not in offers(f"SA OP {code}")


def test_the_heading_ot_of_findtreatment_is_not_the_code_ot() -> None:
    assert not any(code.list == FINDTREATMENT and code.code == "OT" for code in CODES)


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        ("SA OP ORT", {Kind.OUTPATIENT}),
        ("SA OP", {Kind.OUTPATIENT}),
        ("SA OP OMB UB", {Kind.BUPRENORPHINE}),
        ("SA DT RES RD", {Kind.DETOX}),
        ("SA RES RL", {Kind.RESIDENTIAL}),
        ("SA RES", {Kind.RESIDENTIAL}),
        ("DT HI HID", {Kind.DETOX}),
        ("SA HI HIT", {Kind.RESIDENTIAL}),
        ("SA HIVT", {Kind.TESTING}),
        ("SA HCT", {Kind.TESTING}),
        ("SA NOE", {Kind.NALOXONE}),
        ("SA PEER", {Kind.PEER_SUPPORT}),
        ("SA HH", set()),
    ],
)
def test_codes_make_the_kinds_they_say(codes: str, kinds: set[Kind]) -> None:
    assert set(offers(codes)) == kinds


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        ("MH OP", set()),
        ("SA MH OP", {Kind.OUTPATIENT}),
        ("SA MH RES", {Kind.RESIDENTIAL}),
        ("SA MH OP RES", {Kind.OUTPATIENT}),
        ("SA MH HI", set()),
        ("MH OP HIVT", {Kind.TESTING}),
        ("MH OP PEER WI", set()),
    ],
)
def test_mental_health_care_is_ours_only_where_it_treats_substance_use(
    codes: str, kinds: set[Kind]
) -> None:
    assert set(offers(codes, "mental")) == kinds


def test_payment_codes_are_read_by_their_list() -> None:
    access = offers("SA OP ORT SF SS MD MC PI")[Kind.OUTPATIENT].access
    paid = {"self_pay", "sliding_fee", "medicaid", "medicare", "private_insurance"}
    assert access == dict.fromkeys(paid, True)
    assert "sliding_fee" not in offers("SA OP ORT SF")[Kind.OUTPATIENT].access
    assert "self_pay" not in offers("SA OP ORT SS")[Kind.OUTPATIENT].access


def test_a_missing_code_is_unknown_never_no() -> None:
    for offer in offers("SA DT OP ORT OTP UB NOE RES RL FEM").values():
        assert False not in offer.access.values()
        assert offer.min_age is None
        assert offer.max_age is None


def test_a_psychiatric_walk_in_service_does_not_make_ours_walk_in() -> None:
    assert "walk_in" not in offers("SA MH OP WI", "mental")[Kind.OUTPATIENT].access


def test_telehealth_is_a_fact_of_care_one_comes_and_goes_to() -> None:
    found = offers("SA OP ORT UB RES RL NOE TELE")
    assert found[Kind.OUTPATIENT].access["telehealth"] is True
    assert found[Kind.BUPRENORPHINE].access["telehealth"] is True
    assert "telehealth" not in found[Kind.RESIDENTIAL].access
    assert "telehealth" not in found[Kind.NALOXONE].access


def test_mou_policies_say_only_what_the_codes_say() -> None:
    accepts = offers("SA RES RL MOA")[Kind.RESIDENTIAL]
    assert accepts.methadone_policy == accepts.buprenorphine_policy == MoudPolicy.ACCEPTS
    assert offers("SA RES RL BU UB")[Kind.RESIDENTIAL].buprenorphine_policy == MoudPolicy.PROVIDES
    assert offers("DT RES RD DM")[Kind.DETOX].methadone_policy == MoudPolicy.PROVIDES
    silent = offers("SA RES RL NMOA NOOP")[Kind.RESIDENTIAL]
    assert silent.methadone_policy == silent.buprenorphine_policy == MoudPolicy.UNKNOWN
    assert "Does not use medication" in silent.description


def test_buprenorphine_only_used_is_said_so() -> None:
    assert "not stated" in offers("SA OP ORT BU MOA")[Kind.BUPRENORPHINE].description
    assert offers("SA OP ORT BU UB")[Kind.BUPRENORPHINE].description == ""


def test_a_childrens_center_names_its_age() -> None:
    assert offers("SA MH RES RTCC", "mental")[Kind.RESIDENTIAL].max_age == 17
    assert offers("SA MH RES RTCC RTCA", "mental")[Kind.RESIDENTIAL].max_age is None


def test_every_code_we_read_is_on_the_published_list() -> None:
    with gzip.open(
        FOLDER / "samhsa-national-directory" / "service_definitions.csv.gz",
        "rt",
        encoding="utf-8",
        errors="replace",
        newline="",
    ) as table:
        published = {(row["directory_type"], row["code"]) for row in csv.DictReader(table)}
    older = {("substance", "OT")}
    ours = {(code.list, code.code) for code in CODES if code.list != FINDTREATMENT}
    ours |= {("substance", code) for code in LANGUAGES}
    assert ours - older <= published


def test_every_fact_is_in_the_vocabulary() -> None:
    every = offers(" ".join(code.code for code in CODES if code.list == "substance"))
    assert all(set(offer.access) <= set(ACCESS_FACTS) for offer in every.values())
