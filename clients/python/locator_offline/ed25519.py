"""Verification of Ed25519 signatures, from the formulas of RFC 8032, sections 5.1 and 5.1.7.

Slow beside a library in C (some milliseconds), and used for nothing secret: it only checks.
Points are in extended homogeneous coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z.
"""

import hashlib

P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the group's order
D = -121665 * pow(121666, -1, P) % P  # the curve: -x² + y² = 1 + d x² y²
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
KEY_BYTES, SIGNATURE_BYTES = 32, 64
LOW_BITS = (1 << 255) - 1

Spot = tuple[int, int, int, int]
NEUTRAL: Spot = (0, 1, 1, 0)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of a message is by the holder of a key."""
    if len(public_key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    key, nonce = _decoded(public_key), _decoded(signature[:KEY_BYTES])
    s = int.from_bytes(signature[KEY_BYTES:], "little")
    if key is None or nonce is None or s >= L:
        return False
    told = hashlib.sha512(signature[:KEY_BYTES] + public_key + message).digest()
    k = int.from_bytes(told, "little") % L
    left, right = _times(s, BASE), _sum(nonce, _times(k, key))
    return _are_equal(_times(8, left), _times(8, right))


def _x_of(y: int, sign: int) -> int | None:
    """The x of a point on the curve with this y, of this lowest bit; None if there is none."""
    numerator, denominator = (y * y - 1) % P, (D * y * y + 1) % P
    root = numerator * pow(denominator, 3, P) % P
    root = root * pow(numerator * pow(denominator, 7, P) % P, (P - 5) // 8, P) % P
    squared = denominator * root * root % P
    if squared == -numerator % P:
        root = root * ROOT_OF_MINUS_ONE % P
    elif squared != numerator:
        return None
    if root == 0 and sign:
        return None
    return root if root & 1 == sign else P - root


def _decoded(encoded: bytes) -> Spot | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & LOW_BITS, number >> 255
    if y >= P or (x := _x_of(y, sign)) is None:
        return None
    return x, y, 1, x * y % P


def _sum(one: Spot, other: Spot) -> Spot:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, spot: Spot) -> Spot:
    total = NEUTRAL
    while number:
        if number & 1:
            total = _sum(total, spot)
        spot, number = _sum(spot, spot), number >> 1
    return total


def _are_equal(one: Spot, other: Spot) -> bool:
    same_x = (one[0] * other[2] - other[0] * one[2]) % P == 0
    return same_x and (one[1] * other[2] - other[1] * one[2]) % P == 0


_BASE_Y = 4 * pow(5, -1, P) % P
_BASE_X = _x_of(_BASE_Y, 0) or 0
BASE: Spot = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)
