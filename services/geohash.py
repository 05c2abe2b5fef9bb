"""Geohash cells: a public way to name an area without naming a place in it."""

from dataclasses import dataclass

from services.geodesy import great_circle_m

LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; bounds in degrees. It holds its southern and western edge, not the others."""

    south: float
    west: float
    north: float
    east: float

    @property
    def middle(self) -> tuple[float, float]:
        """Latitude and longitude of the middle."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2

    @property
    def reach_km(self) -> float:
        """A distance from the middle within which all of the cell lies, in km."""
        lat, lon = self.middle
        corners = ((edge, self.west) for edge in (self.south, self.north, lat))
        return max(great_circle_m(lat, lon, *corner) for corner in corners) / 1000 * 1.01

    @property
    def box(self) -> tuple[float, float, float, float]:
        """South, west, north, east."""
        return self.south, self.west, self.north, self.east


def cell_of(geohash: str) -> Cell:
    """The cell a geohash names.

    Raises:
        ValueError: it is empty or has a letter that geohashes do not use.

    Source: G. Niemeyer's geohash: bits of longitude and latitude in turn, five to a letter.
    """
    if not geohash or any(letter not in LETTERS for letter in geohash):
        raise ValueError("not a geohash")
    south, west, north, east = -90.0, -180.0, 90.0, 180.0
    bits = "".join(f"{LETTERS.index(letter):05b}" for letter in geohash)
    for position, bit in enumerate(bits):
        if position % 2 == 0:
            middle = (west + east) / 2
            west, east = (middle, east) if bit == "1" else (west, middle)
        else:
            middle = (south + north) / 2
            south, north = (middle, north) if bit == "1" else (south, middle)
    return Cell(south, west, north, east)
