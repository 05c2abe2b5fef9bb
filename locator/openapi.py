"""How the OpenAPI document and its pages are made."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Harm-reduction services",
    "VERSION": "1",
    "DESCRIPTION": (
        "Finds detox, methadone, buprenorphine, naloxone and other harm-reduction services, "
        "ordered by the minutes to expect until a person is served. No account is needed. A "
        "position travels in the body of a request, never in a URL, and is not kept. Every refusal "
        "is an RFC 9457 problem."
    ),
    "LICENSE": {"name": "AGPL-3.0-or-later"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "validatorUrl": None,
    },  # no third party's validator
    "OAS_VERSION": "3.1.0",  # 3.0 cannot say "this object, or null"
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "services.vocabulary.Kind.choices",
        "AvailabilityEnum": "services.vocabulary.Availability.choices",
        "ReportedStateEnum": "api.v1.report_shapes.STATES",
        "ReporterEnum": "services.vocabulary.Reporter.choices",
        "PartEnum": "api.v1.history_shapes.ROWS",
        "PartOrClosingEnum": "api.v1.history_shapes.ROWS_AND_CLOSINGS",
        "DoorStateEnum": ["open", "closed", "unknown"],
        "MoudPolicyEnum": "services.vocabulary.MoudPolicy.choices",
        "HeldChangeStateEnum": ["waiting", "applied", "rejected"],
        "UpOrDownEnum": ["up", "down"],
        "RoleEnum": ["clinic_staff", "clinic_admin", "outreach", "moderator"],
        "ClinicRoleEnum": ["clinic_staff", "clinic_admin"],
        "RoleBeyondEnum": ["outreach", "moderator"],
        "PointTypeEnum": ["Point"],
        "FeatureTypeEnum": ["Feature"],
        "FeatureCollectionTypeEnum": ["FeatureCollection"],
    },
}
