#!/usr/bin/env python3
"""Runs the four versions of the minimal market in turn, checks their work, and times them.

usage: compare.py PROGRAM [--rounds 5] [--replicas 100]   (PROGRAM: the built minimal_market)

Prints JSON: per version the least CPU time of a replica, its events, and the largest disagreement
in standard errors. Ends with status 1 when the work is not equal. README.md has the model and the
check.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import in_mesa
import in_simpy
import in_simpy_numpy
from market import Outcome

PARAMETERS = Path(__file__).with_name("parameters.json")
ON_A_RHYTHM = ("planned", "lot_completed", "repriced")
LARGEST_Z = 4.5
TOLLGATE = "tollgate"
PYTHON: dict[str, Callable[[int, int], Outcome]] = {
    "simpy": in_simpy.run,
    "simpy_numpy": in_simpy_numpy.run,
    "mesa": in_mesa.run,
}


def run_program(program: Path, replicas: int, seed: int) -> tuple[float, list[Outcome]]:
    """Seconds by the program's own clock, and its replicas."""
    printed = subprocess.run(
        [program, PARAMETERS, str(replicas), str(seed)], check=True, capture_output=True, text=True
    ).stdout
    result = json.loads(printed)
    return result["seconds"], [Outcome(r["events"], r["outputs"]) for r in result["replicas"]]


def run_rounds(
    program: Path, rounds: int, replicas: int
) -> tuple[dict[str, list[Outcome]], dict[str, float]]:
    """All replicas by version, and the least seconds of one; a round has one of each in Python."""
    outcomes: dict[str, list[Outcome]] = {TOLLGATE: [], **{name: [] for name in PYTHON}}
    seconds = dict.fromkeys(outcomes, math.inf)
    for this_round in range(rounds):
        took, ran = run_program(program, replicas, seed=1 + this_round)
        outcomes[TOLLGATE] += ran
        seconds[TOLLGATE] = min(seconds[TOLLGATE], took / replicas)
        for name, run in PYTHON.items():
            start = time.process_time()
            outcomes[name].append(run(1, this_round))
            seconds[name] = min(seconds[name], time.process_time() - start)
    return outcomes, seconds


def disagreements(ours: list[Outcome], theirs: list[Outcome]) -> dict[str, float]:
    """Difference of means in standard errors; infinite where counts must be equal and are not."""
    result = {}
    quantities = [("events", kind) for kind in ours[0].events]
    quantities += [("outputs", name) for name in ours[0].outputs]
    for where, name in quantities:
        a, b = ([getattr(o, where)[name] for o in of] for of in (ours, theirs))
        if name in ON_A_RHYTHM:
            result[name] = 0.0 if set(a) == set(b) and len(set(a)) == 1 else math.inf
        else:
            error = statistics.stdev(a) * math.sqrt(1 / len(a) + 1 / len(b))
            result[name] = abs(statistics.fmean(a) - statistics.fmean(b)) / error
    return result


def compare(program: Path, rounds: int, replicas: int) -> dict[str, object]:
    """Times, events and disagreement by version."""
    outcomes, seconds = run_rounds(program, rounds, replicas)
    versions = {}
    for name, ran in outcomes.items():
        z = disagreements(outcomes[TOLLGATE], ran)
        worst = max(z, key=z.__getitem__)
        events = statistics.fmean(sum(o.events.values()) for o in ran)
        versions[name] = {
            "replicas": len(ran),
            "seconds_per_replica": seconds[name],
            "events_per_replica": events,
            "us_per_event": 1e6 * seconds[name] / events,
            "times_tollgate": seconds[name] / seconds[TOLLGATE],
            "largest_z": z[worst],
            "largest_z_of": worst,
        }
    return versions


def main() -> None:
    """As the usage says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--replicas", type=int, default=100)
    options = parser.parse_args()
    versions = compare(options.program, options.rounds, options.replicas)
    print(json.dumps(versions, indent=2))
    unequal = {n: v for n, v in versions.items() if not v["largest_z"] <= LARGEST_Z}
    for name, version in unequal.items():
        print(f"{name} does other work: {version['largest_z_of']}", file=sys.stderr)
    sys.exit(1 if unequal else 0)


if __name__ == "__main__":
    main()
