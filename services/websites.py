"""Addresses of the web that listings name: one rule, whichever way they come in.

Nothing here or elsewhere in the product asks such an address; people do, by a link. So it must lead
where it seems to lead: to a public host that is named, and to nothing on the reader's own device or
network. Whether a public name leads to a private address, only who resolves it can know.
"""

import re
import unicodedata
from urllib.parse import urlsplit

LONGEST = 500  # characters: the column's length
PORTS = {80, 443, 8080, 8443}
BEGINS = re.compile(r"(https?)://(?=[^/\\])", re.IGNORECASE)
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LAST_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")  # no number, so no form of an address
# Last labels that the public DNS has not, or not for the web: RFC 2606, 6761, 6762, 7686, 8375,
# 9476, ICANN's .internal, and what home routers, offices and clusters call themselves by.
NOT_PUBLIC = {
    "alt", "arpa", "consul", "corp", "home", "internal", "intra", "intranet", "invalid",
    "lan", "local", "localdomain", "localhost", "mail", "onion", "private", "svc", "test",
    "workgroup",
}  # fmt: skip
# IDNA of 2003 and of 2008 make another name of these; browsers know the newer alone.
DEVIATING = set("\u00df\u1e9e\u03c2\u200c\u200d")
UNSAFE = re.compile(r"""[\s"'<>\\^`{|}]|%(?:[01][0-9a-f]|7f)""", re.IGNORECASE)
OTHER_STOPS = re.compile("[\u3002\uff0e\uff61]")  # that IDNA takes for the one between labels
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}  # controls, marks of direction, blanks

NO_ADDRESS = "Use an address that begins with https:// or http://."
TOO_LONG = f"Use an address of at most {LONGEST} characters, such as that of the first page."
HIDES = "It holds blanks, quotation marks or characters that nobody sees: type it anew."
NAMES_SOMEBODY = "Leave out the name or password before the @."
NO_NAME = "Use the public name of the host, such as clinic.org: no number, no name of one network."
OTHER_PORT = "Leave out the port: an address of the web needs none."


class WebsiteRefusedError(ValueError):
    """It is no address that people can be sent to. The text says what to do."""


def website_as_kept(written: str) -> str:
    """An address as it is stored: scheme and host in lower case and in ASCII.

    Args:
        written: as somebody typed it, or a feed gave it.

    Raises:
        WebsiteRefusedError: see the texts above.
    """
    if len(written) > LONGEST:
        raise WebsiteRefusedError(TOO_LONG)
    begins = BEGINS.match(written)
    if not begins:
        raise WebsiteRefusedError(NO_ADDRESS)
    if UNSAFE.search(written) or any(unicodedata.category(one) in HIDDEN for one in written):
        raise WebsiteRefusedError(HIDES)
    where = re.split(r"[/?#]", written[begins.end() :], maxsplit=1)[0]
    kept = f"{begins[1].lower()}://{_host(where)}{written[begins.end() + len(where) :]}"
    if len(kept) > LONGEST:
        raise WebsiteRefusedError(TOO_LONG)
    return kept


def _host(where: str) -> str:
    """The host, and the port if it is said. ``urlsplit`` judges last: both must mean the same."""
    if "@" in where:
        raise WebsiteRefusedError(NAMES_SOMEBODY)
    name, colon, port = where.partition(":")
    host = _in_ascii(name)
    labels = host.split(".")
    if not (
        len(labels) > 1
        and len(host) <= 253  # noqa: PLR2004 - characters of a name in the DNS
        and all(map(LABEL.fullmatch, labels))
        and LAST_LABEL.fullmatch(labels[-1])
        and labels[-1] not in NOT_PUBLIC
        and urlsplit(f"http://{host}").hostname == host
    ):
        raise WebsiteRefusedError(NO_NAME)
    if colon and not (re.fullmatch("[1-9][0-9]{0,4}", port) and int(port) in PORTS):
        raise WebsiteRefusedError(OTHER_PORT)
    return f"{host}{colon}{port}"


def _in_ascii(name: str) -> str:
    """A host's name as the DNS knows it: what only looks like another name shows as ``xn--``."""
    if name.isascii():
        return name.lower()
    looks = unicodedata.normalize("NFKC", name)  # of full-width digits, circled letters
    seems_another = looks != unicodedata.normalize("NFC", name)
    if seems_another or DEVIATING & set(name) or OTHER_STOPS.search(name):
        raise WebsiteRefusedError(NO_NAME)
    try:
        return name.lower().encode("idna").decode()
    except UnicodeError:
        raise WebsiteRefusedError(NO_NAME) from None
