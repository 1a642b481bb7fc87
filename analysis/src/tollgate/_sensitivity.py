"""Which factors of a sweep an outcome hangs on: Sobol and Morris indices, by SALib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tollgate._scenario import text
from tollgate._sweep_design import SweepDesign, sweep_design
from tollgate._variance import noise_of_means
from tollgate._welfare import Outcome, outcome_values

if TYPE_CHECKING:
    import xarray as xr


def sobol_indices(
    ds: xr.Dataset,
    outcome: Outcome,
    *,
    replica: int | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Share of an outcome's variance that each factor makes: first-order and total Sobol indices.

    S1 is the part of the variance that would go if the factor were known, ST the part that would
    stay if all others were. The estimators are SALib's (Saltelli et al. 2010,
    doi:10.1016/j.cpc.2009.09.018; Jansen 1999, doi:10.1016/S0010-4655(98)00154-4), on the points
    of the sweep in the order of its file.

    Parameters
    ----------
    ds
        A sweep of design saltelli, whole, from `tollgate.open`.
    outcome
        As in `tollgate.outcome_values`.
    replica
        None: indices of the mean over the replicas of a point, so of what is left when noise is
        averaged out. A label of a replica: indices with the noise of this replica.
    level, resamples, seed
        Of SALib's bootstrap, which resamples base samples. It does not know that other replicas
        would have given other means: see `noise` in `attrs`.

    Returns
    -------
    pandas.DataFrame
        A row for each factor in the order of the sweep, columns S1, S1_conf, ST, ST_conf as in
        SALib; _conf is half the width of the interval. Shares of 1. An index may lie a little below
        0 or above 1. `attrs` has `outcome`, `unit`, `variance` (over points), `replicas`, `noise`
        (the share of this variance that comes from having no more replicas; NaN of a single one)
        and, where the sweep has them, the second-order indices `S2` and `S2_conf` as tables (upper
        triangle). With replicas of their own at every point the noise lowers every S1 by this
        share of it, and raises every ST to at least this share.

    Raises
    ------
    ValueError
        When the sweep has another design, points lack, there is no such replica, or the outcome
        has no number at some point or is the same at all.

    """
    from SALib.analyze import sobol  # slow to import

    design = _design(ds, "saltelli")
    y, about = _at_points(ds, outcome, replica)
    answer = sobol.analyze(
        design.problem,
        y,
        calc_second_order=design.has_second_order,
        num_resamples=resamples,
        conf_level=level,
        seed=seed,
    )
    factors = pd.Index(design.points.columns, name="factor")
    columns = ("S1", "S1_conf", "ST", "ST_conf")
    frame = pd.DataFrame({name: np.asarray(answer[name]) for name in columns}, index=factors)
    if design.has_second_order:
        for name in ("S2", "S2_conf"):
            about[name] = pd.DataFrame(answer[name], index=factors, columns=factors)
    frame.attrs.update(about)
    return frame


def morris_indices(
    ds: xr.Dataset,
    outcome: Outcome,
    *,
    replica: int | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> pd.DataFrame:
    """Elementary effects of the factors: mean, mean of the size, and scatter, by SALib.

    An elementary effect is what an outcome changes by when one factor makes a step of a part of its
    range, or of the probability of its distribution, divided by this part: the effect of the whole
    range if it were a straight line (Morris 1991, doi:10.2307/1269043; mu_star by Campolongo,
    Cariboni & Saltelli 2007, doi:10.1016/j.envsoft.2006.10.004).

    Parameters
    ----------
    ds
        A sweep of design morris, whole, from `tollgate.open`.
    outcome, replica, level, resamples, seed
        As in `sobol_indices`.

    Returns
    -------
    pandas.DataFrame
        A row for each factor, columns `mu` (positive when the outcome rises with the factor; for
        labels, along their list), `mu_star`, `sigma` (large beside mu_star: the effect is bent or
        hangs on other factors) and `mu_star_conf` (half the width of the interval), in the unit of
        the outcome. `attrs` as in `sobol_indices`.

    Raises
    ------
    ValueError
        As in `sobol_indices`.

    """
    from SALib.analyze import morris  # slow to import

    design = _design(ds, "morris")
    y, about = _at_points(ds, outcome, replica)
    answer = morris.analyze(
        design.problem,
        design.points.to_numpy(),
        y,
        num_levels=design.levels,
        num_resamples=resamples,
        conf_level=level,
        seed=seed,
    )
    columns = ("mu", "mu_star", "sigma", "mu_star_conf")
    frame = pd.DataFrame(
        {name: np.asarray(answer[name], dtype=float) for name in columns},
        index=pd.Index(design.points.columns, name="factor"),
    )
    frame.attrs.update(about)
    return frame


def _design(ds: xr.Dataset, name: str) -> SweepDesign:
    design = sweep_design(ds)
    if design.name != name:
        raise ValueError(
            f"these indices need a sweep of design {name}, this one is {design.name}; "
            f'write design = "{name}" into the sweep\'s file and run it'
        )
    return design


def _at_points(
    ds: xr.Dataset, outcome: Outcome, replica: int | None
) -> tuple[np.ndarray, dict[str, object]]:
    """One number a point, and what there is to say of it."""
    values = outcome_values(ds, outcome)
    name = outcome if isinstance(outcome, str) else values.name
    if replica is not None and replica not in values.replica.values:
        there = values.replica.values
        listed = ", ".join(map(str, there[:20])) + (f", ... {there[-1]}" if len(there) > 20 else "")
        raise ValueError(f"no replica {replica}; there are {listed}")
    if replica is not None:
        values = values.sel(replica=[replica])
    table = values.values
    table = table[:, np.isfinite(table).all(axis=0)]
    if table.shape[1] == 0:
        missing = int((~np.isfinite(values.values)).any(axis=1).sum())
        raise ValueError(
            f"{name or 'the outcome'} has no number in any replica that has one at all points; "
            f"{missing} points lack some: finish the sweep with --resume, or take an outcome that "
            "always has a number"
        )
    y = table.mean(axis=1)
    if np.ptp(y) == 0:
        raise ValueError(f"{name or 'the outcome'} is the same at all points: nothing to share out")
    crossed = text(ds.attrs["common_noise"]) == "true"
    about = {
        "outcome": name,
        "unit": values.attrs.get("units", ""),
        "variance": float(y.var(ddof=1)),
        "replicas": table.shape[1],
        "noise": noise_of_means(table, crossed) / float(y.var(ddof=1)),
    }
    return y, about
