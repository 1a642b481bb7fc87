"""Opening an ensemble file and reading what is in it besides the series."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Literal

import h5py
import pandas as pd
import xarray as xr

from tollgate._outcomes import CENTS_PER_USD, text

_FORMAT = 2
_COMPLETE = 1


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
        if text(file.attrs.get("tollgate_file_type", "")) != "ensemble":
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


def _in_usd(ds: xr.Dataset) -> xr.Dataset:
    converted = {}
    for name, variable in ds.data_vars.items():
        if variable.attrs.get("units") == "cents":
            converted[name] = (variable / CENTS_PER_USD).assign_attrs(
                {
                    **variable.attrs,
                    "units": "USD",
                    "description": variable.attrs["description"].replace("US cents", "US dollars"),
                }
            )
    return ds.assign(converted)


def draws(ds: xr.Dataset) -> pd.DataFrame:
    """Return the drawn parameters: one row per replica, one column per uncertain key."""
    if "draw" not in ds:
        return pd.DataFrame(index=pd.Index(ds.replica.values, name="replica"))
    frame = ds.draw.to_pandas()
    frame.columns.name = "parameter"
    return frame
