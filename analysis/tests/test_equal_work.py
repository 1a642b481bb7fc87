"""The comparison with SimPy and Mesa compares equal work: tests/performance/equal_work/README.md.

Statistical: 4.5 standard errors, which equal means exceed once in 150,000 (27 quantities are
looked at); seeds are fixed.
"""

import math
import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "tests/performance/equal_work"
sys.path.insert(0, str(FOLDER))

compare = pytest.importorskip("compare", reason="simpy or mesa is missing: see requirements.txt")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list]:
    """Three replicas of each Python version, many of ours."""
    named = os.environ.get("TOLLGATE_PROGRAM")
    if named is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    program = Path(named).parents[1] / "tests/performance/minimal_market"
    return compare.run_rounds(program, rounds=3, replicas=100)[0]


@pytest.mark.parametrize("version", ["simpy", "simpy_numpy", "mesa"])
def test_counts_of_events_and_mean_outputs_agree(outcomes, version):
    z = compare.disagreements(outcomes["tollgate"], outcomes[version])
    assert set(compare.ON_A_RHYTHM) < set(z)
    assert max(z.values()) <= compare.LARGEST_Z, z


def test_other_work_is_found_out(outcomes):
    """A market that plans once less, or clears 5% fewer shipments, is not the same."""
    ours = outcomes["tollgate"]
    once_less = [compare.Outcome({**o.events}, {**o.outputs}) for o in ours[:3]]
    once_less[0].events["planned"] -= 1
    assert compare.disagreements(ours, once_less)["planned"] == math.inf
    fewer = [
        compare.Outcome({**o.events, "cleared": 0.95 * o.events["cleared"]}, o.outputs)
        for o in ours
    ]
    assert compare.disagreements(ours, fewer)["cleared"] > compare.LARGEST_Z
