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

REPORTS = [
    OpenApiExample(
        "Three beds free",
        value={
            "id": "5f0c3c52-8a53-4f0e-9d3a-7f6f2f5b1c11",
            "state": "available",
            "remaining": 3,
            "note": "Ask at the side door",
            "observed_at": "2026-11-24T14:00:00-05:00",
        },
        request_only=True,
    ),
    OpenApiExample(
        "Full, seen just now",
        value={"id": "0d7f3a2e-33a1-4a1d-8f55-0a6f3c1e9b42", "state": "full"},
        request_only=True,
    ),
]
BATCHES = [
    OpenApiExample(
        "Two of a day outside",
        value={
            "reports": [
                {
                    "service": "af46f6f1-25b3-49a5-95f4-71b84d65a40a",
                    "id": "77f0c9a4-0e6b-4c51-9a8c-3a8a1f1b2d10",
                    "state": "waitlist",
                    "wait_days": 4,
                    "observed_at": "2026-11-24T09:10:00-05:00",
                },
                {
                    "service": "b41d2d0f-7b0f-4b8e-8a80-7a0f3c9b8c55",
                    "id": "c2a7a5b8-62c4-4f35-a0a4-6d4b1b1d6f6e",
                    "state": "closed_temporarily",
                    "observed_at": "2026-11-24T09:40:00-05:00",
                },
            ]
        },
        request_only=True,
    ),
]
