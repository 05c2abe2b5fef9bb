"""Why a file is not applied. Each of these leaves every site and service as it was."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.imports.report import Report


class ImportProblemError(Exception):
    """A file was not applied. The text says why, and what to do.

    Attributes:
        report: what had been read until then, if a run was begun.
    """

    report: "Report | None" = None


class FileRefusedError(ImportProblemError):
    """The file as a whole cannot be read: broken, empty, too large, or of another shape."""


class ImportHeldError(ImportProblemError):
    """The file would retire too much, so it waits for a person's word."""


class ImportBusyError(ImportProblemError):
    """Another import of the same source is under way."""


class RowRefusedError(ImportProblemError):
    """One row cannot become a listing.

    Attributes:
        not_ours: the row is sound but offers none of our kinds of help.
    """

    def __init__(self, reason: str, *, not_ours: bool = False) -> None:
        """Keep the reason as the report shows it."""
        super().__init__(reason)
        self.not_ours = not_ours
