"""A merged sweep of any size, and what it takes in memory to open and reduce it.

Chunks of a small run are laid side by side as they are, compressed, in shards that a master maps,
so that reading goes through every byte. By hand, for 10 GB:

    tollgate run h200-levy --replicas 200 -o small.h5
    python analysis/tests/big_sweep.py small.h5 FOLDER --gigabytes 10
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import time
from pathlib import Path

import h5py
import numpy as np

_OF_HDF5 = ("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_FillValue")


def item_bytes(source: Path) -> int:
    """Bytes of one replica, uncompressed."""
    with h5py.File(source) as file:
        return sum(d.dtype.itemsize * math.prod(d.shape[1:]) for d in _series(file).values())


def make(
    source: Path, folder: Path, points: int, shards: int = 4, *, is_sparse: bool = False
) -> Path:
    """Write shards of `points` times the replicas of `source`, and a master; return its path.

    Sparse shards have the chunks of their first point alone: the others are read as zeros.
    """
    folder.mkdir(parents=True, exist_ok=True)
    per_shard = math.ceil(points / shards)
    files = []
    for i in range(shards):
        path = folder / f"part-{i}.h5"
        of_shard = min(per_shard, points - i * per_shard)
        _write(source, path, of_shard, written=1 if is_sparse else of_shard)
        files.append(path)
    master = folder / "master.h5"
    _write(source, master, points, mapped=files)
    return master


def _series(file: h5py.File) -> dict[str, h5py.Dataset]:
    replicas = file["replica"].shape[0]
    return {
        name: d
        for name, d in file.items()
        if d.ndim and d.shape[0] == replicas and d.dtype.kind in "iuf" and not d.is_scale
    }


def _write(
    source: Path, path: Path, points: int, mapped: list[Path] | None = None, written: int = 0
) -> None:
    with h5py.File(source) as old, h5py.File(path, "w", libver="latest") as new:
        series = _series(old)
        new.attrs.update(old.attrs)
        new.attrs["tollgate_file_type"] = "sweep"
        new.attrs["points"] = points
        new["point"] = np.arange(points)
        new["point"].make_scale("point")
        for name, d in old.items():
            if d.is_scale:
                new[name] = d[...]
                new[name].make_scale(name)
                _describe(d, new[name])
        for name, d in old.items():
            if d.is_scale or name == "failure_message":
                continue
            if name not in series:
                new[name] = d[...]
            elif mapped is None:
                _tile(d, new, name, points, written)
            else:
                _map(d, new, name, points, mapped)
            _describe(d, new[name])
            dims = [dim[0].name.lstrip("/") for dim in d.dims] if d.ndim else []
            for i, dim in enumerate((["point"] if name in series else []) + dims):
                new[name].dims[i].attach_scale(new[dim])
        text = old["scenario_toml"].asstr()[()]
        new["sweep_toml"] = f"\n# Scenario 'base' with what is set for all points\n\n{text}"
        new["level"] = np.arange(points) / points
        new["level"].attrs["key"] = "policy.levy.rate"
        new["level"].dims[0].attach_scale(new["point"])
        new.attrs["coordinates"] = "level"
        if mapped is not None:
            new["shard_file"] = [p.name for p in mapped]
            new["shard_bytes"] = [p.stat().st_size for p in mapped]
            new["shard_items"] = [1] * len(mapped)


def _describe(old: h5py.Dataset, new: h5py.Dataset) -> None:
    for name, value in old.attrs.items():
        if name not in _OF_HDF5:
            new.attrs[name] = value


def _tile(d: h5py.Dataset, new: h5py.File, name: str, points: int, written: int) -> None:
    if d.chunks is None:
        new[name] = np.broadcast_to(d[...], (points, *d.shape))
        return
    copy = new.create_dataset(
        name,
        (points, *d.shape),
        d.dtype,
        chunks=(1, *d.chunks),
        shuffle=d.shuffle,
        compression=d.compression,
        compression_opts=d.compression_opts,
        fletcher32=d.fletcher32,
    )
    for i in range(d.id.get_num_chunks()):
        offset = d.id.get_chunk_info(i).chunk_offset
        mask, raw = d.id.read_direct_chunk(offset)
        for point in range(written):
            copy.id.write_direct_chunk((point, *offset), raw, mask)


def _map(d: h5py.Dataset, new: h5py.File, name: str, points: int, files: list[Path]) -> None:
    layout = h5py.VirtualLayout((points, *d.shape), d.dtype)
    first = 0
    for path in files:
        with h5py.File(path) as part:
            shape = part[name].shape
        layout[first : first + shape[0]] = h5py.VirtualSource(path.name, name, shape)
        first += shape[0]
    new.create_virtual_dataset(name, layout)


def reduce(master: Path) -> dict[str, float]:
    """Open the master, take the mean of every series and the outcomes of every replica."""
    import tollgate

    begin = time.perf_counter()
    ds = tollgate.open(master, chunks="auto")
    opened = time.perf_counter() - begin
    series = [name for name, v in ds.data_vars.items() if "replica" in v.dims]
    read = sum(ds[name].nbytes for name in series)
    ds[series].mean(["point", "replica"]).compute()  # of all at once, as a script would
    means = time.perf_counter() - begin
    tollgate.outcomes(ds).compute()
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "gigabytes": read / 1e9,
        "opened": opened,
        "means": means,
        "seconds": seconds,
        "peak_gigabytes": peak / 1e9,
        "points": ds.sizes["point"],
        "disk": sum(f.stat().st_size for f in master.parent.glob("*.h5")) / 1e9,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    asked = parser.parse_args()
    with h5py.File(asked.source) as file:
        of_point = item_bytes(asked.source) * file["replica"].shape[0]
    target = asked.folder / "master.h5"
    if not target.exists():
        target = make(asked.source, asked.folder, math.ceil(asked.gigabytes * 1e9 / of_point))
    # Peak memory of a process that only reads
    if os.fork() == 0:
        print({name: round(value, 3) for name, value in reduce(target).items()})
        os._exit(0)
    os.wait()
