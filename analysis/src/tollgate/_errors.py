"""What can go wrong, said so that the reader knows what to do."""

from __future__ import annotations


class TollgateError(Exception):
    """Any error of this package that is not a plain mistake in an argument."""


class TollgateFileError(TollgateError, OSError):
    """A file that is not there, not ours, too new, unfinished, or one of several that do not fit.

    The message says what the file is and what to do.
    """


class TollgatePairingError(TollgateError, ValueError):
    """Runs that do not share their luck, so that their replicas cannot be compared one by one."""


class TollgateRunError(TollgateError, RuntimeError):
    """The program was not found, or ended with an error.

    Attributes
    ----------
    status : int or None
        Exit status of the program: 2 for a mistake in the scenario or the arguments, 1 for a fault
        of the program, negative for a signal that killed it; None when it did not start.
    text : str
        What the program wrote on standard error.

    """

    def __init__(self, message: str, *, status: int | None = None, text: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.text = text
