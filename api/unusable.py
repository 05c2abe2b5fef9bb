"""Which exceptions say that a request names what nothing can be: for pages that do not check first.

The admin takes filters, keys and texts from the URL as they come. A key that is none, a filter that
there is not, a text with a NUL break there; whoever sent it has to send something else.
"""

from types import TracebackType

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Field

READS_VALUES = {"to_python", "get_prep_value"}  # of a model's field


def is_unusable(exc: BaseException) -> bool:
    """Whether it was raised by a value that no row can hold, and not by a mistake of ours."""
    if isinstance(exc, IncorrectLookupParameters):
        return True
    if isinstance(exc, (ValueError, DataError)) and "(0x00)" in str(exc):
        return True
    return isinstance(exc, (ValidationError, ValueError)) and _read_by_a_field(exc.__traceback__)


def _read_by_a_field(trace: TracebackType | None) -> bool:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_name not in READS_VALUES:
        return False
    return isinstance(trace.tb_frame.f_locals.get("self"), Field)
