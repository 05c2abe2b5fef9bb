"""Distances on the Earth."""

import math

# WGS 84, the ellipsoid of GPS.
EQUATOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
POLE_M = EQUATOR_M * (1 - FLATTENING)
MEAN_RADIUS_M = (2 * EQUATOR_M + POLE_M) / 3
ECCENTRICITY2 = FLATTENING * (2 - FLATTENING)
SECOND_ECCENTRICITY2 = (EQUATOR_M**2 - POLE_M**2) / POLE_M**2

MAX_ROUNDS = 50
ENOUGH = 1e-13  # radians, less than a micrometre

Point = tuple[float, float, float]


def earth_point(lat: float, lon: float) -> Point:
    """Where a point in degrees on the ellipsoid is in space: metres from the Earth's middle."""
    phi, lam = math.radians(lat), math.radians(lon)
    normal = EQUATOR_M / math.sqrt(1 - ECCENTRICITY2 * math.sin(phi) ** 2)
    beside_axis = normal * math.cos(phi)
    return (
        beside_axis * math.cos(lam),
        beside_axis * math.sin(lam),
        normal * (1 - ECCENTRICITY2) * math.sin(phi),
    )


def great_circle_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Distance in metres on a sphere of the Earth's mean radius, between points in degrees.

    Source: the haversine formula.
    """
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    across = math.sin(math.radians(other_lon - lon) / 2) ** 2
    along = math.sin((other_phi - phi) / 2) ** 2
    half_chord = along + math.cos(phi) * math.cos(other_phi) * across
    return 2 * MEAN_RADIUS_M * math.asin(min(1.0, math.sqrt(half_chord)))


def geodesic_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Length in metres of the shortest line on the ellipsoid, between points in degrees.

    Between points nearly opposite on the globe, where the formula does not converge, it is the
    great-circle distance.

    Source: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with
    application of nested equations", Survey Review 23 (1975), with Helmert's expansion parameter.
    """
    if lat == other_lat and lon == other_lon:
        return 0.0
    (sin_u, cos_u), (sin_v, cos_v) = _reduced(lat), _reduced(other_lat)
    between = math.radians(other_lon - lon)
    between -= 2 * math.pi * math.floor((between + math.pi) / (2 * math.pi))
    turned = between  # of the auxiliary sphere
    for _ in range(MAX_ROUNDS):
        sin_turned, cos_turned = math.sin(turned), math.cos(turned)
        sin_arc = math.hypot(cos_v * sin_turned, cos_u * sin_v - sin_u * cos_v * cos_turned)
        if sin_arc == 0.0:
            return 0.0
        cos_arc = sin_u * sin_v + cos_u * cos_v * cos_turned
        arc = math.atan2(sin_arc, cos_arc)
        sin_azimuth = cos_u * cos_v * sin_turned / sin_arc
        cos2_azimuth = 1 - sin_azimuth**2
        cos_middle = cos_arc - 2 * sin_u * sin_v / cos2_azimuth if cos2_azimuth > 0 else 0.0
        c = FLATTENING / 16 * cos2_azimuth * (4 + FLATTENING * (4 - 3 * cos2_azimuth))
        inner = cos_middle + c * cos_arc * (2 * cos_middle**2 - 1)
        before = turned
        turned = between + (1 - c) * FLATTENING * sin_azimuth * (arc + c * sin_arc * inner)
        if abs(turned - before) < ENOUGH:
            return _length(cos2_azimuth, arc, sin_arc, cos_arc, cos_middle)
    return great_circle_m(lat, lon, other_lat, other_lon)


def _reduced(lat: float) -> tuple[float, float]:
    """Sine and cosine of the reduced latitude."""
    tangent = (1 - FLATTENING) * math.tan(math.radians(lat))
    cosine = 1 / math.sqrt(1 + tangent * tangent)
    return tangent * cosine, cosine


def _length(
    cos2_azimuth: float, arc: float, sin_arc: float, cos_arc: float, cos_middle: float
) -> float:
    stretch = math.sqrt(1 + cos2_azimuth * SECOND_ECCENTRICITY2)
    k = (stretch - 1) / (stretch + 1)
    a, b = (1 + k**2 / 4) / (1 - k), k * (1 - 3 * k**2 / 8)
    third = b / 6 * cos_middle * (4 * sin_arc**2 - 3) * (4 * cos_middle**2 - 3)
    second = b / 4 * (cos_arc * (2 * cos_middle**2 - 1) - third)
    return POLE_M * a * (arc - b * sin_arc * (cos_middle + second))
