"""What tests of reports send."""

import uuid
from typing import Any

from services.models import Service
from tests.api.conftest import Phone


def a_body(**said: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "state": "available"} | said


def reports_of(service: Service | uuid.UUID) -> str:
    return f"/api/v1/services/{getattr(service, 'pk', service)}/reports/"


def send(phone: Phone, path: str, body: Any) -> Any:
    return phone.post(path, body, content_type="application/json")


def errors_in(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(error["field"], error["code"]) for error in response.json()["errors"]]
