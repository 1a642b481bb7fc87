"""At what security cost the ranking of two policies flips."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from tollgate._decisions import policy_values
from tollgate._format import percent
from tollgate._pairing import as_policies
from tollgate._welfare import welfare, welfare_parts

_USD_PER_BILLION = 1e9


@dataclass(frozen=True)
class BreakEven:
    """Security cost per H100e at which two policies are worth the same, on average.

    Costs are in US dollars for each H100e installed in the focus region at the end.

    Attributes
    ----------
    policies
        Names of the two.
    cost
        Break-even cost at the estimate: mean difference of welfare without security cost over the
        mean difference of compute. NaN when compute does not differ at all. Negative: at the
        estimate no cost from 0 up flips the ranking; whether that is settled, the interval says.
    low, high
        Fieller's interval for it; see `shape`.
    shape
        "bounded": between low and high. "outside": below low or above high, as the difference of
        compute may have either sign. "everything": any cost may be the break-even; low and high
        are -inf and inf.
    level
        Of the intervals.
    bootstrap_low, bootstrap_high
        Percentiles of the ratio of means over resampled replicas, beside it. They look bounded
        even where Fieller's interval shows that the data bound nothing: then believe Fieller's.
    better_below, better_above
        Policy with the larger mean welfare at costs below and above the break-even, at the
        estimate.
    better_at_zero
        The one with the larger mean welfare without security cost.
    pairs
        Replicas.
    per_replica
        Break-even cost of each replica by itself (US dollars); NaN where its compute is the same.
    welfare_difference, compute_difference
        By replica, first policy less second, in billion USD without security cost, and H100e.

    """

    policies: tuple[str, str]
    cost: float
    low: float
    high: float
    shape: str
    level: float
    bootstrap_low: float
    bootstrap_high: float
    better_below: str
    better_above: str
    better_at_zero: str
    pairs: int
    per_replica: pd.Series = field(repr=False)
    welfare_difference: pd.Series = field(repr=False)
    compute_difference: pd.Series = field(repr=False)

    def probability_first_better(self, cost: float) -> float:
        """Share of replicas in which the first policy is worth more at this cost; ties are half.

        Parameters
        ----------
        cost
            Security cost in US dollars for each H100e.

        Returns
        -------
        float
            From 0 to 1.

        """
        net = self.welfare_difference - cost / _USD_PER_BILLION * self.compute_difference
        return float((net > 0).mean() + (net == 0).mean() / 2)

    def __str__(self) -> str:
        """Say it in a sentence: see `break_even_words`."""
        return break_even_words(self)


def break_even_words(result: BreakEven) -> str:
    """Say what a break-even and its interval allow to be said, and no more."""
    a, b = result.policies
    if not np.isfinite(result.cost):
        return (
            f"{a} and {b} leave the same compute in the focus region: no security cost changes "
            "which of them is worth more."
        )
    spans = {
        "bounded": f"{_usd(result.low)} to {_usd(result.high)}",
        "outside": f"below {_usd(result.low)} or above {_usd(result.high)}",
        "everything": "anything",
    }
    text = (
        f"Between {a} and {b} the break-even is a security cost of {_usd(result.cost)} for each "
        f"H100e ({percent(result.level)} interval: {spans[result.shape]}; {result.pairs} pairs)"
    )
    if not _may_be_positive(result):
        return (
            f"{text}: no cost from 0 up takes from {result.better_at_zero} that it is worth more."
        )
    settled = result.shape == "bounded" and result.low > 0
    if settled:
        return f"{text}: {result.better_below} is worth more below it, {result.better_above} above."
    at_zero = result.shape == "everything" or (
        result.low <= 0 <= result.high
        if result.shape == "bounded"
        else not result.low < 0 < result.high
    )
    told = "which is worth more at no cost" if at_zero else "whether some cost changes the ranking"
    return f"{text}: the replicas do not settle {told}."


def _may_be_positive(result: BreakEven) -> bool:
    """Whether the interval has room above zero."""
    return result.shape != "bounded" or result.high > 0


def break_even(
    datasets: Mapping[str, xr.Dataset] | xr.Dataset,
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> BreakEven:
    """Solve W_a(c) = W_b(c) for the security cost c per H100e.

    Welfare is linear in c, W(c) = W(0) - c x H, so that the mean difference over replicas is zero
    at the ratio of means c* = mean(W_a(0) - W_b(0)) / mean(H_a - H_b). Its interval is Fieller's,
    all c at which the mean of the paired differences W_a(c) - W_b(c) is not told from zero by
    Student's t (Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x); it may be unbounded, and is
    when the difference of compute is not told from zero.

    Parameters
    ----------
    datasets
        Two policies: their ensembles from `tollgate.open`, with one seed; or what
        `tollgate.by_policy` splits into two.
    weights
        As in `welfare`.
    level
        Of the intervals.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    BreakEven

    Raises
    ------
    ValueError
        When there are not two policies, seeds differ, or fewer than three replicas are pairs.

    """
    datasets = as_policies(datasets)
    if len(datasets) != 2:
        raise ValueError(
            f"a break-even is between two policies, not {len(datasets)}; `break_even_table` does "
            "all pairs"
        )
    a, b = datasets
    value = policy_values(datasets, lambda ds: welfare(ds, weights))
    compute = policy_values(datasets, lambda ds: welfare_parts(ds).focus_h100e)
    value, compute = value.align(compute, axis=0, join="inner")
    return _solve((a, b), value[a] - value[b], compute[a] - compute[b], level, resamples, seed)


def break_even_table(
    datasets: Mapping[str, xr.Dataset] | xr.Dataset,
    *,
    weights: Mapping[str, float] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Tabulate the break-even security cost of every pair of policies.

    Parameters
    ----------
    datasets
        Two policies or more, as in `break_even`.
    weights, level, resamples, seed
        As in `break_even`.

    Returns
    -------
    pandas.DataFrame
        Index (first, second); columns `cost`, `low`, `high`, `shape`, `bootstrap_low`,
        `bootstrap_high`, `better_below`, `better_above`, `better_at_zero`, `pairs` as in
        `BreakEven`; costs in US dollars per H100e.

    """
    datasets = as_policies(datasets)
    rows = {}
    for a, b in itertools.combinations(datasets, 2):
        pair = {a: datasets[a], b: datasets[b]}
        rows[a, b] = vars(
            break_even(pair, weights=weights, level=level, resamples=resamples, seed=seed)
        )
    index = pd.MultiIndex.from_tuples(list(rows), names=["first", "second"])
    return pd.DataFrame([[row[name] for name in _TABLE] for row in rows.values()], index, _TABLE)


_TABLE = [
    *("cost", "low", "high", "shape", "bootstrap_low", "bootstrap_high"),
    *("better_below", "better_above", "better_at_zero", "pairs"),
]


def fieller_interval(
    numerator: np.ndarray, denominator: np.ndarray, level: float = 0.95
) -> tuple[float, float, str]:
    """Confidence set of a ratio of means of paired observations (Fieller 1954).

    Parameters
    ----------
    numerator, denominator
        One number a pair, three pairs or more.
    level
        Of the set.

    Returns
    -------
    tuple
        low, high and the shape: "bounded" (low to high), "outside" (up to low, and from high) or
        "everything".

    """
    n = len(numerator)
    x, y = numerator.mean(), denominator.mean()
    covariance = np.cov(numerator, denominator) / n
    squared = stats.t.ppf((1 + level) / 2, n - 1) ** 2
    # (x - c y)^2 <= t^2 (v_xx - 2 c v_xy + c^2 v_yy), as a c^2 - 2 b c + d <= 0.
    a = y**2 - squared * covariance[1, 1]
    b = x * y - squared * covariance[0, 1]
    d = x**2 - squared * covariance[0, 0]
    discriminant = b**2 - a * d
    if a > 0:
        # Never negative: c = x / y is in the set.
        root = np.sqrt(max(discriminant, 0.0))
        return (b - root) / a, (b + root) / a, "bounded"
    if discriminant <= 0 or a == 0:
        return -np.inf, np.inf, "everything"
    root = np.sqrt(discriminant)
    return (b + root) / a, (b - root) / a, "outside"


def _solve(
    policies: tuple[str, str],
    value: pd.Series,
    compute: pd.Series,
    level: float,
    resamples: int,
    seed: int,
) -> BreakEven:
    n = len(value)
    if n < 3:
        raise ValueError(f"{n} pairs of replicas are too few for an interval; run more")
    x, y = value.to_numpy() * _USD_PER_BILLION, compute.to_numpy()
    first, second = policies
    flips = y.mean() != 0
    low, high, shape = fieller_interval(x, y, level) if flips else (-np.inf, np.inf, "everything")
    picks = np.random.default_rng(seed).integers(n, size=(resamples, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = x[picks].mean(axis=1) / y[picks].mean(axis=1)
        per_replica = np.where(y != 0, x / y, np.nan)
    ends = np.nanquantile(ratios, [(1 - level) / 2, (1 + level) / 2]) if flips else [np.nan] * 2
    leader = first if x.mean() >= 0 else second
    # The policy with more compute loses by a rising cost.
    below = leader if not flips else first if y.mean() > 0 else second
    above = leader if not flips else second if y.mean() > 0 else first
    return BreakEven(
        policies=policies,
        cost=float(x.mean() / y.mean()) if flips else float("nan"),
        low=float(low),
        high=float(high),
        shape=shape,
        level=level,
        bootstrap_low=float(ends[0]),
        bootstrap_high=float(ends[1]),
        better_below=below,
        better_above=above,
        better_at_zero=leader,
        pairs=n,
        per_replica=pd.Series(per_replica, index=value.index, name="break_even"),
        welfare_difference=value.rename("welfare"),
        compute_difference=compute.rename("focus_h100e"),
    )


def _usd(amount: float) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount):,.0f} USD"
