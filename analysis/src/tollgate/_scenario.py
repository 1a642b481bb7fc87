"""The scenarios that a file was made from, read back from the text in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

_HEADING = re.compile(r"^# Scenario '(.*)' with what is set for all points$", re.MULTILINE)


def text(value: Any) -> str:
    """Text of an attribute or a variable, which HDF5 may give as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def scenario(ds: xr.Dataset) -> dict[str, Any]:
    """Return the resolved scenario that a run was made from, as nested dictionaries.

    Parameters
    ----------
    ds
        From `tollgate.open`. Of several policies or of a sweep, select one first:
        `ds.sel(policy="ban")`, `ds.sel(point=3)`. A sweep of one scenario needs no point; the
        values of its factors are then those of the base.

    Returns
    -------
    dict
        Keys as in scenario files. With a point of a sweep selected, the factors have the values
        of the point: numbers as numbers, dates as `datetime.date`.

    Raises
    ------
    ValueError
        When the dataset was made from more than one scenario and none is selected; the message
        lists them.

    """
    if ds.scenario_toml.ndim:
        (dim,) = ds.scenario_toml.dims
        raise ValueError(
            f"there are {ds.sizes[dim]} scenarios; select one first: ds.sel({dim}=...), of "
            f"{', '.join(map(str, ds[dim].values))}"
        )
    if not is_sweep(ds):
        return _copy(_parsed(text(ds.scenario_toml.values.item())))
    there = sweep_scenarios(ds)
    if "point" in ds.dims:
        if len(there) == 1:
            return _copy(next(iter(there.values())))
        raise ValueError(
            f"a sweep of the scenarios {', '.join(there)}; select a point first: ds.sel(point=...)"
        )
    return _at_point(ds, there)


def is_sweep(ds: xr.Dataset) -> bool:
    """Whether the dataset comes from a sweep, points selected or not."""
    return "sweep_toml" in ds.variables


def factors(ds: xr.Dataset) -> dict[str, str]:
    """Factors of a sweep: names of coordinates, and the key of each, "" for scenarios."""
    return {
        str(name): text(coordinate.attrs["key"])
        for name, coordinate in ds.coords.items()
        if "key" in coordinate.attrs
    }


def sweep_scenarios(ds: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Return the scenarios of a sweep by name, without the values of its factors.

    Parse results are shared between calls: do not change them.
    """
    return _parsed_sweep(text(ds.sweep_toml.values.item()))


def domestic_chips(ds: xr.Dataset, region: str) -> xr.DataArray:
    """Which chips are of vendors with their headquarters in a region.

    Returns
    -------
    xarray.DataArray
        Boolean, dimension chip, and policy or point where scenarios differ in it. False for chips
        that a scenario does not have.

    """
    chips = [str(chip) for chip in np.atleast_1d(ds.chip.values)]

    def of(resolved: Mapping[str, Any]) -> list[bool]:
        home = {name: keys.get("headquarters") for name, keys in resolved["vendor"].items()}
        there = resolved["chip"]
        return [chip in there and home[there[chip]["vendor"]] == region for chip in chips]

    if ds.scenario_toml.ndim:
        (dim,) = ds.scenario_toml.dims
        rows = [of(_parsed(text(toml))) for toml in ds.scenario_toml.values]
        return xr.DataArray(rows, {dim: ds[dim].values, "chip": chips}, (dim, "chip"))
    if not is_sweep(ds) or "point" not in ds.dims:
        return xr.DataArray(of(scenario(ds)), {"chip": chips}, ("chip",))
    bearing = [name for name, key in factors(ds).items() if _bears_on_home(key)]
    if not bearing:
        (only,) = sweep_scenarios(ds).values()
        return xr.DataArray(of(only), {"chip": chips}, ("chip",))
    there = sweep_scenarios(ds)
    levels = list(zip(*(ds[name].values.tolist() for name in bearing), strict=True))
    places = {level: i for i, level in reversed(list(enumerate(levels)))}
    row = {level: of(_at_point(ds.isel(point=i), there)) for level, i in places.items()}
    return xr.DataArray(
        np.array([row[level] for level in levels], dtype=bool).reshape(len(levels), len(chips)),
        {"point": ds.point.values, "chip": chips},
        ("point", "chip"),
    )


def _bears_on_home(key: str) -> bool:
    return key == "" or (
        key.startswith(("vendor.", "chip.")) and key.endswith((".headquarters", ".vendor"))
    )


def _at_point(ds: xr.Dataset, there: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Give the scenario of one point with the values of its factors."""
    keys = factors(ds)
    name = next((text(ds[factor].item()) for factor, key in keys.items() if key == ""), None)
    result = _copy(there[name] if name is not None else next(iter(there.values())))
    for factor, key in keys.items():
        if key:
            _put(result, key.split("."), _value_of(ds[factor]))
    return result


def _value_of(coordinate: xr.DataArray) -> Any:
    if coordinate.dtype.kind == "M":
        return pd.Timestamp(coordinate.values).date()
    value = coordinate.values.item()
    if isinstance(value, (str, bytes)):
        label = text(value)
        try:
            return tomllib.loads(f"x = {label}")["x"]
        except tomllib.TOMLDecodeError:  # a bare name
            return label
    return value


def _put(table: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        table = table.setdefault(name, {})
    table[path[-1]] = value


def _copy(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree


# A scenario has 400 KB of text, which takes longer to read than the numbers of a hundred replicas.
@lru_cache(maxsize=64)
def _parsed(toml: str) -> dict[str, Any]:
    return tomllib.loads(toml)


@lru_cache(maxsize=4)
def _parsed_sweep(toml: str) -> dict[str, dict[str, Any]]:
    parts = _HEADING.split(toml)
    return {name: _parsed(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
