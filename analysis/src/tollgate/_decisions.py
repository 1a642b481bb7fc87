"""Choosing among policies without knowing which world it is: regret and robust choice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._pairing import as_policies, check_paired
from tollgate._welfare import Outcome, outcome_values


def policy_values(
    datasets: Mapping[str, xr.Dataset] | xr.Dataset, outcome: Outcome = "welfare"
) -> pd.DataFrame:
    """Put an outcome of several policies side by side, replica by replica.

    Parameters
    ----------
    datasets
        Policy: its ensemble from `tollgate.open`, all with one seed, so that replica i has the
        same draws and the same noise in each; or what `tollgate.by_policy` splits.
    outcome
        As in `tollgate.outcome_values`.

    Returns
    -------
    pandas.DataFrame
        A row for each replica that is complete in all of them, a column for each policy, in the
        unit of the outcome (`attrs["unit"]`). Rows without a number somewhere are left out.

    Raises
    ------
    TollgatePairingError
        When seeds, draws or quarters differ, or two have no replica in common.
    ValueError
        When a dataset has points, or no replica has a number in all of them.

    """
    runs = as_policies(datasets)
    first, *others = runs
    for other in others:
        check_paired(first, runs[first], other, runs[other], hint="run all with one seed")
    each = {name: outcome_values(ds, outcome) for name, ds in runs.items()}
    values = pd.concat({name: one.to_series() for name, one in each.items()}, axis=1, join="inner")
    values = values.dropna()
    if values.empty:
        raise ValueError("no replica has a number under all of the policies")
    values.columns.name = "policy"
    values.attrs["unit"] = next(iter(each.values())).attrs.get("units", "")
    return values


def regret(values: pd.DataFrame, *, maximise: bool = True) -> pd.DataFrame:
    """Tell for each state what is lost by a policy against the best one for this state.

    Parameters
    ----------
    values
        A row for each state of the world (a replica), a column for each policy; paired, so from
        `policy_values`.
    maximise
        Whether more is better.

    Returns
    -------
    pandas.DataFrame
        Of the same shape and unit; 0 for the best policy of the row, positive for the others.
        (Savage 1951, doi:10.1080/01621459.1951.10500768.) It is of the policies given: with
        another one in the comparison regrets may change.

    Raises
    ------
    ValueError
        When a number lacks.

    """
    _check(values)
    gain = values if maximise else -values
    result = gain.rsub(gain.max(axis=1), axis=0)
    result.attrs = dict(values.attrs)
    return result


def robust_choice(
    values: pd.DataFrame,
    *,
    maximise: bool = True,
    risk_aversion: float = 0.0,
    threshold: float | None = None,
) -> pd.DataFrame:
    """Judge policies by several rules of choice under uncertainty.

    Parameters
    ----------
    values
        As in `regret`.
    maximise
        Whether more is better.
    risk_aversion
        Lambda in the certainty equivalent mean - lambda / 2 x variance (Markowitz 1952,
        doi:10.2307/2975974; Freund 1956, doi:10.2307/1911630), in 1 over the unit of the values.
        When less is better it is mean + lambda / 2 x variance.
    threshold
        What is good enough (Simon 1956, doi:10.1037/h0042769): `satisfied` is the share of
        states in which the value reaches it. Without one `satisfied` is NaN.

    Returns
    -------
    pandas.DataFrame
        A row for each policy. Columns: `mean`, `sd` (with n - 1), `worst` state (maximin, Wald
        1950), `maximum_regret` (minimax regret), `regret_95` (95% quantile; less at the mercy of
        one replica), `mean_regret`, `certainty_equivalent`, `satisfied`, `best` (share of states
        in which it is the best; ties count for all) and `efficient`: no other policy has a mean at
        least as good and an sd no larger, one of them strictly. A state is a replica, parameters
        and noise together. `chosen` picks by each column, `choice_stability` tells whether other
        replicas would have picked alike.

    Raises
    ------
    ValueError
        When a number lacks, or lambda is negative.

    """
    _check(values)
    if risk_aversion < 0:
        raise ValueError(f"risk_aversion is {risk_aversion:g}; it has to be 0 or more")
    sign = 1.0 if maximise else -1.0
    numbers = _judge(
        sign * values.to_numpy(dtype=float),
        risk_aversion,
        None if threshold is None else sign * threshold,
    )
    table = pd.DataFrame(numbers, index=pd.Index(values.columns, name="policy"))
    for column in ("mean", "worst", "certainty_equivalent"):
        table[column] *= sign
    # mean[i] and sd[i] of a policy against mean[j] and sd[j] of every other
    mean = sign * table["mean"].to_numpy()
    sd = table["sd"].to_numpy()
    more, less = np.subtract.outer(mean, mean), np.subtract.outer(sd, sd)
    is_beaten = (more <= 0) & (less >= 0) & ((more < 0) | (less > 0))
    table["efficient"] = ~is_beaten.any(axis=1)
    table.attrs = {**values.attrs, "maximise": maximise}
    return table


# Whether more is better, of columns that do not depend on the sign of the values.
_RULES = {
    "mean": None,
    "worst": None,
    "maximum_regret": False,
    "regret_95": False,
    "mean_regret": False,
    "certainty_equivalent": None,
    "satisfied": True,
    "best": True,
}


def chosen(table: pd.DataFrame) -> pd.Series:
    """Name the policy that each rule chooses.

    Parameters
    ----------
    table
        From `robust_choice`.

    Returns
    -------
    pandas.Series
        Rule: policy. Of equal ones the first in the table. `satisfied` is left out without a
        threshold. Choosing by `mean` and by `mean_regret` is the same.

    """
    maximise = table.attrs.get("maximise", True)
    picks = {}
    for rule, more_is_better in _RULES.items():
        if table[rule].isna().any():
            continue
        up = maximise if more_is_better is None else more_is_better
        picks[rule] = table[rule].idxmax() if up else table[rule].idxmin()
    return pd.Series(picks, name="policy").rename_axis("rule")


def choice_stability(
    values: pd.DataFrame,
    *,
    maximise: bool = True,
    risk_aversion: float = 0.0,
    threshold: float | None = None,
    resamples: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Tell how often each rule would choose each policy if other replicas had been drawn.

    Replicas are resampled whole, with replacement (Efron 1979, doi:10.1214/aos/1176344552). Of
    `worst` and `maximum_regret` the bootstrap says less than of means: an extreme that was not
    drawn does not come up in it.

    Parameters
    ----------
    values, maximise, risk_aversion, threshold
        As in `robust_choice`.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row for each rule, a column for each policy: share of the resamples; rows add up to 1.

    """
    _check(values)
    sign = 1.0 if maximise else -1.0
    gain = sign * values.to_numpy(dtype=float)
    limit = None if threshold is None else sign * threshold
    rng = np.random.default_rng(seed)
    counts = {rule: np.zeros(gain.shape[1]) for rule in _RULES}
    for _ in range(resamples):
        sample = gain[rng.integers(len(gain), size=len(gain))]
        for rule, numbers in _judge(sample, risk_aversion, limit).items():
            if rule in counts:
                down = _RULES[rule] is False
                counts[rule][np.argmin(numbers) if down else np.argmax(numbers)] += 1
    if threshold is None:
        del counts["satisfied"]
    table = pd.DataFrame.from_dict(counts, orient="index", columns=values.columns) / resamples
    return table.rename_axis("rule")


def _judge(
    gain: np.ndarray, risk_aversion: float, threshold: float | None
) -> dict[str, np.ndarray]:
    """Columns of `robust_choice`, more being better."""
    best = gain.max(axis=1, keepdims=True)
    loss = best - gain
    mean = gain.mean(axis=0)
    sd = gain.std(axis=0, ddof=1) if len(gain) > 1 else np.full_like(mean, np.nan)
    never = np.full_like(mean, np.nan)
    return {
        "mean": mean,
        "sd": sd,
        "worst": gain.min(axis=0),
        "maximum_regret": loss.max(axis=0),
        "regret_95": np.quantile(loss, 0.95, axis=0),
        "mean_regret": loss.mean(axis=0),
        "certainty_equivalent": mean - risk_aversion / 2 * sd**2 if risk_aversion else mean,
        "satisfied": never if threshold is None else (gain >= threshold).mean(axis=0),
        "best": (gain == best).mean(axis=0),
    }


def _check(values: pd.DataFrame) -> None:
    if values.shape[1] < 2 or values.empty:
        raise ValueError("a choice needs two policies and one state of the world at least")
    if not np.isfinite(values.to_numpy(dtype=float)).all():
        raise ValueError("some values are no numbers; drop their rows: values.dropna()")
