"""Policies compared: differences of outcomes, replica by replica, with what pairing bought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._intervals import (
    bootstrap_interval,
    mean_interval,
    welch_interval,
    wilson_interval,
)
from tollgate._outcomes import outcomes
from tollgate._pairing import as_policies, check_paired, check_period, shared_replicas

_HINT = (
    "run both with the same seed and sampling; paired=False compares them as independent samples"
)
Datasets = Mapping[str, xr.Dataset] | xr.Dataset
Series = str | Callable[[xr.Dataset], xr.DataArray]


def compare(
    datasets: Datasets,
    reference: str | None = None,
    names: str | Iterable[str] | None = None,
    level: float = 0.95,
    *,
    interval: Literal["t", "bca"] = "t",
    paired: bool = True,
) -> pd.DataFrame:
    """Compare outcomes of policies with those of one of them, replica by replica.

    Parameters
    ----------
    datasets
        Datasets by the name of their policy; or one dataset that `by_policy` splits.
    reference
        What the others are compared with; the first by default.
    names
        Outcomes, of `tollgate.outcomes`, or one of them; by default all that every policy has and
        that are not zero throughout.
    level
        Of confidence of each interval by itself.
    interval
        "t": Student's t on the differences of pairs. "bca": bootstrap of pairs, which does not
        take the mean for normal; for few replicas with a long tail.
    paired
        False compares independent samples: low and high are then Welch's interval, pairs is 0, and
        the probability is that of a replica of one against a replica of the other
        (Mann and Whitney 1947, doi:10.1214/aoms/1177730491), without an interval.

    Returns
    -------
    pandas.DataFrame
        Index (outcome, policy), policies without the reference. Columns reference_mean and mean
        over the replicas compared; difference of the means, policy less reference, with low and
        high; unpaired_low and unpaired_high, the interval that independent samples of the same
        size would have (Welch); probability_greater, the share of replicas in which the policy's
        value is greater, with probability_low and probability_high (Wilson), and
        probability_equal, the share in which both are the same; pairs; variance_ratio, the
        variance of the difference without pairing over that with it, which is how many times more
        replicas independent runs would need for the same interval; unit.
        Replicas in which either has no number are left out of the row.

    Raises
    ------
    TollgatePairingError
        When the runs do not share their luck, or not their quarters.
    KeyError
        When there is no such reference, or no such outcome.

    """
    policies = as_policies(datasets)
    reference = _reference(policies, reference)
    _check_level(level)
    if interval not in ("t", "bca"):
        raise ValueError(f"interval is {interval!r}; allowed is 't' or 'bca'")
    chosen = [names] if isinstance(names, str) else None if names is None else list(names)
    values = {name: outcomes(ds, chosen).compute() for name, ds in policies.items()}
    common = chosen or [n for n in values[reference] if all(n in v for v in values.values())]
    rows = {}
    for name, ds in policies.items():
        if name == reference:
            continue
        base = policies[reference]
        if paired:
            check_paired(reference, base, name, ds, hint=_HINT)
        else:
            check_period(reference, base, name, ds)
        for outcome in common:
            a, b = values[reference][outcome], values[name][outcome]
            if paired:
                replicas = shared_replicas(base, ds)
                a, b = a.sel(replica=replicas), b.sel(replica=replicas)
            row = _row(a.values, b.values, level, interval, paired)
            if chosen or row.pop("is_telling"):
                row.pop("is_telling", None)
                rows[outcome, name] = {**row, "unit": a.attrs["units"]}
    order = [(o, p) for o in common for p in policies if (o, p) in rows]
    return pd.DataFrame(
        [rows[key] for key in order],
        index=pd.MultiIndex.from_tuples(order, names=["outcome", "policy"]),
        columns=_COLUMNS,
    )


_COLUMNS = [
    "reference_mean",
    "mean",
    "difference",
    "low",
    "high",
    "unpaired_low",
    "unpaired_high",
    "probability_greater",
    "probability_low",
    "probability_high",
    "probability_equal",
    "pairs",
    "variance_ratio",
    "unit",
]


def _row(a: np.ndarray, b: np.ndarray, level: float, interval: str, paired: bool) -> dict:
    if paired:
        there = np.isfinite(a) & np.isfinite(b)
        a, b = a[there], b[there]
    else:
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    row = {
        "reference_mean": a.mean() if a.size else np.nan,
        "mean": b.mean() if b.size else np.nan,
        "is_telling": bool(a.any() or b.any()),
    }
    row["difference"] = row["mean"] - row["reference_mean"]
    low, high = welch_interval(a, b, level) if min(a.size, b.size) > 1 else (np.nan, np.nan)
    row |= {"unpaired_low": float(low), "unpaired_high": float(high)}
    if not paired:
        greater = np.greater.outer(b, a).mean() if a.size and b.size else np.nan
        equal = np.equal.outer(b, a).mean() if a.size and b.size else np.nan
        return row | {
            "low": float(low),
            "high": float(high),
            "probability_greater": greater,
            "probability_equal": equal,
            "pairs": 0,
        }
    d = b - a
    row["difference"] = d.mean() if d.size else np.nan
    bounds = mean_interval(d, level) if interval == "t" else bootstrap_interval(d, level)
    row["low"], row["high"] = map(float, bounds)
    wins = int((d > 0).sum())
    row["probability_low"], row["probability_high"] = wilson_interval(wins, d.size, level)
    row["probability_greater"] = wins / d.size if d.size else np.nan
    row["probability_equal"] = float((d == 0).mean()) if d.size else np.nan
    row["pairs"] = d.size
    row["variance_ratio"] = float(variance_ratio(a, b)) if d.size > 1 else np.nan
    return row


def variance_ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Variance of a difference of means without pairing over that with it, along the first axis.

    (var a + var b) / var(b - a): how many times more replicas independent runs need for an
    interval of the same width.

    Parameters
    ----------
    a, b
        Of one shape, pairs along the first axis, two or more; finite.

    Returns
    -------
    numpy.ndarray
        Of the shape of the other axes. Infinite where the difference does not vary but a or b
        does, NaN where nothing varies.

    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return (a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / (b - a).var(axis=0, ddof=1)


def compare_by_quarter(
    datasets: Datasets,
    series: Series,
    reference: str | None = None,
    level: float = 0.95,
) -> xr.Dataset:
    """Compare a series of policies with that of one of them, quarter by quarter and cumulated.

    Parameters
    ----------
    datasets, reference
        As for `compare`.
    series
        Name of a variable, summed over its axes beside replica and time, for counts, money and
        compute; or a function from a dataset to an array with dimensions replica and time:
        `lambda ds: ds.revenue.sel(region="china").sum("vendor")`.
    level
        Of confidence of each quarter by itself, not of all together.

    Returns
    -------
    xarray.Dataset
        Dimensions policy (without the reference) and time. `reference_mean` (time), `mean`,
        `difference` (policy less reference, mean over replicas), `low` and `high` (Student's t on
        pairs), `unpaired_low` and `unpaired_high` (Welch), and of a flow `cumulated`,
        `cumulated_low`, `cumulated_high` of the sum up to and with the quarter. What is cumulated
        is each replica's difference, so that its interval knows how quarters hang together.
        A level (cell_methods "time: point") is not cumulated. Units are those of the series.
        Pairs in which either has no number are left out of the quarter; such a series has no
        cumulated values after it.

    Raises
    ------
    TollgatePairingError
        As `compare`.
    ValueError
        When the series has other dimensions than replica and time, or a variable cannot be summed
        (prices over chips), or units differ, as of runs in cents and in US dollars.

    """
    policies = as_policies(datasets)
    reference = _reference(policies, reference)
    _check_level(level)
    base = policies[reference]
    others = [name for name in policies if name != reference]
    told: dict[str, list[np.ndarray]] = {}
    attrs: dict[str, str] = {}
    for name in others:
        ds = policies[name]
        check_paired(reference, base, name, ds, hint=_HINT)
        replicas = shared_replicas(base, ds)
        a, b = (_series(d, series).sel(replica=replicas) for d in (base, ds))
        attrs = attrs or a.attrs
        units = {str(each.attrs.get("units", "")) for each in (a, b)}
        if len(units) > 1:
            raise ValueError(
                f"{reference!r} and {name!r} have the series in different units "
                f"({' and '.join(sorted(units))}); open both with the same money"
            )
        for column, values in _quarters(a.values, b.values, level, _is_flow(a)).items():
            told.setdefault(column, []).append(values)
    result = xr.Dataset(
        {name: (("policy", "time"), np.array(values)) for name, values in told.items()},
        {"policy": others, "time": base.time, "quarter": ("time", base.quarter.values)},
        {"reference": reference, "level": level, "long_name": str(attrs.get("long_name", ""))},
    )
    units = str(attrs.get("units", ""))
    for name, variable in result.items():
        variable.attrs = {"units": units, "long_name": _LONG_NAMES[str(name)]}
    return result


_LONG_NAMES = {
    "reference_mean": "Mean of the reference",
    "mean": "Mean of the policy",
    "difference": "Difference to the reference",
    "low": "Lower end of the paired interval",
    "high": "Upper end of the paired interval",
    "unpaired_low": "Lower end of the unpaired interval",
    "unpaired_high": "Upper end of the unpaired interval",
    "cumulated": "Cumulated difference to the reference",
    "cumulated_low": "Lower end of the interval of the cumulated difference",
    "cumulated_high": "Upper end of the interval of the cumulated difference",
}


def _quarters(a: np.ndarray, b: np.ndarray, level: float, flow: bool) -> dict[str, np.ndarray]:
    d = b - a
    either = np.isnan(d)
    a, b = np.where(either, np.nan, a), np.where(either, np.nan, b)
    result = {"reference_mean": _mean(a), "mean": _mean(b), "difference": _mean(d)}
    result["low"], result["high"] = mean_interval(d, level)
    result["unpaired_low"], result["unpaired_high"] = welch_interval(a, b, level)
    if flow:
        sums = d.cumsum(axis=1)
        result["cumulated"] = _mean(sums)
        result["cumulated_low"], result["cumulated_high"] = mean_interval(sums, level)
    return result


def _mean(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=0) / np.isfinite(values).sum(axis=0)


def _series(ds: xr.Dataset, series: Series) -> xr.DataArray:
    if callable(series):
        result = series(ds)
    else:
        data = ds[series]
        others = [d for d in data.dims if d not in ("replica", "time")]
        if others and not _adds_up(data):
            names = ", ".join(map(str, others))
            raise ValueError(
                f"{series} is no amount, so that a sum over {names} means nothing; give a function "
                f"that selects: lambda ds: ds[{series!r}].sel({others[0]}=...)"
            )
        result = data.sum(others)
    if set(result.dims) != {"replica", "time"}:
        raise ValueError(
            f"the series has the dimensions {tuple(result.dims)}; it needs replica and time, so "
            "select or sum the others away"
        )
    # float64: differences of float32 would lose what little they have
    return result.transpose("replica", "time").astype("float64").compute()


def _adds_up(series: xr.DataArray) -> bool:
    """Whether sums over labels mean something: of counts, money, flows and compute.

    Other series of the files are real numbers in single precision; money in US dollars is float64.
    """
    return series.dtype != np.float32 or _is_flow(series) or series.attrs.get("units") == "H100e"


def _is_flow(series: xr.DataArray) -> bool:
    return series.attrs.get("cell_methods", "time: sum") == "time: sum"


def _reference(policies: Mapping[str, xr.Dataset], reference: str | None) -> str:
    if reference is None:
        return next(iter(policies))
    if reference not in policies:
        raise KeyError(f"no policy {reference!r}; there are {', '.join(policies)}")
    return reference


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; allowed is a number between 0 and 1, such as 0.95")
