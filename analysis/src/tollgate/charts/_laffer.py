"""Laffer curves: what a levy brings against its rate, and where it brings most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from tollgate._intervals import mean_interval
from tollgate._outcomes import outcomes
from tollgate.charts import _style as style

_RESAMPLES = 2000


def laffer_table(
    sweep: xr.Dataset, *, outcome: str = "levy_receipts", factor: str | None = None
) -> pd.DataFrame:
    """Reduce a sweep over a levy's rate to the curve of an outcome.

    Parameters
    ----------
    sweep
        From `tollgate.open` of a sweep over one number, with the same noise at all points.
    outcome
        Name as of `tollgate.outcomes`.
    factor
        Coordinate along `point`; may be left out when there is one.

    Returns
    -------
    pandas.DataFrame
        A row for each value of the factor, in order: mean, low and high (95% interval of the mean,
        Student's t), p25 and p75 over replicas, replicas, and best_share: the share of 2,000
        bootstrap samples of replicas (Efron 1979, doi:10.1214/aos/1176344552; fixed seed) in which
        the mean is largest there. `attrs` has unit and long_name.

    Raises
    ------
    ValueError
        When the dataset is no sweep, it cannot be told which factor is meant, or a value of the
        factor has more than one point.

    """
    factor = _the_factor(sweep, factor)
    values = outcomes(sweep, [outcome])[outcome].transpose("point", "replica")
    at = np.asarray(sweep[factor].values, dtype=float)
    if len(np.unique(at)) < len(at):
        raise ValueError(
            f"some values of {factor} have more than one point, as other factors vary too; select "
            "one value of each of these first: ds.isel(point=ds.FACTOR == VALUE)"
        )
    order = np.argsort(at, kind="stable")
    numbers = values.values[order]
    count = np.isfinite(numbers).sum(axis=1)
    mean = np.nanmean(numbers, axis=1)
    low, high = mean_interval(numbers.T, 0.95)
    lower, upper = np.nanquantile(numbers, [0.25, 0.75], axis=1)
    table = pd.DataFrame(
        {
            "mean": mean,
            "low": low,
            "high": high,
            "p25": lower,
            "p75": upper,
            "replicas": count,
            "best_share": _how_often_best(numbers),
        },
        index=pd.Index(at[order], name=factor),
    )
    table.attrs = {
        "unit": values.attrs["units"],
        "long_name": values.attrs["long_name"],
        "key": sweep[factor].attrs.get("key", factor),
    }
    return table


def laffer_curve(table: pd.DataFrame, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the curve with the interval of the mean, and mark where it is highest.

    Parameters
    ----------
    table
        From `laffer_table`.
    ax
        Axes to draw on; a new figure by default.
    title
        Instead of the long name of the outcome.

    Returns
    -------
    matplotlib.axes.Axes
        The grey bar at the bottom spans the values that are best in at least 95% of bootstrap
        samples of replicas, the most frequent first.

    """
    ax = style.new_axes(ax)
    at = table.index.to_numpy()
    ax.fill_between(at, table.p25, table.p75, color="0.5", alpha=0.18, linewidth=0)
    ax.fill_between(at, table.low, table.high, color=style.COLOURS[0], alpha=0.35, linewidth=0)
    ax.plot(at, table["mean"], color=style.COLOURS[0], linewidth=1.8, marker="o", markersize=4)
    style.frame(ax, title or table.attrs.get("long_name", ""), table.attrs.get("unit", ""))
    ax.set_xlabel(table.attrs.get("key", table.index.name))
    ax.margins(x=0.02)
    low, high = best_range(table)
    best = table["mean"].idxmax()
    bottom, top = ax.get_ylim()
    bottom = min(bottom, 0.0)
    ax.set_ylim(bottom, top + 0.12 * (top - bottom))
    ax.plot([low, high], [bottom] * 2, color=style.QUIET, linewidth=7, solid_capstyle="butt")
    ax.plot(best, table["mean"].max(), marker="D", color="black", markersize=7)
    here = f"highest mean at {best:g}"
    span = f"95%: {low:g} to {high:g}" if high > low else "in at least 95% of resamples"
    centre = (at[0] + at[-1]) / 2
    ax.annotate(
        f"{here}\n({span}, grey bar)",
        (best, table["mean"].max()),
        xytext=(-8 if best > centre else 8, 8),
        textcoords="offset points",
        ha="right" if best > centre else "left",
        va="bottom",
        fontsize=9,
    )
    style.source_line(
        ax,
        f"Mean with its 95% interval (blue) and the middle half of {int(table.replicas.min())} "
        "replicas a point (grey). tollgate",
        below=38,
    )
    return ax


def best_range(table: pd.DataFrame, level: float = 0.95) -> tuple[float, float]:
    """Span the values that together are best in `level` of the bootstrap samples."""
    ranked = table.best_share.sort_values(ascending=False, kind="stable")
    needed = ranked.index[: int((ranked.cumsum() < level - 1e-12).sum()) + 1]
    return float(needed.min()), float(needed.max())


def _the_factor(sweep: xr.Dataset, factor: str | None) -> str:
    if "point" not in sweep.dims:
        raise ValueError("a Laffer curve needs a sweep; `tollgate sweep levy-rates` makes one")
    names = [str(name) for name in sweep.coords if "key" in sweep[name].attrs]
    if factor is None and len(names) != 1:
        raise ValueError(f"name the factor: the sweep has {', '.join(names) or 'none'}")
    factor = factor or names[0]
    if factor not in sweep.coords:
        raise ValueError(f"the sweep has no factor {factor!r}; it has {', '.join(names)}")
    if not np.issubdtype(sweep[factor].dtype, np.number):
        raise ValueError(f"the factor {factor!r} is a label, not a number")
    return factor


def _how_often_best(numbers: np.ndarray) -> np.ndarray:
    """Share of bootstrap samples of replicas in which each point has the largest mean."""
    rng = np.random.default_rng(20251208)
    replicas = numbers.shape[1]
    drawn = rng.multinomial(replicas, np.full(replicas, 1 / replicas), size=_RESAMPLES)
    known = np.isfinite(numbers)
    weights = drawn @ known.T
    means = drawn @ np.where(known, numbers, 0).T / np.where(weights > 0, weights, np.nan)
    best = np.nanargmax(means, axis=1)
    return np.bincount(best, minlength=len(numbers)) / _RESAMPLES
