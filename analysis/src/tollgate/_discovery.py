"""Scenario discovery: where in the space of unknowns the cases of interest lie."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True)
class Box:
    """A region of the unknowns, as limits on a few of them.

    Attributes
    ----------
    limits
        A row for each restricted parameter, the most telling first. Columns `low`, `high`
        (included; -inf or inf where there is no limit), `p_low`, `p_high`: quasi-p-values of
        each limit, the probability of so many cases of interest in the box if lifting the limit
        changed nothing (Bryant & Lempert 2010, doi:10.1016/j.techfore.2009.08.002); NaN where
        there is no limit. They do not know of the search that found the box: with many
        parameters, small ones come up by chance. `measure` on other replicas tells.
    coverage
        Share of the cases of interest that is in the box.
    density
        Share of the cases in the box that is of interest.
    mass
        Share of all cases that is in the box.
    cases, cases_of_interest
        Numbers in the box.
    trajectory
        Of boxes by PRIM: coverage, density and mass of each box on the way, from everything to
        the smallest, and `restricted`, the number of parameters with a limit: what could have
        been chosen. Empty for others.

    """

    limits: pd.DataFrame
    coverage: float
    density: float
    mass: float
    cases: int
    cases_of_interest: int
    trajectory: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    def contains(self, parameters: pd.DataFrame) -> pd.Series:
        """Tell for each row of parameters whether it is in the box.

        Parameters
        ----------
        parameters
            A row for each case, a column for each parameter at least that the box restricts.

        Returns
        -------
        pandas.Series
            bool, with the index of the parameters; False where a parameter is NaN.

        """
        inside = pd.Series(True, index=parameters.index, name="in_box")
        for name, limit in self.limits.iterrows():
            inside &= parameters[name].between(limit.low, limit.high)
        return inside

    def measure(self, parameters: pd.DataFrame, of_interest: pd.Series) -> Box:
        """Return the same box with the measures that it has on other cases.

        Of replicas that did not help to find it, the density is without bias, and the
        quasi-p-values are p-values.

        Parameters
        ----------
        parameters
            As for `contains`.
        of_interest
            True or False for each case, by the same index; cases that only one of the two has, or
            without an answer (NaN), are left out.

        Returns
        -------
        Box
            With the limits of this one, and its own measures and p-values.

        """
        x, y = _cases(parameters, of_interest)
        ranges = {str(name): (row.low, row.high) for name, row in self.limits.iterrows()}
        return _box(ranges, x, y, self.trajectory)

    def __str__(self) -> str:
        """Write the box as a rule."""
        parts = []
        for name, limit in self.limits.iterrows():
            low, high = np.isfinite(limit.low), np.isfinite(limit.high)
            if low and high:
                parts.append(f"{limit.low:.4g} <= {name} <= {limit.high:.4g}")
            else:
                parts.append(f"{name} >= {limit.low:.4g}" if low else f"{name} <= {limit.high:.4g}")
        return (
            f"{' and '.join(parts) or 'everything'}: {self.cases_of_interest} of {self.cases} "
            f"cases are of interest ({self.density:.0%}; {self.coverage:.0%} of all that are)"
        )


def find_boxes(
    parameters: pd.DataFrame,
    of_interest: pd.Series,
    *,
    density: float = 0.8,
    least_mass: float = 0.05,
    peel: float = 0.05,
    significance: float = 0.05,
    most_parameters: int = 8,
    most_boxes: int = 3,
) -> list[Box]:
    """Find boxes in the unknowns that hold mostly cases of interest, by PRIM.

    The patient rule induction method (Friedman & Fisher 1999, doi:10.1023/A:1008894516817) peels
    off a thin slice at a time, the one that raises the share of cases of interest most for what
    it costs, then pastes back; it is EMA Workbench's implementation (Kwakkel 2017,
    doi:10.1016/j.envsoft.2017.06.054). From each box on the way the limits are dropped whose
    quasi-p-value is above `significance`, the weakest first. Of what is left the box with the
    largest coverage is taken whose density is enough, or the densest. Then the cases in the box
    are put aside, and the next box is sought among the others.

    Each peel is a choice among all parameters, so that among hundreds some look better by chance
    than those that matter. The search is therefore among the few whose values differ most between
    the cases of interest and the others: regional sensitivity analysis by the two-sample
    statistic of Kolmogorov and Smirnov (Spear & Hornberger 1980, doi:10.1016/0043-1354(80)90040-8).

    Which unknowns make one policy worse than another:
    `values = policy_values(datasets); find_boxes(draws(ds), values["a"] < values["b"])`.

    Parameters
    ----------
    parameters
        A row for each case, with numbers: `tollgate.draws(ds)`. Columns without variation are
        left out.
    of_interest
        Boolean, by the same index. Cases that only one of the two has are left out.
    density
        Share of cases of interest that a box is to have.
    least_mass
        Share of the cases that a box has at least.
    peel
        Share of the cases in the box that is peeled off at a time.
    significance
        Limits with a larger quasi-p-value are dropped.
    most_parameters
        Number of parameters that the search is among, screened anew for each box.
    most_boxes
        Number of boxes to look for.

    Returns
    -------
    list of Box
        Coverage, density and mass of each are shares of the cases that were not in boxes before.
        Ends before a box that is not dense enough; the first one is given all the same, if its
        limits mean anything.

    Raises
    ------
    ImportError
        When EMA Workbench is not installed.
    ValueError
        When a parameter is no number, or no case, or every case, is of interest.

    """
    prim = _prim()
    x, y = _cases(parameters, of_interest)
    _check_interest(y)
    boxes: list[Box] = []
    while len(boxes) < most_boxes and y.any() and not y.all():
        telling = _screened(x, y, most_parameters)
        # One name, "scenario", is special to EMA Workbench; so none is passed on.
        names = {f"p{j}": name for j, name in enumerate(telling)}
        plain = x[telling].set_axis(list(names), axis=1).reset_index(drop=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found = prim.Prim(
                plain,
                y.to_numpy(),
                threshold=0.0,
                peel_alpha=peel,
                paste_alpha=peel,
                mass_min=least_mass,
            ).find_box()
        steps = [
            _significant(_ranges(limits, found.box_lims[0], names), x, y, significance)
            for limits in found.box_lims
        ]
        trajectory = pd.DataFrame([_measures(_inside(step, x), y) for step in steps])
        trajectory["restricted"] = [len(step) for step in steps]
        dense = trajectory[trajectory.density >= density]
        # Of equal ones the first, which is the widest.
        chosen = dense.coverage.idxmax() if len(dense) else trajectory.density.idxmax()
        box = _box(steps[chosen], x, y, trajectory)
        is_dense = box.density >= density
        if box.limits.empty or box.density <= y.mean() or (boxes and not is_dense):
            break
        boxes.append(box)
        if not is_dense:
            break
        rest = ~box.contains(x)
        x, y = x[rest], y[rest]
    return boxes


def classification_rules(
    parameters: pd.DataFrame,
    of_interest: pd.Series,
    *,
    density: float = 0.8,
    least_mass: float = 0.05,
    most_leaves: int = 8,
) -> list[Box]:
    """Find boxes that hold mostly cases of interest, as leaves of a classification tree.

    CART (Breiman et al. 1984, doi:10.1201/9781315139470) by scikit-learn, which cuts the whole
    space into boxes that do not overlap; Lempert, Bryant & Bankes (2008, RAND WR-557) compare it
    with PRIM.

    Parameters
    ----------
    parameters, of_interest, density, least_mass
        As in `find_boxes`.
    most_leaves
        Of the tree.

    Returns
    -------
    list of Box
        Leaves that are dense enough, by coverage; limits lie halfway between cases.

    Raises
    ------
    ImportError
        When scikit-learn is not installed.
    ValueError
        As in `find_boxes`.

    """
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError as error:
        raise ImportError(_MISSING.format("scikit-learn")) from error
    x, y = _cases(parameters, of_interest)
    _check_interest(y)
    tree = DecisionTreeClassifier(
        max_leaf_nodes=most_leaves, min_samples_leaf=least_mass, random_state=0
    ).fit(x.to_numpy(), y.to_numpy())
    leaves = [_box(ranges, x, y, pd.DataFrame()) for ranges in _leaves(tree.tree_, list(x.columns))]
    dense = [leaf for leaf in leaves if leaf.density >= density and not leaf.limits.empty]
    return sorted(dense, key=lambda leaf: leaf.coverage, reverse=True)


Ranges = dict[str, tuple[float, float]]

_MISSING = "scenario discovery needs {}; install it with `pip install 'tollgate[discovery]'`"


def _prim() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are not used here
            from ema_workbench.analysis import prim
    except ImportError as error:
        raise ImportError(_MISSING.format("EMA Workbench")) from error
    return prim


def _cases(parameters: pd.DataFrame, of_interest: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    wrong = [str(name) for name in parameters.select_dtypes(exclude="number")]
    if wrong:
        raise ValueError(f"parameters have to be numbers, and {', '.join(wrong)} are not")
    x, y = parameters.astype("float64").align(
        of_interest.dropna().astype(bool), axis=0, join="inner"
    )
    return x, y


def _screened(x: pd.DataFrame, y: pd.Series, most: int) -> list[str]:
    """Name the parameters whose values differ most between the two kinds of cases."""
    inside, outside = x[y].to_numpy(), x[~y].to_numpy()
    distance = stats.ks_2samp(inside, outside, axis=0, method="asymp").statistic
    # In the order of the table, so that the order of the parameters decides nothing else.
    best = np.sort(np.argsort(-distance, kind="stable")[:most])
    return [x.columns[j] for j in best if x.iloc[:, j].nunique() > 1]


def _check_interest(y: pd.Series) -> None:
    if y.all() or not y.any():
        raise ValueError(
            f"{int(y.sum())} of {len(y)} cases are of interest; there has to be some of both kinds"
        )


def _ranges(limits: pd.DataFrame, whole: pd.DataFrame, names: dict[str, str]) -> Ranges:
    """Limits of EMA Workbench that shut something out of the whole."""
    low, high = limits.to_numpy(dtype=float)
    least, most = whole.to_numpy(dtype=float)
    low, high = np.where(low > least, low, -np.inf), np.where(high < most, high, np.inf)
    return {
        names[limits.columns[j]]: (float(low[j]), float(high[j]))
        for j in np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    }


def _inside(ranges: Ranges, x: pd.DataFrame) -> np.ndarray:
    inside = np.ones(len(x), dtype=bool)
    for name, (low, high) in ranges.items():
        values = x[name].to_numpy()
        inside &= (low <= values) & (values <= high)
    return inside


def _measures(inside: np.ndarray, y: pd.Series) -> dict[str, float]:
    interesting = y.to_numpy()
    cases, hits = int(inside.sum()), int(interesting[inside].sum())
    return {
        "coverage": hits / max(int(interesting.sum()), 1),
        "density": hits / cases if cases else float("nan"),
        "mass": cases / len(y),
    }


def _box(ranges: Ranges, x: pd.DataFrame, y: pd.Series, trajectory: pd.DataFrame) -> Box:
    inside = _inside(ranges, x)
    p = _quasi_p(ranges, x, y)
    limits = pd.DataFrame(
        [
            (*bounds, p.get((name, 0), np.nan), p.get((name, 1), np.nan))
            for name, bounds in ranges.items()
        ],
        index=pd.Index(list(ranges), name="parameter", dtype=object),
        columns=["low", "high", "p_low", "p_high"],
    )
    telling = limits[["p_low", "p_high"]].min(axis=1).sort_values(kind="stable").index
    return Box(
        limits=limits.loc[telling],
        **_measures(inside, y),
        cases=int(inside.sum()),
        cases_of_interest=int(y.to_numpy()[inside].sum()),
        trajectory=trajectory,
    )


def _significant(ranges: Ranges, x: pd.DataFrame, y: pd.Series, significance: float) -> Ranges:
    """Drop the weakest limit until all that are left mean something."""
    ranges = dict(ranges)
    while ranges:
        p = _quasi_p(ranges, x, y)
        (name, side), largest = max(p.items(), key=lambda item: item[1])
        if largest <= significance:
            break
        low, high = ranges.pop(name)
        kept = (low, np.inf) if side else (-np.inf, high)
        if np.isfinite(kept).any():
            ranges[name] = kept
    return ranges


def _quasi_p(ranges: Ranges, x: pd.DataFrame, y: pd.Series) -> dict[tuple[str, int], float]:
    """Quasi-p-value of each limit: side 0 is the lower, 1 the upper one."""
    interesting = y.to_numpy()
    apart = {name: _inside({name: limits}, x) for name, limits in ranges.items()}
    shut_out_by = sum((~inside for inside in apart.values()), np.zeros(len(y), dtype=int))
    inside = shut_out_by == 0
    cases, hits = int(inside.sum()), int(interesting[inside].sum())
    result = {}
    for name, limits in ranges.items():
        others = shut_out_by - ~apart[name] == 0
        for side in (0, 1):
            if not np.isfinite(limits[side]):
                continue
            lifted = (limits[0], np.inf) if side else (-np.inf, limits[1])
            wider = others & _inside({name: lifted}, x)
            rate = interesting[wider].mean() if wider.any() else 1.0
            result[name, side] = float(stats.binom.sf(hits - 1, cases, rate))
    return result


def _leaves(tree: Any, names: list[str]) -> list[Ranges]:
    found: list[Ranges] = []

    def walk(node: int, ranges: Ranges) -> None:
        left, right = tree.children_left[node], tree.children_right[node]
        if left == right:
            found.append(ranges)
            return
        name, cut = names[tree.feature[node]], float(tree.threshold[node])
        low, high = ranges.get(name, (-np.inf, np.inf))
        walk(left, {**ranges, name: (low, min(high, cut))})
        walk(right, {**ranges, name: (max(low, np.nextafter(cut, np.inf)), high)})

    walk(0, {})
    return found
