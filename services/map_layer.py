"""Public sites for a map: one tile at a time, as GeoJSON by django-geojson.

Only sites whose exact place is public are on the map. A tile that holds too many is answered as
clusters, so that no tile is ever large.
"""

import math
import time
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models.functions import SnapToGrid
from django.contrib.gis.geos import Polygon
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Count, F, FloatField, Func, Q, QuerySet
from django.db.models.functions import Cast
from djgeojson.serializers import Serializer

from services.models import Site

DEEPEST = (
    12  # a tile of this zoom is some 7 km wide; closer, a viewer's tiles would tell the street
)
MOST_SITES = 1_000  # in one tile; more are clustered
CLUSTERS_ACROSS = 16
BULGE = 0.02  # geography boxes follow great circles: how much wider, as a share of the tile
NEAR_ENOUGH = 6  # from this zoom on, a tile is small enough for the spatial index to help

KEEP_SECONDS = 300.0

KINDS = ArrayAgg(
    "services__kind",
    filter=Q(services__kind__isnull=False, services__retired_at=None),
    distinct=True,
    default=[],
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of a web map (Web Mercator): zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether there is such a tile in this layer."""
        return (
            0 <= self.z <= DEEPEST and max(self.x, self.y) < 2**self.z and min(self.x, self.y) >= 0
        )

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        west, east = (360 * column / 2**self.z - 180 for column in (self.x, self.x + 1))
        south, north = (_latitude(row / 2**self.z) for row in (self.y + 1, self.y))
        return west, south, east, north


_kept: dict[Tile, tuple[float, str]] = {}  # clustered tiles, with when they were made


def _latitude(share: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))


def _coordinate(function: str) -> Func:
    return Func(F("shape"), function=function, output_field=FloatField())


def sites_in(tile: Tile) -> QuerySet[Site]:
    """Public sites in a tile. One on an edge is in one tile only."""
    west, south, east, north = tile.box
    sites = Site.objects.on_the_map()
    if tile.z >= NEAR_ENOUGH:
        margin = (east - west) * BULGE
        wider = (west - margin, south - margin, east + margin, north + margin)
        sites = sites.filter(location__bboverlaps=Polygon.from_bbox(wider))
    return (
        sites.alias(shape=Cast("location", PointField(srid=4326)))
        .alias(site_lon=_coordinate("ST_X"), site_lat=_coordinate("ST_Y"))
        .filter(site_lon__gte=west, site_lon__lt=east, site_lat__gt=south, site_lat__lte=north)
    )


def map_tile(tile: Tile) -> str:
    """The tile as a GeoJSON feature collection: sites, or clusters where there are too many."""
    if kept := _kept.get(tile):
        made_at, told = kept
        if time.monotonic() - made_at < KEEP_SECONDS:
            return told
    sites = sites_in(tile)
    if len(sites.order_by().values_list("pk")[: MOST_SITES + 1]) > MOST_SITES:
        told = _geojson(_clusters(sites, tile), ["sites", "kinds"], "clusters")
        _kept[tile] = time.monotonic(), told  # costly, and few tiles are so full
        return told
    rows = list(
        sites.annotate(kinds=KINDS)
        .order_by("pk")
        .values("id", "location", "name", "city", "region", "kinds")
    )
    return _geojson(rows, ["name", "city", "region", "kinds"], "sites", primary_key="id")


def _clusters(sites: QuerySet[Site], tile: Tile) -> list[dict[str, Any]]:
    """Sites counted on a grid; a cluster lies at their mean place."""
    west, _south, east, _north = tile.box
    rows = (
        sites.annotate(cell=SnapToGrid("shape", (east - west) / CLUSTERS_ACROSS))
        .values("cell")
        .annotate(
            sites=Count("pk", distinct=True), lon=Avg("site_lon"), lat=Avg("site_lat"), kinds=KINDS
        )
        .order_by("cell")
        .values("sites", "lon", "lat", "kinds")
    )
    return [
        {
            "location": {
                "type": "Point",
                "coordinates": [round(row["lon"], 4), round(row["lat"], 4)],
            },
            "sites": row["sites"],
            "kinds": row["kinds"],
        }
        for row in rows
    ]


class _Layer(Serializer):  # type: ignore[misc]
    """Names the layer, so that a map knows clusters from sites."""

    def start_serialization(self) -> None:
        super().start_serialization()
        self.feature_collection["layer"] = self.options.pop("layer")


def _geojson(rows: list[Any], properties: list[str], layer: str, **options: Any) -> str:
    """The rows as GeoJSON; ``crs=False``, or every answer would name a third party's server."""
    told: str = _Layer().serialize(
        rows,
        geometry_field="location",
        properties=properties,
        crs=False,
        layer=layer,
        **options,
    )
    return told
