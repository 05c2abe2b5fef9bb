"""Editing a site or service over HTTP: which version, what waits, what is told afterwards."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter

from api.accounts import device_of, signed_in
from api.answers import GEOJSON, as_json, conditional, entity_tag
from api.bodies import json_object
from api.fields import Field, read_fields
from api.parameters import refuse_unknown
from api.refusals import (
    INVALID,
    MALFORMED,
    NOT_FOUND,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    RefusedError,
)
from api.v1.edit_shapes import told_waiting
from services.content import Listing, content_of
from services.listing_edits import edit_listing
from services.models import User
from services.versions import VersionMismatchError, version_of

LARGEST = 64 * 1024  # bytes: a description, a hundred exceptions
TAG = re.compile(r'(?:W/)?"([^"]*)"')

REFUSES = (
    NOT_FOUND,
    UNAUTHENTICATED,
    MALFORMED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    UNAVAILABLE,
)
OPTIONAL_TOKEN: Any = [{}, {"token": []}]
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "The ETag of the listing as it was read, or its first part, the version, alone. Reports "
        "and passing time change no version. `*` edits whatever it is now."
    ),
)

Feature = Callable[[uuid.UUID, bool], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Told:
    """A listing as it is told to one reader, with the entity tag of that."""

    feature: dict[str, Any]
    body: bytes
    etag: str
    to_editor: bool


@dataclass(frozen=True, slots=True)
class Editable:
    """Sites or services: how they are told, and which fields people edit.

    Attributes:
        feature: the listing by id as anyone may see it, or None; a retired one only if asked for.
    """

    model: type[Any]
    fields: Mapping[str, Field]
    feature: Feature

    def told(self, pk: uuid.UUID, account: User | None) -> Told:
        """The listing; for whoever may edit it, with what people edit.

        Raises:
            Http404: there is none that this reader may know of.
        """
        # The version is read before the rest: an edit between them makes it too old, never too new.
        listing: Listing | None = self.model.objects.filter(pk=pk).first()
        if listing is None:
            raise Http404
        content = content_of(listing)
        mine = self.model.objects
        may_edit = account is not None and mine.editable_by(account).filter(pk=pk).exists()
        feature = self.feature(pk, may_edit)
        if feature is None:
            raise Http404
        if may_edit:
            feature["editable"] = content
        body = as_json(feature)
        etag = f'"{version_of(content)}.{entity_tag(body)[1:]}'
        return Told(feature, body, etag, to_editor=may_edit)

    def read(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Answers a GET."""
        refuse_unknown(request, ())
        device = device_of(request)
        told = self.told(pk, device[0] if device else None)
        kept: dict[str, Any] = {"cache_control": "no-store"} if told.to_editor else {}
        return conditional(
            request, told.body, etag=told.etag, headers={"Vary": "Authorization"}, **kept
        )

    def edit(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Answers a PATCH."""
        refuse_unknown(request, ())
        account = signed_in(request)
        versions = versions_asked(request)
        changes = read_fields(json_object(request, largest=LARGEST), self.fields)
        try:
            edited = edit_listing(
                model=self.model, pk=pk, changes=changes, account=account, versions=versions
            )
        except VersionMismatchError:
            etag = self.told(pk, account).etag
            raise RefusedError(PRECONDITION_FAILED, headers={"ETag": etag}) from None
        told = self.told(pk, account)
        waits = {"held": [told_waiting(held) for held in edited.held]} if edited.held else {}
        return HttpResponse(
            as_json(told.feature | waits),
            status=202 if waits else 200,
            content_type=GEOJSON,
            headers={"Cache-Control": "no-store", "ETag": told.etag},
        )


def versions_asked(request: HttpRequest) -> set[str] | None:
    """The versions that ``If-Match`` names; None for any.

    Raises:
        RefusedError: there is no such header, or it is not usable.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise RefusedError(PRECONDITION_REQUIRED)
    if header == "*":
        return None
    tags = [TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    if not all(tags):
        detail = "Send the ETag as it came, in its double quotes, or *."
        raise RefusedError(INVALID, errors=[FieldError("If-Match", "invalid", detail)])
    return {tag[1].partition(".")[0] for tag in tags if tag}
