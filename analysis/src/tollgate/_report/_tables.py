"""Tables of a report: as HTML and as CSV, from one frame."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table: what it is called, its frame, and how its cells are written in the page.

    The CSV has the numbers of the frame as they are; the page may show fewer rows and columns.
    """

    name: str  # of the CSV file, without its ending
    caption: str
    frame: pd.DataFrame
    formats: dict[str, Callable[[object], str]] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    folded: bool = False  # behind a line to open
    shown: pd.DataFrame | None = None  # in the page instead, written for people

    @cached_property
    def csv(self) -> str:
        """The whole frame."""
        plain = isinstance(self.frame.index, pd.RangeIndex)
        return self.frame.to_csv(index=not plain, lineterminator="\n")

    @cached_property
    def link(self) -> str:
        """Address that holds the CSV."""
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(self.csv.encode()).decode()

    @cached_property
    def head(self) -> list[str]:
        """Names of the columns of the page, the index first."""
        return [*self._index_names(), *self._shown()]

    @cached_property
    def index_columns(self) -> int:
        """How many columns of the page are the index."""
        return len(self._index_names())

    @cached_property
    def body(self) -> list[list[str]]:
        """Cells of the page, written out."""
        rows = []
        for label, row in self._page_frame.iterrows():
            labels = list(label) if isinstance(label, tuple) else [label]
            cells = [] if not self.index_columns else [str(part) for part in labels]
            for name in self._shown():
                write = self.formats.get(name, _plain)
                cells.append(write(row[name]))
            rows.append(cells)
        return rows

    @cached_property
    def is_number(self) -> list[bool]:
        """Which columns of the page stand to the right."""
        kinds = [False] * self.index_columns
        for name in self._shown():
            kinds.append(_looks_numeric(self._page_frame[name]))
        return kinds

    @cached_property
    def _page_frame(self) -> pd.DataFrame:
        return self.frame if self.shown is None else self.shown

    def _shown(self) -> list[str]:
        return list(self.columns if self.columns is not None else self._page_frame.columns)

    def _index_names(self) -> list[str]:
        index = self._page_frame.index
        return [] if isinstance(index, pd.RangeIndex) else [str(name or "") for name in index.names]


def _looks_numeric(column: pd.Series) -> bool:
    """Numbers, or numbers written out."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return False
    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    return (
        len(column) > 0
        and column.astype(str).str.fullmatch(r"[-+<>]?\d*\.?\d*( x|%)?( to \S+)?").all()
    )


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (isinstance(value, float) and value != value):
        return "-"
    return str(value)
