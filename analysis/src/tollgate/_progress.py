"""A line that says how far the program is: in a notebook, in a terminal, or not at all."""

from __future__ import annotations

import re
import sys
from typing import Any

_PROGRESS = re.compile(r"^\d+ of \d+ replicas, .* left$")


class ProgressLine:
    """Shows the program's lines of progress in one place.

    Parameters
    ----------
    is_wanted
        None: in a notebook and in a terminal.

    """

    def __init__(self, is_wanted: bool | None = None) -> None:
        self._handle: Any = None
        self._is_notebook = _in_notebook()
        is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._is_shown = (self._is_notebook or is_terminal) if is_wanted is None else is_wanted
        self._end = "" if is_terminal else "\n"
        self._is_open = False

    def show(self, line: str) -> bool:
        """Show a line if it is one of progress, and say whether it is."""
        if not _PROGRESS.match(line):
            return False
        if self._is_shown:
            self._write(line)
        return True

    def finish(self) -> None:
        """Take the line away."""
        if self._handle is not None:
            from IPython.display import Pretty

            self._handle.update(Pretty(""))
        if self._is_open and not self._end:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        self._is_open = False

    def _write(self, line: str) -> None:
        if not self._is_notebook:
            start = "" if self._end else "\r\033[K"
            print(f"{start}{line}", end=self._end, file=sys.stderr, flush=True)
            self._is_open = True
            return
        from IPython.display import Pretty, display

        if self._handle is None:
            self._handle = display(Pretty(line), display_id=True)
        else:
            self._handle.update(Pretty(line))


def _in_notebook() -> bool:
    """Whether a kernel shows what is displayed: IPython in a terminal is a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
