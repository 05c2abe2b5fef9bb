"""Text as feeds give it, made presentable without changing what it says."""

import html
import re
import unicodedata

from services.websites import WebsiteRefusedError, website_as_kept

TAG = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")  # not "a < b and c > d"
BREAK = re.compile(r"<\s*(?:br|p|li|div)\b[^<>]{0,100}>", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
UNSEEN = re.compile(f"{CONTROL.pattern}|[\u2028\u2029\ud800-\udfff]")
MISSING = frozenset({"", "na", "n/a", "null", "none", "nan"})
LOST = "\ufffd"  # what a decoder writes for a byte it cannot read


def plain(value: object, *, max_length: int = 0) -> str:
    """A feed's value as one line of text; missing values ("NA", null) are empty.

    HTML tags and entities, control characters, invisible direction marks and lost characters go;
    what remains is in Unicode's composed form.

    Args:
        value: what the feed gave.
        max_length: cut after so many characters; 0 keeps all.
    """
    if value is None or isinstance(value, (dict, list)):
        return ""
    text = html.unescape(TAG.sub(" ", BREAK.sub(" * ", str(value))))
    text = CONTROL.sub(" ", TAG.sub(" ", text)).replace(LOST, "").replace("\xa0", " ")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if text.casefold() in MISSING:
        return ""
    return text[:max_length].rstrip() if max_length else text


def visible(text: str, longest: int = 60) -> str:
    """The beginning of a text as a report may print it: what nobody sees is a question mark."""
    return UNSEEN.sub("?", text[:longest]) + ("…" if len(text) > longest else "")


def words_in(text: str) -> frozenset[str]:
    """The words of a text, for lists too long to quote each."""
    return frozenset(text.split())


def folded(text: str) -> str:
    """Text for comparison: lower case, no accents, no punctuation, single blanks."""
    bare = unicodedata.normalize("NFKD", text.casefold()).replace("&", " and ").replace("'", "")
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.replace("\u2019", "")).split())


def web_address(value: object) -> tuple[str, str]:
    """The address in a field, be it bare or an HTML anchor, and why it was left out if it was.

    An empty field, and an anchor that leads nowhere, say nothing: there is no address and no why.
    """
    raw = html.unescape(value) if isinstance(value, str) else ""
    anchor = re.search(r"href\s{0,9}=\s{0,9}[\"']([^\"']*)", raw)
    text = plain(anchor[1] if anchor else raw)
    if text.casefold() in {"", "http://", "https://"}:
        return "", ""
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/.*)?", text):
        text = f"http://{text}"
    try:
        return website_as_kept(text), ""
    except WebsiteRefusedError as refusal:
        return "", f"website left out, “{text[:40]}”: {refusal}"
