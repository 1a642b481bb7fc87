"""How a file is cut for dask: along replicas and points, in whole chunks of the file."""

from __future__ import annotations

import math
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from tollgate._scenario import text

# Of the widest series, in memory: dask holds a few of them for each of its threads.
_MOST_BYTES = 32 << 20


def fitting_chunks(ds: xr.Dataset, path: Path) -> dict[str, int]:
    """Return chunks of at most 32 MiB for each series that need no chunk of the file twice.

    Parameters
    ----------
    ds
        As in the file, opened lazily.
    path
        The file. Of a mapped sweep the chunks are those of its shards.

    Returns
    -------
    dict
        Replicas, and points for a sweep, in a chunk. One size for all series, so that
        expressions of several need no rechunking.

    """
    items = [dim for dim in ("point", "replica") if dim in ds.dims]
    series = [v.variable for v in ds.data_vars.values() if set(items) <= set(v.dims)]
    of_item = max(
        (v.dtype.itemsize * math.prod(v.sizes[d] for d in v.dims if d not in items)) for v in series
    )
    room = max(1, _MOST_BYTES // max(1, of_item))
    stored = _stored(path, items)
    replicas = ds.sizes["replica"]
    if items == ["replica"]:
        return {"replica": min(replicas, _multiple(room, stored[-1]))}
    if room >= replicas:
        return {
            "point": min(ds.sizes["point"], _multiple(room // replicas, stored[0])),
            "replica": replicas,
        }
    return {"point": 1, "replica": min(replicas, _multiple(room, stored[-1]))}


def _multiple(room: int, of: int) -> int:
    return max(1, room // of) * of


def _stored(path: Path, items: list[str]) -> list[int]:
    """Points and replicas of a chunk in the file."""
    with h5py.File(path, "r") as file:
        if "shard_file" in file:
            first = (
                int(np.flatnonzero(file["shard_items"][:])[0]) if any(file["shard_items"][:]) else 0
            )
            return _stored(path.parent / text(file["shard_file"][first]), items)
        chunks = [
            dataset.chunks
            for dataset in file.values()
            if isinstance(dataset, h5py.Dataset) and dataset.chunks and dataset.ndim > len(items)
        ]
    return (
        [max(1, *(chunk[i] for chunk in chunks)) for i in range(len(items))]
        if chunks
        else [1 for _ in items]
    )
