"""GET /api/v1/schema/: the OpenAPI document, and what must hold of all of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from api.middleware import POSITION_WORDS
from api.v1.schema import rendered_document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    document = json.loads(rendered_document("json"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


OF_GET = [(path, operation) for path, method, operation in operations() if method == "get"]
USABLE = {
    **dict.fromkeys(("id", "change", "member"), "6c1c2f0e-2f4b-4d0b-9d5a-0d7f8b7a1c11"),
    "z": "3",
    "x": "2",
    "y": "3",
    "geohash": "dr5r",
    "region": "US-PA",
}


def test_it_is_json_or_yaml_as_asked() -> None:
    plain = Client().get("/api/v1/schema/")
    assert plain["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert plain.json()["openapi"] == "3.1.0"
    asks: list[dict[str, Any]] = [
        {"query_params": {"format": "yaml"}},
        {"headers": {"accept": "application/yaml"}},
    ]
    for ask in asks:
        response = Client().get("/api/v1/schema/", **ask)
        assert yaml.safe_load(response.content) == plain.json()


def test_an_unknown_format_is_refused_and_an_unchanged_document_not_sent_again() -> None:
    assert Client().get("/api/v1/schema/?format=xml").status_code == 400
    headers = {"if-none-match": Client().get("/api/v1/schema/")["ETag"]}
    assert Client().get("/api/v1/schema/", headers=headers).status_code == 304


def test_the_committed_document_is_the_one_served() -> None:
    served = rendered_document("yaml").decode()
    assert COMMITTED.read_text() == served, "run manage.py spectacular --file docs/openapi.yaml"


def test_no_operation_takes_a_position_in_its_url() -> None:
    for path, _method, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] in ("path", "query") and not path.startswith("/api/v1/cells/"):
                assert not POSITION_WORDS.search(parameter["name"]), (path, parameter["name"])


def test_no_parameter_of_a_url_is_a_fraction() -> None:
    """A coordinate would be one."""
    for path, _method, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] in ("path", "query"):
                assert parameter["schema"].get("type") != "number", (path, parameter["name"])


LATITUDE, LONGITUDE = "39.952583", "-75.165222"


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "operation"), OF_GET)
def test_a_position_in_a_parameter_of_a_url_is_not_taken_nor_repeated(
    path: str, operation: dict[str, Any]
) -> None:
    """Each parameter in turn; the others are as they should be."""
    here = f"{LATITUDE},{LONGITUDE}"
    named = re.findall(r"\{(\w+)\}", path)
    urls = [path.replace(f"{{{name}}}", here).format_map(USABLE) for name in named]
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            urls.append(f"{path.format_map(USABLE)}?{parameter['name']}={here}")
    for url in urls:
        response = Client().get(url)
        assert 400 <= response.status_code < 500, url
        told = repr(response.headers) + response.getvalue().decode()
        assert LATITUDE not in told, url
        assert LONGITUDE not in told, url


def test_no_operation_takes_a_cookie() -> None:
    for _path, _method, operation in operations():
        assert all(parameter["in"] != "cookie" for parameter in operation.get("parameters", []))


def test_every_operation_says_what_it_does_and_how_it_refuses() -> None:
    for path, method, operation in operations():
        assert operation["description"], (path, method)
        assert operation["operationId"], (path, method)
        for status in ("400", "500", "default"):
            assert "application/problem+json" in operation["responses"][status]["content"]


def test_every_promised_operation_is_there() -> None:
    assert {(method, path) for path, method, _operation in operations()} >= {
        ("post", "/api/v1/nearby/"),
        ("get", "/api/v1/cells/{geohash}/"),
        ("get", "/api/v1/services/"),
        ("get", "/api/v1/services/{id}/"),
        ("get", "/api/v1/sites/"),
        ("get", "/api/v1/sites/{id}/"),
        ("get", "/api/v1/organizations/"),
        ("get", "/api/v1/organizations/{id}/"),
        ("get", "/api/v1/kinds/"),
        ("get", "/api/v1/map/{z}/{x}/{y}.geojson"),
        ("get", "/api/v1/schema/"),
        ("get", "/healthz"),
        ("get", "/readyz"),
    }


def test_the_body_of_a_search_is_described_field_by_field() -> None:
    document = json.loads(rendered_document("json"))
    body = document["paths"]["/api/v1/nearby/"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {
        *("lat", "lon", "place", "kinds", "mode", "at", "open_now", "available_only"),
        *("max_km", "access", "strict", "language", "limit", "offset"),
    }
    assert schema["additionalProperties"] is False
    assert schema["properties"]["limit"]["maximum"] == 100
    assert schema["properties"]["offset"]["maximum"] == 400


def test_it_names_no_other_server() -> None:
    assert not re.search(rb"https?://", rendered_document("json"))


def test_every_operation_tells_the_refusals_that_its_kind_brings() -> None:
    """What comes of an outage, a missing token, an unknown id, a body: each by its own status."""
    without_a_database = {"healthz", "kinds", "schema"}
    for path, _method, operation in operations():
        expected = set() if operation["operationId"] in without_a_database else {"503"}
        if {"token": []} in operation.get("security", []):
            expected.add("401")
        if "{" in path and operation["operationId"] != "cell":  # there is no cell without an answer
            expected.add("404")
        if "requestBody" in operation:
            expected |= {"413", "415"}
        missing = expected - operation["responses"].keys()
        assert not missing, (operation["operationId"], missing)
