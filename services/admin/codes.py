"""Codes from authenticator apps in forms."""

from typing import Any

from django import forms

from services.second_factor import CodeRequiredError, CodeTooSoonError


class CodeInput(forms.TextInput):
    """Empty again after a code that did not pass: it never will."""

    def format_value(self, value: Any) -> None:
        """Show nothing."""


class CodeField(forms.CharField):
    """Six digits from an app; phones show digits, and offer a code they know."""

    def __init__(self, **options: Any) -> None:
        typed = {"inputmode": "numeric", "autocomplete": "one-time-code"}
        super().__init__(max_length=12, widget=CodeInput(attrs=typed), **options)


def why_refused(error: Exception) -> str:
    """What to tell somebody about a code that did not pass."""
    if isinstance(error, CodeRequiredError):
        return "Type the code that your authenticator app shows now, and your password once more."
    if isinstance(error, CodeTooSoonError):
        return f"Wrong codes came before. Wait {error.wait} seconds, then type a new code."
    return (
        "This is not the code of now, or it was used before. Wait for the app's next code. If none "
        "works, check that the phone's clock is set by the network."
    )
