"""What is asked, and what is found."""

from dataclasses import dataclass, field

from locator_offline.records import Service, Site


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What somebody asks for. It has no repr, so that no traceback or log can hold a position.

    Attributes:
        lat, lon: degrees.
        at: POSIX time asked about.
        kinds: empty for all.
        mode: walk, transit or drive.
        max_km: None for no limit.
        access: fact → the answer wanted.
        strict: an unknown fact hides a service instead of being marked.
    """

    lat: float
    lon: float
    at: float
    kinds: tuple[str, ...] = ()
    mode: str = "transit"
    open_now: bool = False
    available_only: bool = False
    max_km: float | None = None
    access: dict[str, bool] = field(default_factory=dict)
    strict: bool = False
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A service found, with the parts of its rank.

    Attributes:
        rank: 1 for the best.
        distance_m: None for a service without a point.
        unmet: wishes it may not meet, because the fact is unknown.
    """

    rank: int
    service: Service
    site: Site
    expected_minutes: float
    distance_m: float | None
    travel_minutes: float
    wait_minutes: float
    p_open: float
    p_served: float
    unmet: tuple[str, ...]

    @property
    def id(self) -> str:
        """The service's."""
        return self.service.id

    @property
    def name(self) -> str:
        """The service's own name, or else that of its site."""
        return str(self.service.told["name"] or self.site.told["name"])


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """Services to try, best first; ``relaxed`` names the wishes given up to find any."""

    results: list[Result]
    relaxed: list[str]
