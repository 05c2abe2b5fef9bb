"""A client as a phone is one: over HTTP, every answer held against the OpenAPI document."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openapi_schema_validator import OAS31Validator

from api.v1.schema import openapi_document
from services.index import live_index
from services.models import User
from tests.builders import a_token


def shape_of(response: Any) -> dict[str, Any]:
    """What the OpenAPI document says of such an answer, with all it refers to."""
    request = response.wsgi_request
    path = re.sub(r"<\w+:(\w+)>", r"{\1}", "/" + request.resolver_match.route)
    method = "get" if request.method == "HEAD" else request.method.lower()
    responses = openapi_document()["paths"][path][method]["responses"]
    described = responses[str(response.status_code)]  # each by itself: "default" says nothing
    if "content" not in described:
        assert body_of(response) == b""
        return {}
    media_type = response["Content-Type"].partition(";")[0]
    schema: dict[str, Any] = described["content"][media_type]["schema"]
    return schema | {"components": openapi_document()["components"]}


def body_of(response: Any) -> bytes:
    """The bytes of an answer; one that streams can be read again afterwards."""
    body: bytes = response.getvalue()
    if response.streaming:
        response.streaming_content = [body]
    return body


def keeps_the_contract(response: Any) -> None:
    """What every answer of the API promises, whatever was asked."""
    assert response.status_code < 500 or response.status_code == 503
    assert "Set-Cookie" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    if response.status_code >= 400 and body_of(response):
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "no-store"
        assert response.json()["status"] == response.status_code
        assert response.json()["type"].startswith("/problems/")
    match = response.wsgi_request.resolver_match
    content = body_of(response)
    if match and content and response.status_code != 405 and (schema := shape_of(response)):
        is_csv = response["Content-Type"].startswith("text/csv")
        told = content.decode() if is_csv else response.json()
        OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER).validate(told)


class Phone(Client):
    """Asks the API, and checks each answer's promises."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if response.wsgi_request.path.startswith("/api/v1/"):
            keeps_the_contract(response)
        return response

    def search(self, body: object = None, **more: Any) -> Any:
        """POST to nearby; a dict, or raw bytes."""
        return self.post("/api/v1/nearby/", body, content_type="application/json", **more)


def phone_of(account: User) -> Phone:
    """The phone of somebody with an account: it sends its token with everything."""
    return Phone(headers={"Authorization": f"Bearer {a_token(account)}"})


@pytest.fixture(autouse=True)
def _static_files_need_no_collecting(settings: Any, tmp_path: Path) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.STATIC_ROOT = str(tmp_path)


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def refresh(db: None) -> Any:
    """Bring the search index up to what the test has written."""
    return live_index.catch_up
