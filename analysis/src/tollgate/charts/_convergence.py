"""Convergence: how an estimate settles as replicas are added."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from scipy import stats

from tollgate._format import unit
from tollgate.charts import _style as style

_FIRST = 5  # an interval of fewer is wider than the picture


def convergence_chart(
    values: xr.DataArray, *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw the mean of the first n replicas with its 95% interval, against n.

    Parameters
    ----------
    values
        With dimension replica, such as the difference of an outcome between two policies.
    ax
        Axes to draw on; a new figure by default.
    title
        Instead of the long name.

    Returns
    -------
    matplotlib.axes.Axes
        The dotted line is the mean of all. Intervals are Student's t.

    """
    numbers = values.values[np.isfinite(values.values)]
    ax = style.new_axes(ax, height=3.2)
    n = np.arange(1, numbers.size + 1)
    mean = np.cumsum(numbers) / n
    centred = numbers - numbers.mean()
    squares = np.cumsum(centred**2) - n * (np.cumsum(centred) / n) ** 2
    shown = n >= min(_FIRST, numbers.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.maximum(squares, 0) / (n - 1) / n)
        half = stats.t.ppf(0.975, n - 1) * error
    ax.fill_between(
        n[shown],
        (mean - half)[shown],
        (mean + half)[shown],
        color=style.COLOURS[0],
        alpha=0.3,
        linewidth=0,
    )
    ax.plot(n[shown], mean[shown], color=style.COLOURS[0], linewidth=1.6)
    if numbers.size:
        ax.axhline(numbers.mean(), color="black", linewidth=0.9, linestyle=":")
    ax.axhline(0, color=style.QUIET, linewidth=0.6)
    label = unit(values.attrs.get("units", "1"))
    style.frame(ax, title or values.attrs.get("long_name", ""), label)
    ax.set_xlabel("replicas")
    ax.margins(x=0.01)
    return ax
