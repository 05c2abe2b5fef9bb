"""Requests as the server hands them over, whatever they say of themselves."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class ReadableRequest(WSGIRequest):
    """A request whose Content-Type may be nonsense: then it has none, and is refused for that.

    Django would raise before any view, or any middleware that tells a refusal, is reached.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:  # a parameter in an encoding that nobody knows
            self.content_type, self.content_params = "", {}


class ReadingHandler(WSGIHandler):
    """Django's way in, for requests that can be read."""

    request_class = ReadableRequest
