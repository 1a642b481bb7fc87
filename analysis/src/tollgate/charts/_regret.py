"""Regret as a heat map: what each policy costs in each state of the world, against the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tollgate._format import number, percent
from tollgate.charts import _style as style


def regret_map(
    regret: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "Regret",
    unit: str = "",
) -> Axes:
    """Draw a regret table, policies below each other, states of the world side by side.

    Parameters
    ----------
    regret
        From `tollgate.regret`: rows are states of the world (replicas, or points of a sweep),
        columns policies; 0 where the policy is the best, else what it falls short of the best by.
    ax
        Axes to draw on; a new figure by default.
    title, unit
        Over the map, and of the numbers.

    Returns
    -------
    matplotlib.axes.Axes
        White is no regret, black the largest. Policies are in the order of their largest regret,
        the least first; states are sorted by which policy is best there (of equal ones the first),
        then by the sum of all regrets. At the right: how often the policy is best (ties count for
        all), mean and largest regret.

    """
    worst = regret.max().sort_values(kind="stable")
    table = regret[list(worst.index)].dropna()
    if table.empty:
        raise ValueError("no state of the world has a number for every policy")
    best = table.to_numpy().argmin(axis=1)
    order = np.lexsort((table.sum(axis=1).to_numpy(), best))
    shown = table.iloc[order].to_numpy().T
    policies, states = shown.shape
    ax = style.new_axes(ax, height=1.5 + 0.45 * policies)
    narrow = style.is_narrow(ax)
    ax.imshow(
        shown,
        aspect="auto",
        cmap="Greys",
        vmin=0,
        vmax=max(float(shown.max()), 1e-300),
        interpolation="nearest",
    )
    style.frame(ax, title, "", grid="")
    ax.spines[["left", "bottom"]].set_visible(False)
    for edge in np.arange(1, policies) - 0.5:
        ax.axhline(edge, color="white", linewidth=2)
    ax.set_yticks(np.arange(policies), [str(name) for name in table.columns])
    ax.tick_params(length=0)
    ax.set_xticks([])
    break_line = "\n" if narrow else " "
    ax.set_xlabel(
        f"{states} states of the world,{break_line}sorted by the policy that is best there"
    )
    how_often = (table == 0).mean().to_numpy()
    lines = ["best in, mean,\nlargest"] if narrow else ["best in, mean, largest"]
    for i in range(policies):
        values = shown[i]
        lines.append(f"{percent(how_often[i])}, {number(values.mean())}, {number(values.max())}")
    for place, text in zip([-0.75, *range(policies)], lines, strict=True):
        ax.annotate(
            text,
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="bottom" if place < 0 else "center",
            fontsize=8 if narrow else 9,
            color=style.QUIET if place < 0 else "black",
        )
    in_unit = f" in {unit}" if unit and unit != "1" else ""
    style.source_line(
        ax,
        f"What a policy falls short of the best one in the same state{in_unit}: white none, "
        f"black {number(float(shown.max()))}. tollgate",
        below=38 if narrow else 24,
    )
    return ax
