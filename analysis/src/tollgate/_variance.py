"""How much of an outcome's variance comes from parameters, and how much from noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from tollgate._outcomes import outcomes, text
from tollgate._pairing import check_period
from tollgate._sweep_design import sweep_design
from tollgate._welfare import Outcome, outcome_values

# Points of these designs are not a sample of the factors' distributions: their variance says
# nothing of the factors' share.
_NO_SAMPLE = ("morris", "one_at_a_time")


def variance_shares(
    data: xr.Dataset | Sequence[xr.Dataset] | Mapping[str, xr.Dataset],
    names: str | Iterable[str] | Mapping[str, Outcome] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the variance of each outcome that parameters, noise and both together make.

    The law of total variance, Var Y = Var E[Y | parameters] + E Var[Y | parameters], estimated
    without bias from points (settings of parameters) x replicas (settings of noise) by the analysis
    of variance with random effects (Searle, Casella & McCulloch 1992, doi:10.1002/9780470316856).
    Where replica i has the same noise at all points (crossed), the second term is split into what
    noise does alike at all points and what only parameters and noise together do. Intervals by
    the jackknife over points, and over replicas when crossed (Arvesen 1969,
    doi:10.1214/aoms/1177697287), which does not take outcomes for normal; few replicas of a skewed
    outcome, below some 16, make them too narrow all the same.

    Parameters
    ----------
    data
        Either a sweep from `tollgate.open` with two replicas or more: factors are the parameters,
        and all that a replica draws besides is noise. Its points have to be a sample of the
        factors: designs sobol, lhs, saltelli (of which one point a block is taken), or a grid or
        table that stands for one; not morris or one_at_a_time.
        Or ensembles, one for each setting of the parameters, all of one seed (runs of what
        `tollgate show SCENARIO --draw K` prints, for K = 0, 1, ...): all parameters against noise.
    names
        Names of `tollgate.outcomes`, or one, all by default; or {name: outcome} with outcomes as in
        `tollgate.outcome_values`.
    level
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        A row for each outcome. Columns `variance` (total, in the square of the unit), `unit` of
        the outcome; the shares `parameters`, `noise`, `both` (NaN when replicas are not common to
        the points: it is then within noise), which add up to 1, each with `_low` and `_high`;
        `points` and `replicas`. Two common replicas give no intervals. Estimates of small shares
        may be below 0; intervals are cut at 0 and 1. An outcome that does not vary has NaN.
        Replicas that are incomplete or have no number at some point are left out at all.

    Raises
    ------
    ValueError
        When there are fewer than three points or two replicas, the design is no sample, or
        ensembles have different seeds or (`TollgatePairingError`) quarters.

    """
    named, crossed, step = _tables(data, names)
    rows = {}
    for name, values in named.items():
        table = values.values[::step]
        kept = table[:, np.isfinite(table).all(axis=0)]
        shares = _estimate(kept, crossed, level) if kept.shape[1] > 1 else {}
        rows[name] = {
            **shares,
            "points": table.shape[0],
            "replicas": kept.shape[1],
            "unit": values.attrs.get("units", ""),
        }
    return _frame(rows, [*_COLUMNS, "points", "replicas", "unit"])


def frozen_variance_shares(
    free: xr.Dataset,
    noise_frozen: xr.Dataset,
    parameters_frozen: xr.Dataset,
    names: str | Iterable[str] | Mapping[str, Outcome] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the variance of a run with those of the same run with one source frozen.

    What `run --freeze noise` leaves is the variance by parameters at one noise, that of replica 0;
    what `run --freeze parameters` leaves is the variance by noise at the central parameters. Where
    both add up to the whole, they are the shares of the law of total variance; where they do not,
    parameters and noise act together, or the place where they were frozen was special, and
    `variance_shares` tells more.

    Parameters
    ----------
    free, noise_frozen, parameters_frozen
        From `tollgate.open`: one scenario with one seed, run plainly, with `--freeze noise` and
        with `--freeze parameters`. Replicas that one of them lacks are left out.
    names
        As in `variance_shares`.
    level
        Of the intervals: jackknife over replicas of the logarithm of the ratio of variances
        (Miller 1968, Jackknifing variances, Ann. Math. Statist. 39), of the rest plainly.

    Returns
    -------
    pandas.DataFrame
        A row for each outcome: `variance` (of the free run), `parameters`, `noise` and `rest` = 1
        - parameters - noise, which may be negative, each with `_low` and `_high`; `replicas`,
        `unit`.

    Raises
    ------
    ValueError
        When a run is not frozen as its argument says, or seeds differ, or
        (`TollgatePairingError`) quarters.

    """
    runs = {"nothing": free, "noise": noise_frozen, "parameters": parameters_frozen}
    for expected, ds in runs.items():
        found = text(ds.attrs["frozen"])
        if found != expected:
            raise ValueError(
                f"this run has frozen {found} where it should have frozen {expected}; the order is "
                "free, `--freeze noise`, `--freeze parameters`"
            )
    if len({int(ds.attrs["seed"]) for ds in runs.values()}) > 1:
        raise ValueError("the runs have different seeds; run all three with one")
    for frozen in ("noise", "parameters"):
        check_period("free", free, f"{frozen} frozen", runs[frozen])
    named = [_named(ds, names) for ds in runs.values()]
    rows = {}
    for name in named[0]:
        table = np.stack(
            [v.values for v in xr.align(*(outcome[name] for outcome in named), join="inner")]
        )
        kept = table[:, np.isfinite(table).all(axis=0)]
        rows[name] = {
            **(_frozen(kept, level) if kept.shape[1] > 2 else {}),
            "replicas": kept.shape[1],
            "unit": named[0][name].attrs.get("units", ""),
        }
    columns = ["variance", *_with_bounds("parameters", "noise", "rest"), "replicas", "unit"]
    return _frame(rows, columns)


def _with_bounds(*names: str) -> list[str]:
    return [name + end for name in names for end in ("", "_low", "_high")]


_SHARES = ("parameters", "noise", "both")
_COLUMNS = ["variance", *_with_bounds(*_SHARES)]


def _frame(rows: Mapping[str, Mapping[str, object]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame([dict(row) for row in rows.values()], columns=columns)
    frame.index = pd.Index(list(rows), name="outcome")
    return frame


def _named(
    ds: xr.Dataset, names: str | Iterable[str] | Mapping[str, Outcome] | None
) -> dict[str, xr.DataArray]:
    if isinstance(names, Mapping):
        return {name: outcome_values(ds, outcome) for name, outcome in names.items()}
    if names is None:
        names = outcomes(ds)
    elif isinstance(names, str):
        names = [names]
    return {str(name): outcome_values(ds, str(name)) for name in names}


def _tables(
    data: xr.Dataset | Sequence[xr.Dataset] | Mapping[str, xr.Dataset],
    names: str | Iterable[str] | Mapping[str, Outcome] | None,
) -> tuple[dict[str, xr.DataArray], bool, int]:
    """Outcomes as (point, replica), whether replicas are common, and which points to take."""
    if isinstance(data, xr.Dataset):
        if "point" not in data.dims:
            raise ValueError(
                "one ensemble does not tell parameters from noise; give a sweep or several "
                "ensembles, or frozen runs to `frozen_variance_shares`"
            )
        design = text(data.attrs["design"])
        if design in _NO_SAMPLE:
            raise ValueError(
                f"the points of a {design} design are no sample of the factors; "
                "sweep with design sobol, lhs or saltelli"
            )
        # The rows of a block of Saltelli's design share columns; the first ones are a sample.
        named = _named(data, names)
        step = sweep_design(data).block
        crossed = text(data.attrs["common_noise"]) == "true"
    else:
        sets = list(data.values()) if isinstance(data, Mapping) else list(data)
        if len({int(ds.attrs["seed"]) for ds in sets}) > 1:
            raise ValueError("the ensembles have different seeds; run all of them with one")
        labels = (
            list(data) if isinstance(data, Mapping) else [f"ensemble {i}" for i in range(len(sets))]
        )
        for label, ds in zip(labels[1:], sets[1:], strict=True):
            check_period(labels[0], sets[0], label, ds)
        each = [_named(ds, names) for ds in sets]
        common = [name for name in each[0] if all(name in one for one in each)]
        named = {
            name: xr.concat(
                [one[name] for one in each], "point", join="inner", combine_attrs="override"
            )
            for name in common
        }
        step, crossed = 1, True
    for values in named.values():
        points, replicas = -(-values.shape[0] // step), values.shape[1]
        if points < 3 or replicas < 2:
            raise ValueError(
                f"{points} points x {replicas} replicas are too few to tell parameters from "
                "noise; three points and two replicas is the least, some dozens of points useful"
            )
    return named, crossed, step


def noise_of_means(y: np.ndarray, crossed: bool) -> float:
    """Variance of the mean of a row that another draw of the noise would make.

    Parameters
    ----------
    y
        Points x replicas.
    crossed
        Whether replica i has the same noise at all points; what noise does alike at all of them
        is then no part of the differences between points, and left out.

    Returns
    -------
    float
        In the square of the unit; NaN for a single replica, which says nothing of it.

    """
    if y.shape[1] < 2:
        return float("nan")
    _, within, both = _sums(y - y.mean()).components(crossed)
    return float((both if crossed else within) / y.shape[1])


@dataclass(frozen=True)
class _SumsOfSquares:
    """Of a table, or of many at once: numbers, or arrays of one length."""

    rows: np.ndarray  # of row means
    columns: np.ndarray  # of column means
    rest: np.ndarray
    n: int
    m: int

    def components(self, crossed: bool) -> np.ndarray:
        """Variance by rows, by columns and by both, without bias (along the first axis)."""
        between = self.rows / (self.n - 1)
        if not crossed:
            within = (self.columns + self.rest) / (self.n * (self.m - 1))
            return np.stack([(between - within) / self.m, within, np.full_like(within, np.nan)])
        across = self.columns / (self.m - 1)
        both = self.rest / ((self.n - 1) * (self.m - 1))
        return np.stack([(between - both) / self.m, (across - both) / self.n, both])


def _sums(y: np.ndarray) -> _SumsOfSquares:
    n, m = y.shape
    squares = y.size * y.mean() ** 2
    rows = m * (y.mean(axis=1) ** 2).sum() - squares
    columns = n * (y.mean(axis=0) ** 2).sum() - squares
    rest = (y**2).sum() - squares - rows - columns
    return _SumsOfSquares(rows, columns, rest, n, m)


def _sums_without_a_row(y: np.ndarray) -> _SumsOfSquares:
    """Take away each row in turn; all n tables in time of n x m."""
    n, m = y.shape[0] - 1, y.shape[1]
    of_row = y.mean(axis=1)
    of_column = (y.sum(axis=0) - y) / n
    squares = n * m * of_column.mean(axis=1) ** 2
    rows = m * ((of_row**2).sum() - of_row**2) - squares
    columns = n * (of_column**2).sum(axis=1) - squares
    rest = (y**2).sum() - (y**2).sum(axis=1) - squares - rows - columns
    return _SumsOfSquares(rows, columns, rest, n, m)


def _turned(sums: _SumsOfSquares) -> _SumsOfSquares:
    return _SumsOfSquares(sums.columns, sums.rows, sums.rest, sums.m, sums.n)


def _estimate(y: np.ndarray, crossed: bool, level: float) -> dict[str, float]:
    size = np.abs(y).max()
    y = y - y.mean()
    if np.abs(y).max() <= 1e-12 * size:
        return {}
    sums = _sums(y)
    components = sums.components(crossed)
    shares = components / np.nansum(components)
    result = {"variance": float(np.nansum(components))}
    result |= dict(zip(_SHARES, map(float, shares), strict=True))
    if crossed and y.shape[1] < 3:
        return result  # without one of two replicas nothing tells noise from parameters
    without = [_shares(_sums_without_a_row(y), crossed)]
    if crossed:
        without.append(_shares(_turned(_sums_without_a_row(y.T)), crossed))
    to_line, back = _stretch(*y.shape, crossed)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.array([_jackknife_variance(to_line(each)) for each in without])
        freedom = np.array([[each.shape[1] - 1] for each in without])
        # of a sum of two estimated variances (Satterthwaite 1946, doi:10.2307/3002019)
        joint = spread.sum(axis=0) ** 2 / (spread**2 / freedom).sum(axis=0)
        half = stats.t.ppf((1 + level) / 2, joint) * np.sqrt(spread.sum(axis=0))
        centre = to_line(shares)
        low, high = back(centre - half), back(centre + half)
    for name, *bounds in zip(_SHARES, low.clip(0, 1), high.clip(0, 1), strict=True):
        result |= dict(zip(_with_bounds(name)[1:], map(float, bounds), strict=True))
    return result


def _stretch(
    n: int, m: int, crossed: bool
) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """Stretch shares to the whole line, and back.

    log((share + a) / (1 + b - share)), where -a and 1 + b are about the least and the most that an
    estimate without bias can be. For the parameters of a nested table this is the logarithm of
    the ratio of mean squares, whose jackknife Arvesen recommends.
    """
    below = np.array([1 / (m - 1), 1 / (n - 1) if crossed else 0, 0])[:, None]
    above = np.array([0, 0 if crossed else 1 / (m - 1), 1 / n + 1 / m])[:, None]

    def to_line(shares: np.ndarray) -> np.ndarray:
        flat = shares.reshape(3, -1)
        return np.log((flat + below) / (1 + above - flat)).reshape(shares.shape)

    def back(places: np.ndarray) -> np.ndarray:
        odds = np.exp(places.reshape(3, -1))
        return (((1 + above) * odds - below) / (1 + odds)).reshape(places.shape)

    return to_line, back


def _shares(sums: _SumsOfSquares, crossed: bool) -> np.ndarray:
    components = sums.components(crossed)
    return components / np.nansum(components, axis=0)


def _jackknife_variance(without: np.ndarray) -> np.ndarray:
    """Variance of an estimate from its values (along the last axis) without one each."""
    n = without.shape[-1]
    return (n - 1) * without.var(axis=-1)


def _frozen(table: np.ndarray, level: float) -> dict[str, float]:
    """Of rows free, noise frozen, parameters frozen: replicas are in columns."""
    n = table.shape[1]
    variance = table.var(axis=1, ddof=1)
    if variance[0] == 0:
        return {}
    centred = table - table.mean(axis=1, keepdims=True)
    # Without one value the sum of squares falls by d^2 n / (n - 1), d its distance to the mean.
    without = ((n - 1) * variance[:, None] - centred**2 * n / (n - 1)) / (n - 2)
    quantile = stats.t.ppf((1 + level) / 2, n - 1)
    result = {"variance": float(variance[0])}
    shares, of_each = variance[1:] / variance[0], without[1:] / without[0]
    for name, share, each in zip(("parameters", "noise"), shares, of_each, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.exp(quantile * np.sqrt(_jackknife_variance(np.log(each))))
        low, high = (share / factor, share * factor) if share > 0 else (0.0, 0.0)
        result |= {name: float(share), f"{name}_low": float(low), f"{name}_high": float(high)}
    rest = 1 - shares.sum()
    half = quantile * np.sqrt(_jackknife_variance(1 - of_each.sum(axis=0)))
    return result | {"rest": rest, "rest_low": rest - half, "rest_high": rest + half}
