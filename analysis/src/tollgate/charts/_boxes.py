"""Boxes of scenario discovery (PRIM): where in the unknowns the cases of interest lie."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle

from tollgate._format import number, percent
from tollgate.charts import _style as style


def box_chart(
    limits: pd.DataFrame,
    parameters: pd.DataFrame,
    of_interest: pd.Series,
    *,
    figure: Figure | SubFigure | None = None,
    title: str = "Where it happens",
) -> Figure | SubFigure:
    """Draw a box: its limits on each parameter, and the cases over the two that restrict most.

    Parameters
    ----------
    limits
        Of a `tollgate.find_boxes` box: index parameter, columns low and high; a row for each
        parameter that the box restricts.
    parameters
        Drawn values, a row for each case, a column for each parameter (`tollgate.draws`).
    of_interest
        True for the cases that the box should hold. Cases that only this or the parameters have,
        or without an answer (NaN), are left out.
    figure
        To draw on; a new one by default.
    title
        Over the panels.

    Returns
    -------
    matplotlib.figure.Figure
        Left, or above: cases of interest as filled dots, others as rings; the box is dashed. Right,
        or below: the limits of each parameter over the range of its draws.

    """
    parameters, of_interest = parameters.align(of_interest.dropna(), axis=0, join="inner")
    inside_each = pd.DataFrame(
        {name: parameters[name].between(row.low, row.high) for name, row in limits.iterrows()}
    )
    limits = limits.loc[inside_each.mean().sort_values(kind="stable").index]
    figure = style.new_figure(figure, style.WIDE, 4.2)
    shape = (2, 1) if style.is_narrow(figure) else (1, 2)
    cases, bars = figure.subplots(*shape, squeeze=False).ravel()
    wanted = of_interest.to_numpy(dtype=bool)
    _draw_cases(cases, limits, parameters, wanted)
    _draw_limits(bars, limits, parameters)
    inside = inside_each.all(axis=1).to_numpy()
    density = wanted[inside].mean() if inside.any() else float("nan")
    coverage = (wanted & inside).sum() / max(wanted.sum(), 1)
    style.figure_title(figure, title)
    style.figure_source_line(
        figure,
        f"Filled: the {wanted.sum()} cases of interest among {len(wanted)}. In the box "
        f"{percent(density)} are of interest (everywhere {percent(wanted.mean())}); it holds "
        f"{percent(coverage)} of them. tollgate",
    )
    return figure


def _draw_cases(
    ax: style.Axes, limits: pd.DataFrame, parameters: pd.DataFrame, wanted: np.ndarray
) -> None:
    names = list(limits.index[:2])
    x = parameters[names[0]].to_numpy(dtype=float)
    if len(names) > 1:
        y, y_name = parameters[names[1]].to_numpy(dtype=float), names[1]
        low, high = limits.loc[names[1], ["low", "high"]]
    else:
        y, y_name = np.arange(len(x), dtype=float), "case"
        low, high = 0.0, float(len(x))
    ax.plot(x[~wanted], y[~wanted], "o", markersize=3.5, color="0.55", fillstyle="none")
    ax.plot(x[wanted], y[wanted], "o", markersize=4, color=style.COLOURS[1])
    left, right = limits.loc[names[0], ["low", "high"]]
    left, right = max(left, x.min()), min(right, x.max())
    low, high = max(low, y.min()), min(high, y.max())
    ax.add_patch(
        Rectangle((left, low), right - left, high - low, fill=False, linewidth=1.6, linestyle="--")
    )
    style.frame(ax, "", _short(y_name), grid="")
    ax.set_xlabel(_short(names[0]))


def _draw_limits(ax: style.Axes, limits: pd.DataFrame, parameters: pd.DataFrame) -> None:
    for i, (name, row) in enumerate(limits.iterrows()):
        values = parameters[name]
        least, most = float(values.min()), float(values.max())
        span = (most - least) or 1.0
        low, high = max(row.low, least), min(row.high, most)
        left, width = (low - least) / span, (high - low) / span
        ax.barh(i, 1, height=0.3, color="0.9")
        ax.barh(i, width, left=left, height=0.3, color=style.COLOURS[0])
        ax.annotate(_short(str(name)), (0, i - 0.24), fontsize=8, va="bottom")
        for at, value, side in ((left, low, "left"), (left + width, high, "right")):
            ax.annotate(
                number(value),
                (at, i + 0.2),
                fontsize=8,
                ha=side if width > 0.25 else ("right" if side == "left" else "left"),
                va="top",
            )
    ax.set_ylim(len(limits) - 0.3, -0.8)
    ax.set_xlim(-0.02, 1.02)
    ax.set_axis_off()


def _short(name: str) -> str:
    """Keep the end of a long key, which tells most."""
    return name if len(name) <= 34 else "..." + name[-32:]
