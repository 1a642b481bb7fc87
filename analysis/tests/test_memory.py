"""Files larger than memory: what opening and reducing them takes.

`python analysis/tests/big_sweep.py small.h5 FOLDER --gigabytes 10` measures the real thing.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
from big_sweep import item_bytes, make

import tollgate

REDUCE = """
import json, sys
sys.path.insert(0, {here!r})
import pathlib, resource
import tollgate
import big_sweep
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
print(json.dumps(dict(big_sweep.reduce(pathlib.Path({master!r})), before=before)))
"""


def test_reducing_a_mapped_sweep_takes_little_memory(ensemble, tmp_path):
    """0.6 GB are read with an increase of less than 0.3 GB, and what comes out is right."""
    with h5py.File(ensemble) as file:
        replicas = file["replica"].shape[0]
    points = math.ceil(0.6e9 / (item_bytes(ensemble) * replicas))
    master = make(ensemble, tmp_path / "big", points)
    code = REDUCE.format(here=str(Path(__file__).parent), master=str(master))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    measured = json.loads(said.stdout)
    assert measured["gigabytes"] >= 0.6
    assert measured["peak_gigabytes"] - measured["before"] < 0.3
    ds = tollgate.open(master, chunks="auto")
    assert len(ds.revenue.chunks[0]) > 1
    alone = tollgate.outcomes(tollgate.open(ensemble), ["domestic_share", "levy_receipts"])
    found = tollgate.outcomes(ds, ["domestic_share", "levy_receipts"]).compute()
    for name, values in alone.items():
        np.testing.assert_array_equal(found[name], np.tile(values, (points, 1)), str(name))
