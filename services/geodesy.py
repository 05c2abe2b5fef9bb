"""Distances on the Earth, compiled for the search index."""

import math

from services.compiled import lean

# WGS 84, the ellipsoid of GPS and of PostGIS geography.
EQUATOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
POLE_M = EQUATOR_M * (1 - FLATTENING)
MEAN_RADIUS_M = (2 * EQUATOR_M + POLE_M) / 3

MAX_ROUNDS = 50
ENOUGH = 1e-13  # radians, less than a micrometre


@lean
def great_circle_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Distance on a sphere of the Earth's mean radius; within 0.6 % of the ellipsoid's.

    Args:
        lat, lon, other_lat, other_lon: degrees.

    Returns:
        Metres.

    Source: the haversine formula.
    """
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half_chord = (
        math.sin((other_phi - phi) / 2) ** 2
        + math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * MEAN_RADIUS_M * math.asin(min(1.0, math.sqrt(half_chord)))


@lean
def geodesic_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Length of the shortest line on the WGS 84 ellipsoid.

    Args:
        lat, lon, other_lat, other_lon: degrees.

    Returns:
        Metres, to a micrometre or so. Between points nearly opposite on the globe, where the
        formula does not converge, the great-circle distance.

    Source: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with
    application of nested equations", Survey Review 23 (1975), with Helmert's expansion parameter.
    """
    if lat == other_lat and lon == other_lon:
        return 0.0
    difference = math.radians(other_lon - lon)
    difference -= 2 * math.pi * math.floor((difference + math.pi) / (2 * math.pi))
    sin_u, cos_u = _reduced(lat)
    sin_v, cos_v = _reduced(other_lat)
    along = difference
    for _ in range(MAX_ROUNDS):
        sin_along, cos_along = math.sin(along), math.cos(along)
        aside, ahead = cos_v * sin_along, cos_u * sin_v - sin_u * cos_v * cos_along
        sin_arc = math.sqrt(aside * aside + ahead * ahead)
        if sin_arc == 0.0:
            return 0.0
        cos_arc = sin_u * sin_v + cos_u * cos_v * cos_along
        arc = math.atan2(sin_arc, cos_arc)
        sin_azimuth = cos_u * cos_v * sin_along / sin_arc
        cos2_azimuth = 1 - sin_azimuth**2
        cos_middle = cos_arc - 2 * sin_u * sin_v / cos2_azimuth if cos2_azimuth > 0 else 0.0
        c = FLATTENING / 16 * cos2_azimuth * (4 + FLATTENING * (4 - 3 * cos2_azimuth))
        before = along
        along = difference + (1 - c) * FLATTENING * sin_azimuth * (
            arc + c * sin_arc * (cos_middle + c * cos_arc * (2 * cos_middle**2 - 1))
        )
        if abs(along - before) < ENOUGH:
            return _length(cos2_azimuth, arc, sin_arc, cos_arc, cos_middle)
    return great_circle_m(lat, lon, other_lat, other_lon)


@lean
def _reduced(lat: float) -> tuple[float, float]:
    """Sine and cosine of the reduced latitude."""
    tangent = (1 - FLATTENING) * math.tan(math.radians(lat))
    cosine = 1 / math.sqrt(1 + tangent * tangent)
    return tangent * cosine, cosine


@lean
def _length(
    cos2_azimuth: float, arc: float, sin_arc: float, cos_arc: float, cos_middle: float
) -> float:
    stretch = math.sqrt(1 + cos2_azimuth * (EQUATOR_M**2 - POLE_M**2) / POLE_M**2)
    k = (stretch - 1) / (stretch + 1)
    a = (1 + k**2 / 4) / (1 - k)
    b = k * (1 - 3 * k**2 / 8)
    correction = (
        b
        * sin_arc
        * (
            cos_middle
            + b
            / 4
            * (
                cos_arc * (2 * cos_middle**2 - 1)
                - b / 6 * cos_middle * (4 * sin_arc**2 - 3) * (4 * cos_middle**2 - 3)
            )
        )
    )
    return POLE_M * a * (arc - correction)
