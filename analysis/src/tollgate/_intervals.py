"""Intervals for means of replicas, for their differences, and for shares."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import stats

_RESAMPLES = 9_999
_SEED = 20_251_208  # of the resampling: the same data give the same interval


def mean_interval(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Student's t interval of a mean over the first axis, leaving out NaN.

    Parameters
    ----------
    values
        Replicas along the first axis.
    level
        Of confidence, 0.95.

    Returns
    -------
    low, high
        Of the shape of the other axes. NaN where fewer than two values are there; of no width
        where all values are equal.

    """
    n = np.isfinite(values).sum(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of empty slices: NaN is right
        mean = np.nanmean(values, axis=0)
        error = np.nanstd(values, axis=0, ddof=1) / np.sqrt(n)
    half = np.where(error == 0, 0.0, stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * error)
    half = np.where(n >= 2, half, np.nan)
    return mean - half, mean + half


def bootstrap_interval(values: np.ndarray, level: float) -> tuple[float, float]:
    """BCa bootstrap interval of a mean (Efron 1987, doi:10.1080/01621459.1987.10478410).

    Parameters
    ----------
    values
        One-dimensional, finite. With fewer than two, NaN.
    level
        Of confidence.

    """
    if values.size < 2:
        return np.nan, np.nan
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    # A seed by keyword: scipy renamed random_state to rng in 1.15, and takes both names since.
    result = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=level,
        n_resamples=_RESAMPLES,
        method="BCa",
        batch=500,
        random_state=np.random.default_rng(_SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def welch_interval(a: np.ndarray, b: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of mean(b) - mean(a) of independent samples along the first axis.

    Satterthwaite's degrees of freedom (Welch 1947, doi:10.1093/biomet/34.1-2.28). What the
    replicas would say if they did not share their luck.

    Parameters
    ----------
    a, b
        Samples along the first axis, of any number each; the other axes are the same. NaN are left
        out.
    level
        Of confidence.

    Returns
    -------
    low, high
        Of the shape of the other axes, in the unit of the samples. NaN where one has fewer than
        two values; of no width where neither varies.

    """
    n, m = np.isfinite(a).sum(axis=0), np.isfinite(b).sum(axis=0)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        difference = np.nanmean(b, axis=0) - np.nanmean(a, axis=0)
        u, v = np.nanvar(a, axis=0, ddof=1) / n, np.nanvar(b, axis=0, ddof=1) / m
        freedom = (u + v) ** 2 / (u**2 / (n - 1) + v**2 / (m - 1))
        half = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(u + v)
    half = np.where(u + v == 0, 0.0, half)
    return difference - half, difference + half


def wilson_interval(successes: int, trials: int, level: float) -> tuple[float, float]:
    """Wilson's score interval of a probability (1927, doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    successes, trials
        Numbers of both, successes from 0 to trials.
    level
        Of confidence.

    Returns
    -------
    low, high
        From 0 to 1; NaN without trials.

    """
    if trials == 0:
        return np.nan, np.nan
    interval = stats.binomtest(int(successes), int(trials)).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def ratio_interval(
    numerator: np.ndarray, denominator: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Ratio of two means over the same replicas, with its interval by linearisation.

    The replicas' residuals numerator - ratio x denominator have the mean 0; their standard error
    over the mean of the denominator is that of the ratio (Cochran 1977, Sampling Techniques,
    section 6.4). Good where the denominator's mean is known well: a relative error below 0.1.

    Parameters
    ----------
    numerator, denominator
        One-dimensional, one finite number a replica each, in the same order.
    level
        Of confidence.

    Returns
    -------
    ratio, low, high
        NaN where the denominator's mean is 0.

    """
    mean = denominator.mean() if denominator.size else 0.0
    if mean == 0:
        return np.nan, np.nan, np.nan
    ratio = numerator.mean() / mean
    low, high = mean_interval((numerator - ratio * denominator) / mean, level)
    return float(ratio), float(ratio + low), float(ratio + high)
