"""GET /api/v1/packs/ and /api/v1/packs/{region}/"""

import gzip
import hashlib
import itertools
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from services.models import Pack
from services.packs.round import build_due
from tests.api.conftest import Phone
from tests.builders import a_service
from tests.services.changes.reading import settled

pytestmark = pytest.mark.django_db(transaction=True)
GZIP = {"accept-encoding": "br, gzip;q=0.8"}


@pytest.fixture
def entry(phone: Phone) -> Any:
    """The only pack of the list."""
    for _ in range(20):
        a_service()
    settled()
    build_due(now=timezone.now())
    (one,) = phone.get("/api/v1/packs/").json()["packs"]
    return one


def path_of(entry: Any) -> str:
    return f"/api/v1/packs/{quote(entry['region'])}/"


def test_the_list_says_what_can_be_had(
    phone: Phone, entry: Any, django_assert_num_queries: Any
) -> None:
    assert entry["services"] == 20
    assert entry["areas"][-1] == ["US", ""]
    with django_assert_num_queries(1):
        first = phone.get("/api/v1/packs/")
    assert first["Cache-Control"] == "public, no-cache"
    again = phone.get("/api/v1/packs/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert first.json()["public_key"]


def test_a_pack_is_what_the_list_says(phone: Phone, entry: Any) -> None:
    response = phone.get(path_of(entry))
    assert response["Content-Type"] == "application/json"
    assert len(response.content) == entry["bytes"]
    assert hashlib.sha256(response.content).hexdigest() == entry["sha256"]
    assert response.json()["cursor"] == entry["cursor"]
    assert "Content-Encoding" not in response


def test_it_comes_gzipped_where_that_is_accepted(phone: Phone, entry: Any) -> None:
    plain = phone.get(path_of(entry))
    response = Client().get(path_of(entry), headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) == entry["bytes_gzip"]
    assert gzip.decompress(response.content) == plain.content
    assert response["ETag"] != plain["ETag"]
    assert response["Vary"] == "Accept-Encoding, Accept-Language"
    for refused in ("gzip;q=0", "identity", "br", "*;q=0"):
        answer = phone.get(path_of(entry), headers={"accept-encoding": refused})
        assert "Content-Encoding" not in answer


def test_what_a_phone_holds_already_is_not_sent_again(
    phone: Phone, entry: Any, django_assert_num_queries: Any
) -> None:
    first = phone.get(path_of(entry))
    with django_assert_num_queries(1):
        again = phone.get(path_of(entry), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with django_assert_num_queries(2):
        phone.get(path_of(entry), headers={"if-none-match": '"another"'})


def test_head_tells_the_size_without_the_body(phone: Phone, entry: Any) -> None:
    response = phone.head(path_of(entry))
    assert response["Content-Length"] == str(entry["bytes"])
    assert response["Accept-Ranges"] == "bytes"
    assert response.content == b""


def parts(length: int, size: int) -> Any:
    return itertools.pairwise([*range(0, length, size), length])


@pytest.mark.parametrize("headers", [{}, GZIP])
def test_a_download_that_broke_off_goes_on(entry: Any, headers: dict[str, str]) -> None:
    phone = Client()
    whole = phone.get(path_of(entry), headers=headers)
    found = b""
    for first, end in parts(len(whole.content), 1_000):
        asked = {"range": f"bytes={first}-{end - 1}", "if-range": whole["ETag"]}
        part = phone.get(path_of(entry), headers=headers | asked)
        assert part.status_code == 206
        assert part["Content-Range"] == f"bytes {first}-{end - 1}/{len(whole.content)}"
        assert part["Content-Length"] == str(end - first)
        assert part["ETag"] == whole["ETag"]
        found += part.content
    assert found == whole.content


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-", 5, None),
        ("bytes=-3", -3, None),
        ("bytes=7-999999", 7, None),
    ],
)
def test_ranges_of_every_form(entry: Any, asked: str, first: int, last: int | None) -> None:
    phone = Client()
    whole = phone.get(path_of(entry)).content
    part = phone.get(path_of(entry), headers={"range": asked})
    assert part.status_code == 206
    assert part.content == whole[first:][: None if last is None else last - first + 1]


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=0-1,4-5"},
        {"range": "lines=0-1"},
        {"range": "bytes=5-2"},
        {"range": "bytes=-"},
        {"range": "bytes=0-1", "if-range": '"another state"'},
    ],
)
def test_what_is_no_range_of_this_gets_the_whole(
    phone: Phone, entry: Any, headers: dict[str, str]
) -> None:
    response = phone.get(path_of(entry), headers=headers)
    assert response.status_code == 200
    assert len(response.content) == entry["bytes"]


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(phone: Phone, entry: Any, asked: str) -> None:
    response = phone.get(path_of(entry), headers={"range": asked})
    assert response.status_code == 416
    assert response.json()["type"] == "/problems/range-not-satisfiable"
    assert response["Content-Range"] == f"bytes */{entry['bytes']}"


def test_the_language_is_the_one_asked_for(phone: Phone, entry: Any) -> None:
    asked = phone.get(path_of(entry) + "?language=es", headers={"accept-language": "fr"})
    accepted = phone.get(path_of(entry), headers={"accept-language": "fr, en;q=0.5"})
    assert (asked["Content-Language"], asked.json()["language"]) == ("es", "es")
    assert (accepted["Content-Language"], accepted.json()["language"]) == ("fr", "fr")
    listed = phone.get("/api/v1/packs/?language=es").json()["packs"][0]
    assert listed["sha256"] == hashlib.sha256(asked.content).hexdigest()


@pytest.mark.parametrize("region", ["US-ZZ", "us-pa", "x", "US-PA.US-NJ", "US%00"])
def test_a_region_that_is_none_is_not_found(phone: Phone, entry: Any, region: str) -> None:
    assert phone.get(f"/api/v1/packs/{region}/").status_code == 404


def test_a_misspelt_parameter_is_refused(phone: Phone) -> None:
    assert phone.get("/api/v1/packs/?langauge=es").status_code == 400
    assert Pack.objects.count() == 0


@pytest.mark.parametrize("text", ["somewhere", "Main Street 1", "us-pa", "US-", "39.95"])
def test_what_is_no_region_is_not_told_to_the_database(
    phone: Phone, text: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert phone.get(f"/api/v1/packs/{text}/").status_code == 404
