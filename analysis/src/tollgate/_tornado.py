"""What each unknown does to an outcome by itself: the table behind a tornado chart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from tollgate._dataset import draws
from tollgate._intervals import mean_interval
from tollgate._outcomes import text
from tollgate._sweep_design import factor_levels, factor_points, sweep_design
from tollgate._welfare import Outcome, outcome_values


def tornado(
    ds: xr.Dataset, outcome: Outcome, *, tail: float = 0.2, level: float = 0.95
) -> pd.DataFrame:
    """Effect of each unknown on an outcome, the largest first.

    From a sweep of design one_at_a_time: the mean of the outcome with one factor at its lowest and
    its highest value, all others at their centre. Differences are taken replica by replica, so
    that common noise drops out.

    From an ensemble: each drawn parameter by itself; means over the replicas with the lowest and
    with the highest draws of it, while all other parameters vary as they do. This is the mean
    given the parameter (as in main effects), and with parameters that are correlated it is that of
    the company too. From a sweep of design lhs or sobol the same, over points, of the factors.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    outcome
        As in `tollgate.outcome_values`.
    tail
        Of an ensemble: the share of replicas that is low, and high. Equal draws stay together, so
        that a tail of an unknown with few values may hold more, or, where one value is that of most
        replicas, fewer; with a single one there is no interval.
    level
        Of the intervals of the difference: Student's t over pairs of replicas in a sweep, Welch's
        for the two tails of an ensemble.

    Returns
    -------
    pandas.DataFrame
        A row for each parameter, by the size of the difference: `low`, `high` (value of the
        parameter; of a tail the mean of its draws; dates as days since 1970-01-01; of labels those
        with the least and the largest mean), `at_low`, `at_high` (mean of the outcome),
        `difference` = at_high - at_low with `difference_low` and `difference_high`, and `replicas`
        (pairs; of an ensemble the smaller tail). From an ensemble besides `rank_correlation`
        (Spearman's), its `p_value`, and `adjusted_p_value` for having looked at all parameters
        (Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x). `attrs`: `outcome`,
        `unit`, `centre` (mean at the centre, of an ensemble of all) and `method`, "one at a time"
        or "tails".

    Raises
    ------
    ValueError
        When a sweep has another design, or fewer than two replicas are in a tail.

    """
    values = outcome_values(ds, outcome)
    if "point" in ds.dims:
        design = text(ds.attrs["design"])
        if design == "one_at_a_time":
            table, centre, method = _one_at_a_time(ds, values, level)
        elif design in ("lhs", "sobol"):
            parameters, mean = sweep_design(ds).points, values.mean("replica").to_series()
            table, centre, method = _tails(parameters, mean, tail, level)
        else:
            raise ValueError(
                f"a sweep of design {design} does not change one factor alone, nor is it a sample; "
                'take design = "one_at_a_time", "lhs" or "sobol"'
            )
    else:
        table, centre, method = _tails(draws(ds), values.to_series(), tail, level)
    order = table.difference.abs().sort_values(ascending=False, na_position="last", kind="stable")
    table = table.loc[order.index]
    table.attrs = {
        "outcome": outcome if isinstance(outcome, str) else values.name,
        "unit": values.attrs.get("units", ""),
        "centre": centre,
        "method": method,
    }
    return table


def _one_at_a_time(
    ds: xr.Dataset, values: xr.DataArray, level: float
) -> tuple[pd.DataFrame, float, str]:
    x = factor_points(ds)
    changed = x.to_numpy() != x.to_numpy()[0]
    if (changed.sum(axis=1) > 1).any():
        raise ValueError(
            "some points differ from the first, the centre, in more than one factor; keep the "
            "order of the file"
        )
    y = values.values
    rows = {}
    for j, name in enumerate(x):
        own = np.append(0, np.flatnonzero(changed[:, j]))
        if len(own) == 1:
            continue
        is_label = ds[name].dtype.kind in "OUST"
        with np.errstate(invalid="ignore"):
            rank = np.nanmean(y[own], axis=1) if is_label else x[name].to_numpy()[own]
        low, high = own[np.nanargmin(rank)], own[np.nanargmax(rank)]
        both = np.isfinite(y[low]) & np.isfinite(y[high])
        difference = (y[high] - y[low])[both]
        n = difference.size
        difference_low, difference_high = mean_interval(difference, level)
        shown = factor_levels(ds, name) if is_label else None
        mean = difference.mean() if n else np.nan
        rows[name] = {
            "low": shown[int(x[name].iloc[low])] if shown else x[name].iloc[low],
            "high": shown[int(x[name].iloc[high])] if shown else x[name].iloc[high],
            "at_low": y[low][both].mean() if n else np.nan,
            "at_high": y[high][both].mean() if n else np.nan,
            "difference": mean,
            "difference_low": float(difference_low),
            "difference_high": float(difference_high),
            "replicas": n,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "parameter"
    return table, float(np.nanmean(y[0])), "one at a time"


def _tails(
    parameters: pd.DataFrame, y: pd.Series, tail: float, level: float
) -> tuple[pd.DataFrame, float, str]:
    if not 0 < tail <= 0.5:
        raise ValueError(f"tail is {tail:g}; it has to be above 0 and at most 0.5")
    if parameters.shape[1] == 0:
        raise ValueError("nothing is uncertain in this scenario, so there is nothing to compare")
    parameters, y = parameters.align(y[np.isfinite(y)], axis=0, join="inner")
    n = len(y)
    count = int(tail * n)
    if count < 2:
        raise ValueError(
            f"a tail of {tail:g} of {n} replicas holds {count}; run more replicas or widen it"
        )
    x, y = parameters.to_numpy(dtype=float), y.to_numpy()
    # Equal draws are all in a tail or all outside, so that their order does not matter. Where one
    # value reaches from tail to tail, what is below it is compared with what is above, or, where
    # nothing is on one side, the value itself with the other side.
    ordered = np.sort(x, axis=0)
    low_end, high_end = ordered[count - 1], ordered[-count]
    overlap = low_end >= high_end
    is_low = np.where(overlap & (low_end > ordered[0]), x < low_end, x <= low_end)
    is_high = np.where(overlap & (high_end < ordered[-1]), x > high_end, x >= high_end)
    varies = ordered[0] < ordered[-1]
    rows = {}
    for j in np.flatnonzero(varies):
        low, high = y[is_low[:, j]], y[is_high[:, j]]
        bounds = (np.nan, np.nan)
        if min(low.size, high.size) > 1:
            bounds = stats.ttest_ind(high, low, equal_var=False).confidence_interval(level)
        correlation = stats.spearmanr(x[:, j], y) if np.ptp(y) > 0 else None
        rows[parameters.columns[j]] = {
            "low": x[is_low[:, j], j].mean(),
            "high": x[is_high[:, j], j].mean(),
            "at_low": low.mean(),
            "at_high": high.mean(),
            "difference": high.mean() - low.mean(),
            "difference_low": bounds[0],
            "difference_high": bounds[1],
            "replicas": min(low.size, high.size),
            "rank_correlation": correlation.statistic if correlation else np.nan,
            "p_value": correlation.pvalue if correlation else np.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "parameter"
    table["adjusted_p_value"] = (
        stats.false_discovery_control(table.p_value) if np.ptp(y) > 0 else np.nan
    )
    return table, float(y.mean()), "tails"
