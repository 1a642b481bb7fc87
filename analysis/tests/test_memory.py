"""Files larger than memory, and tables that have to come at once: what is read, and how often.

`python analysis/tests/big_sweep.py small.h5 FOLDER --gigabytes 10` measures the real thing.
"""

import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import h5netcdf
import h5py
import numpy as np
import pytest
from big_sweep import item_bytes, make

import tollgate

SUM = """
import resource, json, tollgate
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
ds = tollgate.open({master!r}, chunks="auto")
tollgate.outcomes(ds.isel(point=[0]), ["levy_receipts"]).compute()
before = peak()
total = int(ds.units_cleared.sum())
print(json.dumps([total, ds.units_cleared.nbytes, peak() - before]))
"""


@pytest.fixture(scope="module")
def ten_gigabytes(ensemble, tmp_path_factory) -> Path:
    """10 GB in four shards, next to nothing on disk: what was never written is read as zeros."""
    with h5py.File(ensemble) as file:
        of_point = item_bytes(ensemble) * file["replica"].shape[0]
    folder = tmp_path_factory.mktemp("big")
    return make(ensemble, folder, math.ceil(10e9 / of_point), is_sparse=True)


def test_ten_gigabytes_are_cut_into_pieces_of_whole_chunks(ten_gigabytes):
    ds = tollgate.open(ten_gigabytes, chunks="auto")
    series = [v for v in ds.data_vars.values() if "replica" in v.dims]
    assert sum(v.nbytes for v in series) >= 10e9
    for v in series:
        assert v.dtype.itemsize * math.prod(max(c) for c in v.chunks) <= 32 << 20, v.name
        assert all(len(c) == 1 for c in v.chunks[1:]), v.name  # points alone are cut here
    assert len(ds.units_cleared.chunks[0]) > 10


def test_a_series_larger_than_the_memory_allowed_is_summed(ten_gigabytes, ensemble):
    """0.5 GB are summed with 0.25 GB more than opening took: a few pieces of 32 MiB a thread."""
    code = SUM.format(master=str(ten_gigabytes))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    total, size, more = json.loads(said.stdout)
    assert total == 4 * int(tollgate.open(ensemble).units_cleared.sum())  # a point of each shard
    assert size > 0.5e9
    assert more < 0.25e9


def test_a_mapped_sweep_has_every_point(ensemble, tmp_path):
    master = make(ensemble, tmp_path / "small", 11)
    names = ["domestic_share", "levy_receipts"]
    alone = tollgate.outcomes(tollgate.open(ensemble), names)
    found = tollgate.outcomes(tollgate.open(master, chunks="auto"), names).compute()
    for name, values in alone.items():
        np.testing.assert_array_equal(found[name], np.tile(values, (11, 1)), str(name))


def test_the_headline_reads_each_series_once(ensemble, monkeypatch):
    """It is decompressing that takes the time: 1,000 replicas are 40 MB in what it reads."""
    read = Counter()
    original = h5netcdf.Variable.__getitem__

    def counting(self, key):
        read[self.name.rsplit("/", 1)[-1]] += 1
        return original(self, key)

    monkeypatch.setattr(h5netcdf.Variable, "__getitem__", counting)
    ds = tollgate.open(ensemble)
    read.clear()
    tollgate.headline(ds)
    series = {name: n for name, n in read.items() if "replica" in ds[name].dims}
    assert series["revenue"] == series["units_cleared"] == series["price"] == 1
    assert set(series.values()) == {1}
    assert len(series) < 12
