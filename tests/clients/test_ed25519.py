"""Signatures: the test vectors of RFC 8032, section 7.1, and what must not pass."""

import pytest

from locator_offline.ed25519 import L, verify
from tests.clients.signing import public_key, sign

SECRETS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
)
KEYS = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
)
MESSAGES = ("", "72", "af82")
SIGNATURES = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
    "6bd25bf5f0595bbe24655141438e7a100b",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
    "8c387b2eaeb4302aeeb00d291612bb0c00",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6"
    "594a7c15e9716ed28dc027beceea1ec40a",
)
VECTORS = list(
    zip(*(map(bytes.fromhex, each) for each in (SECRETS, KEYS, MESSAGES, SIGNATURES)), strict=True)
)


@pytest.mark.parametrize(("secret", "key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(
    secret: bytes, key: bytes, message: bytes, signature: bytes
) -> None:
    assert verify(key, message, signature)
    assert (public_key(secret), sign(secret, message)) == (key, signature)


@pytest.mark.parametrize("bit", [0, 7, 255, 256, 300, 511])
def test_a_changed_bit_of_the_signature_is_seen(bit: int) -> None:
    _, key, message, signature = VECTORS[1]
    changed = int.from_bytes(signature, "little") ^ 1 << bit
    assert not verify(key, message, changed.to_bytes(64, "little"))


def test_another_message_or_key_is_seen() -> None:
    _, key, message, signature = VECTORS[2]
    assert not verify(key, message + b"x", signature)
    assert not verify(VECTORS[0][1], message, signature)


def test_a_signature_has_one_form_only() -> None:
    """The same number beyond the group's order would pass if nobody looked."""
    _, key, message, signature = VECTORS[1]
    larger = int.from_bytes(signature[32:], "little") + L
    assert not verify(key, message, signature[:32] + larger.to_bytes(32, "little"))


@pytest.mark.parametrize("key", [b"", b"\xff" * 32, (2).to_bytes(32, "little")])
def test_what_is_no_key_verifies_nothing(key: bytes) -> None:
    assert not verify(key, b"", VECTORS[0][3])
    assert not verify(VECTORS[0][1], b"", VECTORS[0][3][:63])
