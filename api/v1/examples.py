"""Examples in the OpenAPI document."""

from drf_spectacular.utils import OpenApiExample

SEARCHES = [
    OpenApiExample(
        "From a position",
        value={"lat": 39.9526, "lon": -75.1652, "kinds": ["methadone"], "mode": "transit"},
        request_only=True,
    ),
    OpenApiExample(
        "From a ZIP code, with wishes",
        value={
            "place": "19125",
            "kinds": ["suboxone", "detox"],
            "access": {"walk_in": True, "medicaid": True, "id_required": False},
            "max_km": 25,
            "language": "es",
            "limit": 5,
        },
        request_only=True,
    ),
]
