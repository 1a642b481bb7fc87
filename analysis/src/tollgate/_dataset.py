"""Opening ensembles and sweeps, one file or several, and what is in them besides the series."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._chunks import fitting_chunks
from tollgate._errors import TollgateFileError
from tollgate._file_check import check_file
from tollgate._join import join
from tollgate._outcomes import CENTS_PER_USD
from tollgate._scenario import is_sweep

__all__ = ["TollgateFileError", "draws", "open_dataset"]

NOT_RUN, COMPLETE, FAILED = 0, 1, 2  # of replica_status
_AUXILIARY = ("quarter", "parameter_unit", "parameter_source")
# Tables of a file about itself, of no use once it is open.
_BOOKKEEPING = ("shard", "failed_item")
PathLike = str | os.PathLike[str]
Chunks = Literal["auto"] | dict[str, int] | None


def open_dataset(
    path: PathLike | Iterable[PathLike] | Mapping[str, PathLike],
    *,
    money: Literal["cents", "usd"] = "cents",
    keep_failed: bool = False,
    chunks: Chunks = None,
) -> xr.Dataset:
    """Open the output of `tollgate run`, `tollgate sweep` or `tollgate merge`.

    Parameters
    ----------
    path
        A file; or several runs of different scenarios over the same world, as a pattern
        (`"results/*.h5"`), a list, or a mapping from the names of the policies to files.
    money
        "cents" keeps money as the simulator counts it, whole US cents in int64, so that sums are
        exact. "usd" converts every variable in cents to float64 US dollars.
    keep_failed
        Keep what failed or was not run; integers of it are zero and reals NaN, and
        `replica_status` (0 not run, 1 complete, 2 failed) tells it. By default it is left out with
        a warning: of an ensemble these replicas; of a sweep the points that have a replica that
        was not run or none that is complete, and then the replicas that failed at any of the
        points left, at all of them, so that points stay paired.
    chunks
        None reads numpy arrays when they are needed. "auto" makes dask arrays, cut along replicas
        and points in whole chunks of the file of at most 32 MiB: for files larger than memory.
        A mapping goes to xarray as it is. Several files are always opened with dask.

    Returns
    -------
    xarray.Dataset
        Lazy. Dimensions replica, time (ends of quarters), vendor, chip, buyer, region, workload,
        origin, supplier, instrument, review_stage, parameter, all labelled; `quarter` names the
        quarters. A sweep has point before replica and its factors as coordinates along point.
        Several files have policy as first dimension, the replicas that all of them have, and the
        labels of all of them, in the order in which they are first met, with 0 for chips and
        money and NaN for reals where a file does not have a label. Policies are named as the
        scenarios, or as the files where scenarios are named alike.
        Every variable has units, long_name and description.

    Raises
    ------
    TollgateFileError
        When a file is missing, no HDF5, not ours, of a newer format, unfinished, a shard, or maps
        shards that have gone or changed; when several files differ in seed, period, sampling or
        regions, are runs of the same scenario, or are sweeps.

    """
    if money not in ("cents", "usd"):
        raise ValueError(f"money is {money!r}; allowed is 'cents' or 'usd'")
    if isinstance(path, (str, os.PathLike)):
        found = _matching(path)
        if len(found) == 1:
            ds = _open_file(found[0], keep_failed=keep_failed, chunks=chunks)
            return _in_usd(ds) if money == "usd" else ds
        path = found
    if isinstance(path, Mapping):
        names, paths = [str(name) for name in path], [Path(p) for p in path.values()]
    else:
        names, paths = None, [Path(p) for p in path]
    if not paths:
        raise TollgateFileError("no file is named; tollgate.open needs one or more")
    parts = [
        _open_file(p, keep_failed=keep_failed, chunks="auto" if chunks is None else chunks)
        for p in paths
    ]
    ds = join(parts, paths, names)
    return _in_usd(ds) if money == "usd" else ds


def _matching(path: PathLike) -> list[Path]:
    """Files of a pattern; the path itself when it is none, or when there is a file of the name."""
    if not glob.has_magic(os.fspath(path)) or os.path.exists(path):
        return [Path(path)]
    found = [Path(p) for p in sorted(glob.glob(os.fspath(path), recursive=True))]
    if not found:
        raise TollgateFileError(
            f"no file matches {path}; `tollgate run SCENARIO -o FILE` writes one"
        )
    return found


def _open_file(path: Path, *, keep_failed: bool, chunks: Chunks) -> xr.Dataset:
    check_file(path)
    ds = xr.open_dataset(path, engine="h5netcdf")
    if chunks is not None:
        # Labels, texts and coordinates are small: dask would only make them slow.
        small = [name for name, v in ds.variables.items() if "replica" not in v.dims]
        cut = ds.chunk(fitting_chunks(ds, path) if chunks == "auto" else chunks)
        ds = cut.assign({name: ds[name].variable for name in small})
    ds = ds.set_coords([name for name in _AUXILIARY if name in ds.variables])
    ds = ds.drop_dims([dim for dim in _BOOKKEEPING if dim in ds.dims and not keep_failed])
    return ds if keep_failed else _complete(ds, path)


def _complete(ds: xr.Dataset, path: Path) -> xr.Dataset:
    """Leave out what failed or was not run, with a warning."""
    status = ds.replica_status.values
    if (status == COMPLETE).all():
        return ds
    hint = "keep_failed=True keeps them, failure_message says why"
    if not is_sweep(ds):
        complete = status == COMPLETE
        _warn(
            f"{int((~complete).sum())} of {complete.size} replicas of {path} failed or were not "
            f"run and are left out; {hint}"
        )
        return ds.isel(replica=complete)
    usable = (status != NOT_RUN).all(axis=1) & (status == COMPLETE).any(axis=1)
    if not usable.any():
        raise TollgateFileError(
            f"{path} has no point at which all replicas were run and one is complete; `tollgate "
            "sweep ... --resume` goes on with it, keep_failed=True opens it as it is"
        )
    failed = (status[usable] == FAILED).any(axis=0)
    if failed.all():
        raise TollgateFileError(
            f"each replica of {path} failed at one point or another; keep_failed=True opens it "
            "as it is, with failure_message"
        )
    said = []
    if not usable.all():
        said.append(
            f"{int((~usable).sum())} of {usable.size} points, at which replicas were not run or "
            "all failed,"
        )
    if failed.any():
        said.append(
            f"{int(failed.sum())} of {failed.size} replicas, which failed at one of the points,"
        )
    _warn(f"of the sweep {path} {' and '.join(said)} are left out; {hint}")
    return ds.isel(point=usable, replica=~failed)


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=5)  # where tollgate.open is called


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
    """Return the drawn parameters of a run.

    Parameters
    ----------
    ds
        From `tollgate.open`. Of several policies or of a sweep, select one first.

    Returns
    -------
    pandas.DataFrame
        One row per replica, one column per uncertain key, each in the unit `parameter_unit`.

    """
    if "draw" not in ds:
        return pd.DataFrame(index=pd.Index(np.atleast_1d(ds.replica.values), name="replica"))
    frame = ds.draw.transpose("replica", "parameter").to_pandas()
    frame.columns.name = "parameter"
    return frame
