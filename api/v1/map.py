"""GET /api/v1/map/{z}/{x}/{y}.geojson: public sites, a tile at a time."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s

from api.answers import GEOJSON, conditional
from api.light import LightView
from api.parameters import refuse_unknown
from api.refusals import NOT_FOUND, UNAVAILABLE
from api.v1.shapes import Point
from services.map_layer import DEEPEST, Tile, map_tile

FIVE_MINUTES = "public, max-age=300"


class MapProperties(s.Serializer[Any]):
    """Of a site: name, city, region, kinds. Of a cluster: how many sites, and their kinds."""

    name = s.CharField(required=False)
    city = s.CharField(required=False, allow_blank=True)
    region = s.CharField(required=False, allow_blank=True)
    sites = s.IntegerField(required=False)
    kinds = s.ListField(child=s.CharField())


class MapFeature(s.Serializer[Any]):
    """A site (its id is the site's), or a cluster (without one)."""

    type = s.ChoiceField(choices=["Feature"])
    id = s.UUIDField(required=False)
    geometry = Point()
    properties = MapProperties()


class MapTileCollection(s.Serializer[Any]):
    """A tile."""

    type = s.ChoiceField(choices=["FeatureCollection"])
    layer = s.ChoiceField(choices=["sites", "clusters"])
    features = MapFeature(many=True)


def _tile_parameter(name: str, description: str) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 0}
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, description=description)


class MapTile(LightView):
    """Sites on the map."""

    refuses = (NOT_FOUND, UNAVAILABLE)

    @extend_schema(
        operation_id="map_tile",
        summary="A map tile of public sites",
        tags=["map"],
        parameters=[
            _tile_parameter("z", f"Zoom, at most {DEEPEST}"),
            _tile_parameter("x", "Column from the west"),
            _tile_parameter("y", "Row from the north"),
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER),
        ],
        responses={(200, GEOJSON): MapTileCollection, 304: None},
    )
    def get(self, request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
        """Sites whose exact place is public. A full tile is answered as clusters (`layer`).

        The tiles are those of the usual web map, but none deeper than zoom 12, some 7 km wide.
        """
        refuse_unknown(request, ())
        tile = Tile(z, x, y)
        if not tile.exists:
            raise Http404
        return conditional(request, map_tile(tile).encode(), cache_control=FIVE_MINUTES)
