"""Packs are signed, so that a phone can take one from another phone, a USB stick or a mirror."""

import base64
import binascii
import functools

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from services.packs.body import FORMAT


def public_key() -> str:
    """The key that phones check signatures with: 32 bytes in Base64."""
    raw = _private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def signature_of(*, region: str, language: str, cursor: str, sha256: str) -> str:
    """Ed25519 over what names a pack and its content, in Base64."""
    text = f"{FORMAT}\n{region}\n{language}\n{cursor}\n{sha256}\n"
    return base64.b64encode(_private_key().sign(text.encode("ascii"))).decode()


def _private_key() -> Ed25519PrivateKey:
    return _key_from(settings.PACK_SIGNING_KEY)


@functools.cache
def _key_from(text: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):  # said without the value
        raise ImproperlyConfigured("PACK_SIGNING_KEY is not 32 bytes in Base64.") from None
