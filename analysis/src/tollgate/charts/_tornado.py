"""Tornado charts: how far each assumption moves an outcome."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tollgate._format import number
from tollgate.charts import _style as style


def tornado_chart(
    table: pd.DataFrame,
    *,
    baseline: float | None = None,
    most: int = 12,
    ax: Axes | None = None,
    title: str | None = None,
    unit: str = "",
) -> Axes:
    """Draw the outcome at a low and at a high value of each parameter, widest first.

    Parameters
    ----------
    table
        From `tollgate.tornado`: index parameter (or factor), columns low and high (values of the
        parameter), at_low and at_high (mean of the outcome there).
    baseline
        Where the bars meet; `table.attrs["centre"]` by default.
    most
        How many parameters.
    ax
        Axes to draw on; a new figure by default.
    title, unit
        What the outcome is, and its unit; outcome and unit of `table.attrs` by default.

    Returns
    -------
    matplotlib.axes.Axes
        Dark bars lead to the parameter's low value, light ones to its high value; both ends say
        that value.

    """
    swing = (table.at_high - table.at_low).abs().sort_values(ascending=False, kind="stable")
    rows = table.loc[swing.index[:most]]
    rows = rows[rows[["at_low", "at_high"]].notna().all(axis=1)]
    if baseline is None:
        baseline = float(table.attrs.get("centre", rows[["at_low", "at_high"]].to_numpy().mean()))
    ax = style.new_axes(ax, height=1.4 + 0.36 * len(rows))
    narrow = style.is_narrow(ax)
    at = np.arange(len(rows))
    ends = (("at_low", "low", style.COLOURS[0]), ("at_high", "high", "#F0C27A"))
    for column, value, colour in ends:
        ax.barh(at, rows[column] - baseline, left=baseline, height=0.62, color=colour)
        for i, row in zip(at, rows.itertuples(), strict=True):
            end = getattr(row, column)
            outwards = 1 if end >= baseline else -1
            ax.annotate(
                number(getattr(row, value)),
                (end, i),
                xytext=(3 * outwards, 0),
                textcoords="offset points",
                ha="left" if outwards > 0 else "right",
                va="center",
                fontsize=7 if narrow else 8,
            )
    ax.axvline(baseline, color="black", linewidth=0.9)
    unit = unit or table.attrs.get("unit", "")
    style.frame(ax, title or str(table.attrs.get("outcome") or ""), "", grid="x")
    ax.set_xlabel("" if unit == "1" else unit)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    names = [_broken(str(name), 22 if narrow else 44) for name in rows.index]
    ax.set_yticks(at, names, fontsize=7 if narrow else 9)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.14)
    style.source_line(
        ax,
        "Dark: at the parameter's low value, light: at its high value, both written at the ends. "
        "tollgate",
        below=38,
    )
    return ax


def _broken(name: str, width: int) -> str:
    """Break a key after its dots and underscores where it is too long for a line."""
    parts = name.replace(".", ". ").replace("_", "_ ")
    lines = textwrap.wrap(parts, width, break_long_words=False)
    return "\n".join(line.replace(". ", ".").replace("_ ", "_") for line in lines)
