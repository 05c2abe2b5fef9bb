"""GET /api/docs/: Swagger UI, with nothing inline and nothing from elsewhere."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


def test_the_page_has_no_inline_script_or_style_and_asks_nobody_else() -> None:
    response = Client().get("/api/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Set-Cookie" not in response
    assert "unsafe" not in response["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "<style" not in page
    assert "style=" not in page
    assert not re.search(r"""["'(](https?:)?//""", page)


def test_all_its_assets_are_ours() -> None:
    page = Client().get("/api/docs/").content.decode()
    assets = re.findall(r"""(?:href|src)="/static/([^"]+)""", page)
    assert len(assets) == 4
    assert all(finders.find(asset) for asset in assets)


def test_its_script_reads_our_document_and_asks_no_validator() -> None:
    response = Client().get("/api/docs/?script=")
    script = response.content.decode()
    assert response["Content-Type"].startswith("application/javascript")
    assert 'url: "/api/v1/schema/"' in script
    assert '"validatorUrl": null' in script
    assert not re.search(r"https?://", script)


@pytest.mark.parametrize("query", ["lat=1", "script=&lon=2"])
def test_no_position_is_taken_here_either(query: str) -> None:
    assert Client().get(f"/api/docs/?{query}").status_code == 400


def test_the_front_door_leads_to_the_documentation(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/api/docs/"
