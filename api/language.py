"""The language of an answer: the one asked for in it, else the first of Accept-Language we have."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def language_of(request: HttpRequest, asked: str | None = None) -> str:
    """The language to answer in. English where nothing that was asked for is spoken here."""
    return language_for(request.META.get("HTTP_ACCEPT_LANGUAGE", ""), asked)


def language_for(accepted: str, asked: str | None = None) -> str:
    """The same, of an Accept-Language header."""
    wanted = [asked] if asked else _accepted(accepted) if accepted else []
    for tag in wanted:
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _accepted(header: str) -> list[str]:
    return [tag for tag, _quality in parse_accept_lang_header(header.lower()) if tag != "*"]
