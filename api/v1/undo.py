"""What moderators do when an account went astray: undo its acts, take back a report."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from api.accounts import AccountView, signed_in
from api.answers import JSON, as_json
from api.bodies import json_object
from api.fields import Field, Moment, Text
from api.parameters import refuse_unknown
from api.refusals import INVALID, FieldError, RefusedError
from api.report_fields import read_all
from api.v1.history import NO_BODY, NOT_KEPT, refuse_fields
from api.v1.history_shapes import UndoAnswer, WithdrawnReport, told_result
from api.v1.reports import body_schema
from services.models import User
from services.undoing import undo_account, withdraw_report

UNDO: dict[str, Field] = {
    "username": Text("Whose acts.", 150),
    "since": Moment("From when on, RFC 3339 with an offset."),
}
NEEDED = tuple(UNDO)


class AccountUndo(AccountView):
    """Undoes what one account did."""

    refuses = NO_BODY

    @extend_schema(
        operation_id="undo_account",
        summary="Undo what an account did",
        tags=["history"],
        request={JSON: body_schema(UNDO, *NEEDED)},
        responses={(200, JSON): UndoAnswer},
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        """For moderators; for all others nothing is here.

        Puts back the account's changes since a moment, newest first, ends its closings, takes back
        its reports and rejects what it asked for and nobody decided. What somebody else changed
        since stays. It does not lock the account out.
        """
        moderator = signed_in(request)
        if not moderator.moderates:
            raise Http404
        refuse_unknown(request, ())
        values = read_all(json_object(request), UNDO, NEEDED)
        account = User.objects.filter(username=values.get("username")).first()
        if account is None or "since" not in values:
            raise RefusedError(INVALID, errors=[_missing(values.get("since") is None)])
        done = undo_account(account=account, since=values["since"], by=moderator)
        told = told_result(done) | {
            "change_sets": done.change_sets,
            "closings": done.closings,
            "reports": done.reports,
            "held": done.held,
        }
        return HttpResponse(as_json(told), content_type=JSON, headers=NOT_KEPT)


def _missing(no_moment: bool) -> FieldError:  # noqa: FBT001
    if no_moment:
        return FieldError("since", "required", "This must be sent.")
    return FieldError("username", "not_found", "No account has this name.")


class ReportWithdraw(AccountView):
    """Takes one report back."""

    refuses = NO_BODY

    @extend_schema(
        operation_id="withdraw_report",
        summary="Take a report back",
        tags=["reports"],
        request=None,
        responses={(200, JSON): WithdrawnReport},
    )
    def post(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:  # noqa: A002 - the contract's name
        """For moderators; for all others nothing is here. As if it had never come.

        The service says again what was known without it. Again: the same answer.
        """
        moderator = signed_in(request)
        if not moderator.moderates:
            raise Http404
        refuse_fields(request)
        report = withdraw_report(report_id=id, by=moderator)
        told = {
            "id": str(report.pk),
            "service": str(report.service_id),
            "withdrawn_at": report.withdrawn_at,
        }
        return HttpResponse(as_json(told), content_type=JSON, headers=NOT_KEPT)
