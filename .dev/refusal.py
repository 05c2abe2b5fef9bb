"""What we tell the person instead of a traceback."""


class Refusal(Exception):  # noqa: N818 - it is an answer to the person, not a fault of the program
    """The command stops here; the message says what to do about it."""
