"""Signatures for tests, by RFC 8032, section 5.1.6; the client itself only verifies."""

import hashlib

from locator_offline import ed25519


def _encoded(spot: ed25519.Spot) -> bytes:
    over = pow(spot[2], -1, ed25519.P)
    x, y = spot[0] * over % ed25519.P, spot[1] * over % ed25519.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _halves(secret: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def public_key(secret: bytes) -> bytes:
    return _encoded(ed25519._times(_halves(secret)[0], ed25519.BASE))


def sign(secret: bytes, message: bytes) -> bytes:
    scalar, prefix = _halves(secret)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % ed25519.L
    nonce = _encoded(ed25519._times(r, ed25519.BASE))
    told = hashlib.sha512(nonce + public_key(secret) + message).digest()
    k = int.from_bytes(told, "little") % ed25519.L
    return nonce + ((r + k * scalar) % ed25519.L).to_bytes(32, "little")
