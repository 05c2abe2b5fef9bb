"""Free text is read where it is certain, and nowhere else. Sentences are the feed's own."""

from pathlib import Path

import pytest

from services.imports.feeds.toronto import COLUMNS, point_of
from services.imports.feeds.toronto_words import (
    access_said,
    kinds_named,
    languages_said,
    min_age_said,
    policy_said,
)
from services.imports.runs import import_file
from services.models import Hours, Service, Site
from services.vocabulary import Kind, MoudPolicy
from tests.services.imports.files import a_csv


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("maintenance therapies (methadone and buprenorphine)", "methadone buprenorphine"),
        ("drug addiction treatment centre * methadone and suboxone treatment program",
         "methadone buprenorphine outpatient"),
        ("street outreach including counselling, needle exchange, drug users", "syringe_services"),
        ("Alcohol and drug detoxification * crisis care", "detox"),
        ("Rehabilitation residence * for alcohol and drug users", "residential"),
        ("lab tests, including HIV testing * addictions counselling", "outpatient testing"),
    ],
)  # fmt: skip
def test_phrases_name_kinds(text: str, kinds: str) -> None:
    assert {str(kind) for kind in kinds_named(text, "opioids")} == set(kinds.split())


@pytest.mark.parametrize(
    ("text", "eligibility"),
    [
        ("specializes in Colonic hydrotherapy and detoxification", "No restrictions"),
        ("Mutual help group modelled on 12 steps", "Compulsive overeaters"),
        ("12 step recovery group for people with addictive eating", "People 16 years and older"),
        ("transition house * referrals from detoxification centres", "Men, drugs or alcohol"),
        ("Non-residential program * referral", "people on methadone, with addictions"),
    ],
)
def test_what_only_sounds_like_help_names_none(text: str, eligibility: str) -> None:
    assert kinds_named(text, eligibility) == []


def test_a_python_2_point_is_read_and_never_evaluated() -> None:
    geometry = "{u'type': u'Point', u'coordinates': (-79.3856942444, 43.6682731384)}"
    assert point_of(geometry) == (43.6682731384, -79.3856942444)
    assert point_of("__import__('os').system('true')") is None
    assert point_of("") is None


def test_several_points_are_one_if_they_are_close() -> None:
    near = "[(-79.3800000000, 43.6600000000), (-79.3802000000, 43.6602000000)]"
    assert point_of(near) == pytest.approx((43.6601, -79.3801))
    assert point_of("[(-79.38, 43.66), (-79.60, 43.73)]") is None


def test_access_is_read_where_the_text_leaves_no_doubt() -> None:
    assert access_said("", "Walk in only, no appointments", "")["walk_in"] is True
    assert access_said("", "No referral required * call", "")["referral_required"] is False
    assert access_said("", "Medical referral required", "")["referral_required"] is True
    assert access_said("", "", "Not Accessible")["wheelchair"] is False
    assert access_said("", "", "Fully Accessible")["wheelchair"] is True
    assert (
        access_said("", "Self or agency referral", "Wheelchair accessible - call for details") == {}
    )


def test_an_age_counts_only_if_it_stands_alone() -> None:
    assert min_age_said("Women 18 years and older") == 18
    assert min_age_said("Women 16 years and older * under 16 years with parental consent") is None
    assert min_age_said("youth 12-18 years * adults 16 years and older") is None


def test_what_a_house_says_to_people_on_methadone() -> None:
    no = "committed to total abstinence * do not take clients on Methadone or Suboxen"
    assert policy_said(no, Kind.RESIDENTIAL) == MoudPolicy.FORBIDS
    assert policy_said(no, Kind.RESIDENTIAL, "subox|bupren") == MoudPolicy.FORBIDS
    assert policy_said("including those using methadone", Kind.RESIDENTIAL) == MoudPolicy.ACCEPTS
    assert policy_said("anyone", Kind.RESIDENTIAL) == MoudPolicy.UNKNOWN


def test_only_named_languages_count() -> None:
    assert languages_said("English ; Farsi ; Interpretation for other languages") == ("en", "fa")


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    ("text", "rule"), [("Mon-Fri 9 am-5 pm", ""), ("Mo-Fr 09:00-17:00", "Mo-Fr 09:00-17:00")]
)
def test_hours_are_kept_verbatim_and_read_only_if_valid(
    tmp_path: Path, text: str, rule: str
) -> None:
    row = dict.fromkeys(sorted(COLUMNS), "") | {
        "OBJECTID": "1",
        "AGENCY_NAME": "Scarborough Hospital",
        "ORGANIZATION_ADDRESS": "1225 Kennedy Rd, Unit J, Toronto, ON     M1P 4Y1",
        "ADDRESS_FULL": "1225 Kennedy Rd",
        "DESCRIPTION_SERVICE": "clinic<br>* needle exchange * substance abuse treatment",
        "OFFICE_PHONE": "416-431-8135",
        "HOURS": text,
        "geometry": "{u'type': u'Point', u'coordinates': (-79.2757358416, 43.7560691334)}",
    }
    path = a_csv(tmp_path, row)
    import_file("toronto", path)
    assert set(Hours.objects.values_list("verbatim", "rule")) == {(text, rule)}
    assert set(Service.objects.values_list("kind", flat=True)) == {"syringe_services", "outpatient"}
    site = Site.objects.get()
    assert (site.country, site.time_zone, site.location_accuracy, site.address_extra) == (
        "CA", "America/Toronto", "rooftop", "Unit J",
    )  # fmt: skip
