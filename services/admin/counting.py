"""What an account may do only so often: bring files in, and reset how others sign in.

Whoever has the rights may do both; somebody who stole the account shall not without end. What
cannot be counted is not done.
"""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from services.admin.limits import COME_BACK_S
from services.admin.scope import account_of
from services.limits import Limit, LimitReachedError, LimitsAwayError, limited

HOUR = dt.timedelta(hours=1)
FILES = Limit("file to import", 60, HOUR)  # reading one may take two seconds of a processor
RESETS = Limit("reset of a sign-in", 20, HOUR)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not done now, and after how many seconds it may be tried again."""

    why: str
    status: int
    wait_s: int

    def mark(self, response: HttpResponse) -> HttpResponse:
        """The page that tells it, with its status."""
        response.status_code = self.status
        response["Retry-After"] = str(self.wait_s)
        return response


def refused(request: HttpRequest, limit: Limit) -> Refusal | None:
    """Count it for the account that asks; None if it may be done."""
    try:
        with limited() as take:
            take(limit, f"account {account_of(request).pk}")
    except LimitReachedError as reached:
        minutes = -(-reached.wait // 60)
        return Refusal(f"{limit.most} within the hour: go on in {minutes} min.", 429, reached.wait)
    except LimitsAwayError:
        return Refusal("This cannot be counted right now. Try again soon.", 503, COME_BACK_S)
    return None
