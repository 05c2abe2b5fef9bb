"""How the OpenAPI document is made: every operation tells how it refuses."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from api.problems import CONTENT_TYPE, problem_body
from api.refusals import CRASHED, INVALID, POSITION_IN_URL, Refusal

ALWAYS = (INVALID, POSITION_IN_URL, CRASHED)


class ProblemError(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(allow_blank=True, help_text="Empty for the request as a whole")
    code = serializers.CharField(help_text="For programs")
    detail = serializers.CharField(help_text="For people; never repeats what was sent")


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457). Branch on `type`."""

    type = serializers.CharField(help_text="A path such as /problems/invalid")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemError(many=True, required=False)  # type: ignore[assignment]  # a field
    choices = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Of an ambiguous place: names to ask for instead, largest first",
    )
    pack = serializers.CharField(
        required=False, help_text="Of an expired cursor: the path of the pack to take instead"
    )


class ProblemSchema(AutoSchema):
    """Adds the refusals that a view names in ``refuses``, and those that any request may meet."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        refusals: dict[int, list[Refusal]] = {}
        for refusal in (*ALWAYS, *getattr(self.view, "refuses", ())):
            refusals.setdefault(refusal.status, []).append(refusal)
        for status, meanings in sorted(refusals.items()):
            titles = "; ".join(f"`{refusal.type}`: {refusal.title}" for refusal in meanings)
            responses.setdefault(str(status), self._problem(titles, meanings))
        responses["default"] = self._problem("Any other refusal", [])
        return responses

    def _problem(self, description: str, meanings: list[Refusal]) -> dict[str, Any]:
        content: dict[str, Any] = {"schema": self.resolve_serializer(Problem, "response").ref}
        if meanings:
            content["examples"] = {
                refusal.name: {"value": problem_body(refusal)} for refusal in meanings
            }
        return {"description": description, "content": {CONTENT_TYPE: content}}
