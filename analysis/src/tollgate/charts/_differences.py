"""Paired differences between policies, outcome by outcome, with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tollgate._format import signed, unit
from tollgate.charts import _style as style


def difference_chart(
    comparison: pd.DataFrame,
    *,
    reference: str = "the reference",
    figure: Figure | SubFigure | None = None,
    title: str | None = None,
) -> Figure | SubFigure:
    """Draw what policies change, with the paired interval and, in grey, the unpaired one.

    Parameters
    ----------
    comparison
        From `tollgate.compare`: index (outcome, policy), columns reference_mean, mean, difference,
        low, high, unpaired_low, unpaired_high, unit.
    reference
        Name of the policy that the others are compared with.
    figure
        To draw on; a new one by default, as high as the rows need.
    title
        Instead of "Against REFERENCE".

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each policy. So that outcomes of all units fit on one axis, differences are
        in percent of the larger of the two means (of its absolute value): +100% is a value that
        was zero before. Intervals are cut at 150%.

    """
    table = comparison.reset_index()
    policies = list(dict.fromkeys(table.policy))
    outcomes = list(dict.fromkeys(table.outcome))
    figure = style.new_figure(figure, style.WIDE, difference_height(table, style.WIDE))
    shape = (len(policies), 1)
    panels = figure.subplots(*shape, sharex=True, squeeze=False).ravel()
    for ax, policy in zip(panels, policies, strict=True):
        rows = table[table.policy == policy].set_index("outcome").reindex(outcomes)
        _draw_rows(ax, rows)
        style.frame(ax, policy if len(policies) > 1 else "", "", grid="x")
    panels[-1].set_xlabel("difference, % of the larger mean")
    over = f"{policies[0]} against" if len(policies) == 1 else "Against"
    style.figure_title(figure, title or f"{over} {reference}")
    pairs = int(table.pairs.min()) if "pairs" in table else None
    of = f" of {pairs} pairs of replicas" if pairs else ""
    style.figure_source_line(
        figure,
        f"Mean differences{of} with 95% intervals: black paired, grey unpaired. Filled: the paired "
        "interval excludes zero. tollgate",
    )
    return figure


def difference_height(comparison: pd.DataFrame, width: float) -> float:
    """Height in inches that the rows need."""
    rows = len(comparison)
    policies = comparison.reset_index().policy.nunique()
    return (0.27 if width > 6 else 0.36) * rows + 0.5 * policies + 1.1


def _draw_rows(ax: Axes, rows: pd.DataFrame) -> None:
    narrow = style.is_narrow(ax)
    size = np.maximum(rows.reference_mean.abs(), rows["mean"].abs())
    scaled = rows[["difference", "low", "high", "unpaired_low", "unpaired_high"]].div(
        size.where(size > 0), axis=0
    )
    scaled = (100 * scaled).clip(-150, 150)
    at = np.arange(len(rows))
    ax.hlines(at, scaled.unpaired_low, scaled.unpaired_high, color="0.75", linewidth=5)
    ax.hlines(at, scaled.low, scaled.high, color="black", linewidth=1.4)
    apart = ((rows.low > 0) | (rows.high < 0)).to_numpy()
    middle = scaled.difference.to_numpy()
    for chosen, fill in ((apart, style.COLOURS[0]), (~apart, "white")):
        ax.plot(middle[chosen], at[chosen], "o", markersize=6, color="black", markerfacecolor=fill)
    ax.axvline(0, color=style.QUIET, linewidth=0.8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    labels = [
        str(name).replace(".", ".\n" if narrow and len(str(name)) > 18 else ".")
        for name in rows.index
    ]
    ax.set_yticks(at, labels, fontsize=8 if narrow else 9)
    ax.tick_params(axis="y", length=0)
    for i, row in zip(at, rows.itertuples(), strict=True):
        if np.isfinite(row.difference):
            words = f"{signed(row.difference)} {'' if narrow else unit(row.unit)}"
            ax.annotate(
                words.strip(),
                (1, i),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8 if narrow else 9,
                color="black" if apart[i] else style.QUIET,
            )
