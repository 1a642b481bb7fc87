"""The outcomes of a run that people compare: one number a replica, named as in the program."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

CENTS_PER_USD = 100

# Rows of the headline that stay even where they are zero in every replica.
_ALWAYS_SHOWN = ("levy_receipts", "domestic_share")
# The origin of compute that is used from the region but does not stand there.
RENTED = "rented_abroad"


def text(value: Any) -> str:
    """Text of an attribute or a variable, which HDF5 may give as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def scenario(ds: xr.Dataset) -> dict[str, Any]:
    """Return the resolved scenario that a run was made from, as nested dictionaries."""
    return tomllib.loads(text(ds.scenario_toml.values.item()))


def outcomes(ds: xr.Dataset, names: Iterable[str] | None = None) -> xr.Dataset:
    """Reduce each replica to the numbers of the headline.

    Parameters
    ----------
    ds
        From `tollgate.open`, in cents or US dollars; an ensemble or a sweep.
    names
        Which outcomes; all by default.

    Returns
    -------
    xarray.Dataset
        One float64 variable for each outcome, with dimension replica, and point for a sweep, with
        units and long_name. Names and units are those of `tollgate run --until-ci`:
        `revenue.VENDOR` and `revenue_REGION.VENDOR` over the run (billion USD), `levy_receipts`
        (billion USD), `compute_REGION.ORIGIN` at the end, and `compute_REGION`, the sum without
        what is rented abroad (thousand H100e), `domestic_share` of the chips cleared in the focus
        region (1), `price_ratio.CHIP` between focus and reference region at the end (1),
        `licences_granted`, `licences_denied`, `grey_units.REGION` (thousand), `write_down`
        (billion USD), `pricing_unsolved`.
        NaN where a replica has no such number.

    Raises
    ------
    KeyError
        When a name is not known; the message lists the names there are.

    """
    available = _definitions(ds)
    chosen = list(available) if names is None else list(names)
    unknown = [name for name in chosen if name not in available]
    if unknown:
        raise KeyError(f"no outcome {', '.join(unknown)}; there are {', '.join(available)}")
    return xr.Dataset({name: available[name]() for name in chosen})


def headline(ds: xr.Dataset) -> pd.DataFrame:
    """Median and 90% band of what most people ask first.

    Parameters
    ----------
    ds
        From `tollgate.open`, in cents or US dollars. Of a sweep, select a point first.

    Returns
    -------
    pandas.DataFrame
        Columns median, p05, p95 and unit; rows as `tollgate run` prints them: see `outcomes`.
        Rows that are zero in every replica are left out, but for the receipts and the share.

    """
    table = {}
    for name, values in outcomes(ds).items():
        numbers = values.values
        if not np.isfinite(numbers).any():
            continue
        if name in _ALWAYS_SHOWN or np.nan_to_num(numbers).any():
            table[name] = [*np.nanquantile(numbers, [0.5, 0.05, 0.95]), values.attrs["units"]]
    return pd.DataFrame.from_dict(table, orient="index", columns=["median", "p05", "p95", "unit"])


def _definitions(ds: xr.Dataset) -> dict[str, Callable[[], xr.DataArray]]:
    """How to compute each outcome: nothing is read before it is asked for."""
    focus, reference = text(ds.attrs["focus_region"]), text(ds.attrs["reference_region"])

    def outcome(values: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
        values = values.astype("float64").drop_vars(
            [name for name in values.coords if name not in values.dims and name != "point"]
        )
        return values.assign_attrs(units=units, long_name=long_name)

    def billion(series: str, long_name: str, **where: str) -> xr.DataArray:
        scale = 1e9 * (CENTS_PER_USD if ds[series].attrs["units"] == "cents" else 1)
        values = _total(ds[series].sel(where)) / scale
        return outcome(values, "billion USD", long_name)

    def compute(origins: list[str], long_name: str) -> xr.DataArray:
        # float32 in the file; the program divides in double precision
        stock = ds.compute_h100e.isel(time=-1).sel(region=focus).astype("float64") / 1e3
        return outcome(stock.sel(origin=origins).sum("origin"), "thousand H100e", long_name)

    def price_ratio(chip: str) -> xr.DataArray:
        price = ds.price.isel(time=-1).sel(chip=chip).astype("float64")
        ratio = price.sel(region=focus) / price.sel(region=reference)
        return outcome(ratio, "1", f"Price of {chip} in {focus} over {reference} at the end")

    def domestic_share() -> xr.DataArray:
        cleared = ds.units_cleared.sel(region=focus).sum("time")
        total = cleared.sum("chip")
        share = cleared.isel(chip=_chips_of(ds, focus)).sum("chip") / total.where(total > 0)
        return outcome(share, "1", f"Domestic share of the chips cleared in {focus}")

    result: dict[str, Callable[[], xr.DataArray]] = {}
    for vendor in map(str, ds.vendor.values):
        result[f"revenue.{vendor}"] = partial(
            billion, "revenue", f"Revenue of {vendor}, all regions", vendor=vendor
        )
    for vendor in map(str, ds.vendor.values):
        result[f"revenue_{focus}.{vendor}"] = partial(
            billion, "revenue", f"Revenue of {vendor} in {focus}", vendor=vendor, region=focus
        )
    result["levy_receipts"] = partial(billion, "levy_receipts", "Receipts of the levy")
    origins = [str(origin) for origin in ds.origin.values]
    for origin in origins:
        result[f"compute_{focus}.{origin}"] = partial(
            compute, [origin], f"Compute of {focus} at the end, {origin}"
        )
    owned = [origin for origin in origins if origin != RENTED]
    result[f"compute_{focus}"] = partial(compute, owned, f"Compute installed in {focus} at the end")
    result["domestic_share"] = domestic_share
    for chip in map(str, ds.chip.values):
        result[f"price_ratio.{chip}"] = partial(price_ratio, chip)
    for what in ("granted", "denied"):
        result[f"licences_{what}"] = partial(
            lambda what: outcome(_total(ds[f"licences_{what}"]), "1", f"Licences {what}"), what
        )
    result[f"grey_units.{focus}"] = lambda: outcome(
        _total(ds.grey_units.sel(region=focus)) / 1e3,
        "thousand",
        f"Grey chips delivered in {focus}",
    )
    result["write_down"] = partial(billion, "write_down", "Write-downs of all vendors")
    result["pricing_unsolved"] = lambda: outcome(
        _total(ds.pricing_unsolved), "1", "Pricing games not solved"
    )
    return result


def _total(series: xr.DataArray) -> xr.DataArray:
    """Sum over everything but replicas and points."""
    return series.sum([dim for dim in series.dims if dim not in ("point", "replica")])


def _chips_of(ds: xr.Dataset, region: str) -> np.ndarray:
    """Places of the chips whose vendors have their headquarters in a region."""
    resolved = scenario(ds)
    home = {vendor: keys["headquarters"] for vendor, keys in resolved["vendor"].items()}
    is_there = [home[resolved["chip"][str(chip)]["vendor"]] == region for chip in ds.chip.values]
    return np.flatnonzero(is_there)
