"""What keeps a file, or one cell of it, from being taken. Each message says what to do."""


class FileRefusedError(ValueError):
    """The file as a whole cannot be read."""


class CellRefusedError(ValueError):
    """One cell cannot be true, or cannot be read. ``column`` is empty if the whole row is meant."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column
