"""The outcomes of a run that people compare: one number a replica, named as in the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._scenario import domestic_chips, scenario, text

__all__ = [
    "CENTS_PER_USD",
    "RENTED",
    "check_by_chip",
    "headline",
    "outcomes",
    "per_usd",
    "scenario",
    "text",
]

CENTS_PER_USD = 100

# Rows of the headline that stay even where they are zero in every replica.
_ALWAYS_SHOWN = ("levy_receipts", "domestic_share")
# The origin of compute that is used from the region but does not stand there.
RENTED = "rented_abroad"
# Coordinates that say which run a number is of; a sweep's factors would only be in the way.
_KEPT = ("policy", "point")


def per_usd(money: xr.DataArray) -> int:
    """How many units of a series of money make a US dollar: 100 in cents, 1 in US dollars."""
    return CENTS_PER_USD if money.attrs["units"] == "cents" else 1


def check_by_chip(what: str, *runs: xr.Dataset) -> None:
    """Raise ValueError where a file keeps no series by chip, which `what` needs."""
    if any("price" not in ds or "chip" not in ds.units_cleared.dims for ds in runs):
        raise ValueError(
            f"{what} needs series by chip, which the file does not keep; run the sweep anew with "
            'keep = "all"'
        )


def outcomes(ds: xr.Dataset, names: str | Iterable[str] | None = None) -> xr.Dataset:
    """Reduce each replica to the numbers of the headline.

    Parameters
    ----------
    ds
        From `tollgate.open`, in cents or US dollars; an ensemble, several, or a sweep.
    names
        Which outcomes, or one; all by default.

    Returns
    -------
    xarray.Dataset
        One float64 variable for each outcome, with dimension replica, and before it point for a
        sweep and policy for several runs, with units and long_name. Names and units are those of
        `tollgate run --until-ci`: `revenue.VENDOR` and `revenue_REGION.VENDOR` over the run
        (billion USD), `levy_receipts` and what of them is owed at the end, `levy_owed` (billion
        USD), `compute_REGION.ORIGIN` at the end, and `compute_REGION`, the sum without what is
        rented abroad (thousand H100e), `domestic_share` of the chips cleared in the focus
        region (1), `price_ratio.CHIP` between focus and reference region at the end (1),
        `licences_granted`, `licences_denied`, `grey_units.REGION` (thousand), `write_down`
        (billion USD), `pricing_unsolved`.
        NaN where a replica has no such number. Sweeps that keep = "quarterly" have no series by
        chip, so neither `domestic_share` nor `price_ratio`. Each series is read once, and only
        those that the names need.

    Raises
    ------
    KeyError
        When a name is not known; the message lists the names there are.
    ValueError
        When the dataset is of a sweep that keeps summaries.

    """
    if text(ds.attrs.get("keep", "all")) == "summary":
        raise ValueError(
            'this sweep keeps summaries of each point, not its replicas (keep = "summary"): its '
            "outcomes are ds.outcome_mean, ds.outcome_sd and ds.outcome_quantile, along `outcome`; "
            'what pairs replicas needs keep = "all" or "quarterly"'
        )
    available = _definitions(ds)
    names = [names] if isinstance(names, str) else names
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
        From `tollgate.open`, in cents or US dollars, of one run. Of several policies or a sweep,
        select one first.

    Returns
    -------
    pandas.DataFrame
        Columns median, p05, p95 and unit; rows as `tollgate run` prints them: see `outcomes`.
        Rows that are zero in every replica are left out, but for the receipts and the share.

    Raises
    ------
    ValueError
        When the dataset has several policies or points, which are no sample of one thing.

    """
    if over := [dim for dim in ("policy", "point") if dim in ds.dims]:
        raise ValueError(
            f"a headline is of one run, and this dataset has the dimension {over[0]}; select one "
            f"with .sel({over[0]}=...), or split it with tollgate.by_policy"
        )
    table = {}
    for name, values in outcomes(ds).compute().items():
        numbers = values.values
        if not np.isfinite(numbers).any():
            continue
        if name in _ALWAYS_SHOWN or np.nan_to_num(numbers).any():
            table[name] = [*np.nanquantile(numbers, [0.5, 0.05, 0.95]), values.attrs["units"]]
    return pd.DataFrame.from_dict(table, orient="index", columns=["median", "p05", "p95", "unit"])


def _definitions(ds: xr.Dataset) -> dict[str, Callable[[], xr.DataArray]]:
    """How to compute each outcome: nothing is read before it is asked for."""
    focus, reference = text(ds.attrs["focus_region"]), text(ds.attrs["reference_region"])

    # Each of these reads a series, and is read once however many outcomes come of it.
    @cache
    def over_run(series: str) -> xr.DataArray:
        return _in_memory(ds[series].sum("time"))

    @cache
    def at_end(series: str) -> xr.DataArray:
        return _in_memory(ds[series].isel(time=-1))

    def outcome(values: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
        values = values.astype("float64").drop_vars(
            [
                name
                for name, c in values.coords.items()
                if name not in values.dims and not (name in _KEPT and c.ndim == 0)
            ]
        )
        values.attrs = {"units": units, "long_name": long_name}
        return values

    def billion(values: xr.DataArray, long_name: str, **where: str) -> xr.DataArray:
        scale = 1e9 * per_usd(values)
        return outcome(_total(values.sel(where)) / scale, "billion USD", long_name)

    def compute(origins: list[str], long_name: str) -> xr.DataArray:
        # float32 in the file; the program divides in double precision
        stock = at_end("compute_h100e").sel(region=focus).astype("float64") / 1e3
        return outcome(stock.sel(origin=origins).sum("origin"), "thousand H100e", long_name)

    def price_ratio(chip: str) -> xr.DataArray:
        price = at_end("price").sel(chip=chip).astype("float64")
        ratio = price.sel(region=focus) / price.sel(region=reference)
        return outcome(ratio, "1", f"Price of {chip} in {focus} over {reference} at the end")

    def domestic_share() -> xr.DataArray:
        cleared = over_run("units_cleared").sel(region=focus)
        total = cleared.sum("chip")
        domestic = cleared.where(domestic_chips(ds, focus), 0).sum("chip")
        share = (domestic / total.where(total > 0)).transpose(*total.dims)
        return outcome(share, "1", f"Domestic share of the chips cleared in {focus}")

    def revenue(long_name: str, **where: str) -> xr.DataArray:
        return billion(over_run("revenue"), long_name, **where)

    result: dict[str, Callable[[], xr.DataArray]] = {}
    for vendor in map(str, ds.vendor.values):
        result[f"revenue.{vendor}"] = partial(
            revenue, f"Revenue of {vendor}, all regions", vendor=vendor
        )
    for vendor in map(str, ds.vendor.values):
        result[f"revenue_{focus}.{vendor}"] = partial(
            revenue, f"Revenue of {vendor} in {focus}", vendor=vendor, region=focus
        )
    result["levy_receipts"] = lambda: billion(over_run("levy_receipts"), "Receipts of the levy")
    result["levy_owed"] = lambda: billion(
        at_end("levy_owed"), "Receipts of the levy that are owed at the end"
    )
    origins = [str(origin) for origin in ds.origin.values]
    for origin in origins:
        result[f"compute_{focus}.{origin}"] = partial(
            compute, [origin], f"Compute of {focus} at the end, {origin}"
        )
    owned = [origin for origin in origins if origin != RENTED]
    result[f"compute_{focus}"] = partial(compute, owned, f"Compute installed in {focus} at the end")
    if "chip" in ds.units_cleared.dims:
        result["domestic_share"] = domestic_share
    for chip in map(str, ds.chip.values if "price" in ds else ()):
        result[f"price_ratio.{chip}"] = partial(price_ratio, chip)
    for what in ("granted", "denied"):
        result[f"licences_{what}"] = partial(
            lambda what: outcome(over_run(f"licences_{what}"), "1", f"Licences {what}"), what
        )
    result[f"grey_units.{focus}"] = lambda: outcome(
        over_run("grey_units").sel(region=focus) / 1e3,
        "thousand",
        f"Grey chips delivered in {focus}",
    )
    result["write_down"] = lambda: billion(over_run("write_down"), "Write-downs of all vendors")
    result["pricing_unsolved"] = lambda: outcome(
        _total(over_run("pricing_unsolved")), "1", "Pricing games not solved"
    )
    return result


def _in_memory(series: xr.DataArray) -> xr.DataArray:
    """Numpy arrays are read now, and so once; dask arrays stay lazy, and dask reads them once."""
    return series if series.chunks is not None else series.load()


def _total(series: xr.DataArray) -> xr.DataArray:
    """Sum over everything but replicas, points and policies."""
    return series.sum([dim for dim in series.dims if dim not in ("policy", "point", "replica")])
