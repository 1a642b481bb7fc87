"""The points of a sweep as numbers, and whether they still are what their design says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._outcomes import text

# Where the resolved sweep ends and its scenarios begin.
_SCENARIOS = "\n# Scenario "
_DEFAULT_LEVELS = 4
_NANOSECONDS_PER_DAY = 86_400e9


@dataclass(frozen=True)
class SweepDesign:
    """Points of a sweep.

    Attributes
    ----------
    name
        `grid`, `one_at_a_time`, `lhs`, `sobol`, `saltelli`, `morris` or `table`.
    points
        float64, a row for each point, a column for each factor, in the order of the sweep's file.
        Dates are days since 1970-01-01, labels their place in the list of levels, from 0.
    block
        Points that belong together: of one base sample of Saltelli's design, of one trajectory of
        Morris's; otherwise 1.
    has_second_order
        Whether the blocks of Saltelli's design have the rows for second-order indices.
    levels
        Of Morris's design.

    """

    name: str
    points: pd.DataFrame
    block: int
    has_second_order: bool
    levels: int

    @property
    def problem(self) -> dict[str, Any]:
        """What SALib calls the problem; bounds are the ends of what was sampled."""
        return {
            "num_vars": self.points.shape[1],
            "names": [str(name) for name in self.points.columns],
            "bounds": [[float(v.min()), float(v.max())] for _, v in self.points.items()],
        }


def sweep_design(ds: xr.Dataset) -> SweepDesign:
    """Read the design of a sweep, and check that the points are all there and in order.

    Raises
    ------
    ValueError
        When the dataset is not of a whole sweep: points were selected, sorted or never run.

    """
    if "point" not in ds.dims or "design" not in ds.attrs:
        raise ValueError("this is no sweep; open what `tollgate sweep` has written")
    name = text(ds.attrs["design"])
    head = tomllib.loads(text(ds.sweep_toml.values.item()).split(_SCENARIOS)[0])
    points = factor_points(ds)
    block, second_order = 1, False
    if name == "saltelli":
        block = _whole_blocks(ds, len(points), int(head["sweep"]["points"]))
        second_order = block == 2 * points.shape[1] + 2
        _check_saltelli(points.to_numpy(), block)
    elif name == "morris":
        block = _whole_blocks(ds, len(points), int(head["sweep"]["trajectories"]))
        _check_morris(points.to_numpy(), block)
    levels = int(head["sweep"].get("levels", _DEFAULT_LEVELS))
    return SweepDesign(name, points, block, second_order, levels)


def factor_names(ds: xr.Dataset) -> list[str]:
    """Names of the factors, in the order of the sweep's file: coordinates that have a key."""
    return [
        str(name)
        for name, coordinate in ds.coords.items()
        if coordinate.dims == ("point",) and "key" in coordinate.attrs
    ]


def factor_points(ds: xr.Dataset) -> pd.DataFrame:
    """Return the factors at each point as numbers: see `SweepDesign.points`."""
    columns = {}
    for name in factor_names(ds):
        values = ds[name].values
        if np.issubdtype(values.dtype, np.datetime64):
            days = values.astype("datetime64[ns]").astype("int64") / _NANOSECONDS_PER_DAY
            columns[name] = np.where(np.isnat(values), np.nan, days)
        elif np.issubdtype(values.dtype, np.number):
            columns[name] = values.astype("float64")
        else:
            labels = [text(value) for value in values]
            place = {label: i for i, label in enumerate(factor_levels(ds, name))}
            columns[name] = np.array([place.get(label, np.nan) for label in labels], dtype=float)
    points = pd.DataFrame(columns, index=pd.Index(ds.point.values, name="point"))
    if points.isna().any(axis=None):
        raise ValueError(
            "some points of this sweep have no coordinates: a shard or a partial merge; run the "
            "missing shards and merge again"
        )
    return points


def factor_levels(ds: xr.Dataset, name: str) -> list[str]:
    """Return the labels of a factor that has labels, in the order of the sweep's file."""
    head = tomllib.loads(text(ds.sweep_toml.values.item()).split(_SCENARIOS)[0])
    factor: Mapping[str, Any] = head["factor"][name]
    listed = [_label(level) for level in factor.get("scenarios") or factor.get("values") or ()]
    met = dict.fromkeys(text(value) for value in ds[name].values)
    return listed if set(met) <= set(listed) else list(met)


def _label(level: Any) -> str:
    return str(level).lower() if isinstance(level, bool) else str(level)


def _whole_blocks(ds: xr.Dataset, points: int, blocks: int) -> int:
    planned = int(ds.attrs["points"])
    if points != planned:
        raise ValueError(
            f"{points} of the sweep's {planned} points are here; indices need all of them, in the "
            "order of the file"
        )
    return points // blocks


def _check_saltelli(x: np.ndarray, block: int) -> None:
    d = x.shape[1]
    blocks = x.reshape(-1, block, d)
    a, b = blocks[:, :1], blocks[:, -1:]
    own = np.eye(d, dtype=bool)
    good = (blocks[:, 1 : d + 1] == np.where(own, b, a)).all()
    if block == 2 * d + 2:
        good &= (blocks[:, d + 1 : -1] == np.where(own, a, b)).all()
    if not good or block not in (d + 2, 2 * d + 2):
        raise ValueError(
            "the points are not in the order of Saltelli's design: for each base sample A, A with "
            "one column of B each, then B; keep the order of the file"
        )


def _check_morris(x: np.ndarray, block: int) -> None:
    d = x.shape[1]
    steps = np.diff(x.reshape(-1, block, d), axis=1) != 0 if block == d + 1 else None
    # A list shorter than the levels has steps that stay where they are.
    if steps is None or (steps.sum(axis=1) > 1).any() or (steps.sum(axis=2) > 1).any():
        raise ValueError(
            "the points are no trajectories of Morris's design, one factor changed at a time; keep "
            "the order of the file"
        )
