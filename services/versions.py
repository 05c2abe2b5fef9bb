"""The version of a listing: what two people who edit at once notice each other by.

It follows from what people may edit, never from the availability: neither a report nor a passing
minute makes an edit fail.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

LENGTH = 16  # hex digits: a second editor is noticed, an attacker is not what it keeps out


class VersionMismatchError(Exception):
    """The listing is no longer what the editor saw: read it again, then edit."""


def version_of(content: Mapping[str, Any]) -> str:
    """The version of what people may edit of a listing.

    Args:
        content: of services.content.

    Returns:
        Hexadecimal digits. Keyed, as anyone is told the version: a plain hash of a hidden address
        could be found by trying addresses.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest: str = salted_hmac("services.versions", text, algorithm="sha256").hexdigest()
    return digest[:LENGTH]
