"""Opening an ensemble file and reading what is in it besides the series."""

from __future__ import annotations

import os
import tomllib
import warnings
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
import pandas as pd
import xarray as xr

_FORMAT = 2
_COMPLETE = 1
_CENTS_PER_USD = 100


class TollgateFileError(OSError):
    """A file that is not there, not ours, too new or unfinished; the message says what to do."""


def open_dataset(
    path: str | os.PathLike[str],
    *,
    money: Literal["cents", "usd"] = "cents",
    keep_failed: bool = False,
    chunks: dict[str, int] | None = None,
) -> xr.Dataset:
    """Open the output of `tollgate run`.

    Parameters
    ----------
    path
        File written by `tollgate run`.
    money
        "cents" keeps money as the simulator counts it, whole US cents in int64, so that sums are
        exact. "usd" converts every variable in cents to float64 US dollars.
    keep_failed
        Keep replicas that failed; their values are zero or NaN. By default they are dropped with a
        warning.
    chunks
        Passed to xarray: give it to work on files larger than memory with dask.

    Returns
    -------
    xarray.Dataset
        Lazy. Dimensions replica, time (ends of quarters), vendor, chip, buyer, region, workload,
        origin, supplier, parameter, all labelled; `quarter` names the quarters. Every variable has
        units, long_name and description.

    Raises
    ------
    TollgateFileError
        When the file is missing, no HDF5, not ours, of a newer format, or unfinished.

    """
    _check(Path(path))
    ds = xr.open_dataset(path, engine="h5netcdf", chunks=chunks)
    ds = ds.set_coords([name for name in _AUXILIARY if name in ds.variables])
    if not keep_failed:
        complete = ds.replica_status.values == _COMPLETE
        if not complete.all():
            warnings.warn(
                f"{int((~complete).sum())} of {complete.size} replicas of {path} failed or were "
                "not run and are left out; keep_failed=True keeps them, failure_message says why",
                stacklevel=2,
            )
            ds = ds.isel(replica=complete)
    if money == "usd":
        ds = _in_usd(ds)
    elif money != "cents":
        raise ValueError(f"money is {money!r}; allowed is 'cents' or 'usd'")
    return ds


_AUXILIARY = ("quarter", "parameter_unit", "parameter_source")


def _check(path: Path) -> None:
    partial = path.with_name(path.name + ".partial")
    if path.suffix == ".partial" and path.exists():
        partial = path
    if partial.exists() and (partial == path or not path.exists()):
        raise TollgateFileError(
            f"{partial} is what a run that is not finished has saved; complete it with `tollgate "
            f"run ... --resume`, or read what is there after `tollgate recover {partial} -o FILE`"
        )
    if not path.exists():
        raise TollgateFileError(
            f"there is no file {path}; `tollgate run SCENARIO -o {path}` writes one"
        )
    if path.suffix == ".tmp":
        raise TollgateFileError(f"{path} is the unfinished file of a run; wait for its final name")
    if not h5py.is_hdf5(path):
        raise TollgateFileError(f"{path} is no HDF5 file, or was cut short; run the scenario again")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise TollgateFileError(
            f"{path} cannot be read, perhaps it was cut short ({error}); run the scenario again"
        ) from error
    with file:
        if _text(file.attrs.get("tollgate_file_type", "")) != "ensemble":
            raise TollgateFileError(f"{path} is HDF5 but not an ensemble written by tollgate")
        if "tollgate_format_version" not in file.attrs:
            raise TollgateFileError(
                f"{path} does not say its tollgate_format_version; another program has changed it, "
                "so run the scenario again"
            )
        version = int(file.attrs["tollgate_format_version"])
        if version > _FORMAT:
            raise TollgateFileError(
                f"{path} has file format {version}, this package reads up to {_FORMAT}; "
                "install a newer tollgate package"
            )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _in_usd(ds: xr.Dataset) -> xr.Dataset:
    converted = {}
    for name, variable in ds.data_vars.items():
        if variable.attrs.get("units") == "cents":
            converted[name] = (variable / _CENTS_PER_USD).assign_attrs(
                {
                    **variable.attrs,
                    "units": "USD",
                    "description": variable.attrs["description"].replace("US cents", "US dollars"),
                }
            )
    return ds.assign(converted)


def scenario(ds: xr.Dataset) -> dict[str, Any]:
    """Return the resolved scenario that the run was made from, as nested dictionaries."""
    return tomllib.loads(_text(ds.scenario_toml.values.item()))


def draws(ds: xr.Dataset) -> pd.DataFrame:
    """Return the drawn parameters: one row per replica, one column per uncertain key."""
    if "draw" not in ds:
        return pd.DataFrame(index=pd.Index(ds.replica.values, name="replica"))
    frame = ds.draw.to_pandas()
    frame.columns.name = "parameter"
    return frame


def headline(ds: xr.Dataset) -> pd.DataFrame:
    """Median and 90% band of what most people ask first.

    Parameters
    ----------
    ds
        From `tollgate.open`, in cents or US dollars.

    Returns
    -------
    pandas.DataFrame
        Columns median, p05, p95 and unit; rows as `tollgate run` prints them: revenue by
        vendor over the run (all regions, and the focus region), levy receipts, compute of the focus
        region at the end by origin, share of domestic vendors in the chips cleared there. Rows that
        are zero in every replica are left out, but for the receipts and the share.

    """
    focus = _text(ds.attrs["focus_region"])
    billion = 1e9 * (_CENTS_PER_USD if ds.revenue.attrs["units"] == "cents" else 1)
    rows: dict[str, tuple[xr.DataArray, str]] = {}
    revenue = ds.revenue.sum("time") / billion
    for vendor in ds.vendor.values:
        rows[f"revenue.{vendor}"] = (revenue.sel(vendor=vendor).sum("region"), "billion USD")
    for vendor in ds.vendor.values:
        rows[f"revenue_{focus}.{vendor}"] = (
            revenue.sel(vendor=vendor, region=focus),
            "billion USD",
        )
    rows["levy_receipts"] = (ds.levy_receipts.sum(["time", "vendor"]) / billion, "billion USD")
    # float32 in the file; the program divides in double precision
    compute = ds.compute_h100e.isel(time=-1).sel(region=focus).astype("float64") / 1e3
    for origin in ds.origin.values:
        rows[f"compute_{focus}.{origin}"] = (compute.sel(origin=origin), "thousand H100e")
    rows["domestic_share"] = (_domestic_share(ds, focus), "1")
    table = {
        name: [*np.nanquantile(values.values, [0.5, 0.05, 0.95]), unit]
        for name, (values, unit) in rows.items()
        if np.isfinite(values.values).any()
        and (name in ("levy_receipts", "domestic_share") or np.nan_to_num(values.values).any())
    }
    return pd.DataFrame.from_dict(table, orient="index", columns=["median", "p05", "p95", "unit"])


def _domestic_share(ds: xr.Dataset, focus: str) -> xr.DataArray:
    resolved = scenario(ds)
    home = {vendor: keys["headquarters"] for vendor, keys in resolved["vendor"].items()}
    is_domestic = [home[resolved["chip"][chip]["vendor"]] == focus for chip in ds.chip.values]
    cleared = ds.units_cleared.sel(region=focus).sum("time")
    total = cleared.sum("chip")
    return cleared.isel(chip=np.flatnonzero(is_domestic)).sum("chip") / total.where(total > 0)
