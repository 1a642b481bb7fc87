"""Runs the program as a user does, and tells seconds, CPU time, memory and the file."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Run:
    """A run from the command to the end of the process; of a sweep, a replica is an item."""

    replicas: int
    threads: int
    seconds: float
    cpu_seconds: float
    events: int
    peak_mib: float
    file_bytes: int

    @property
    def seconds_per_replica(self) -> float:
        """Of wall-clock time."""
        return self.seconds / self.replicas

    @property
    def cpu_ms_per_replica(self) -> float:
        """Of all threads and ranks."""
        return 1e3 * self.cpu_seconds / self.replicas


def run(program: Path, scenario: str | Path, replicas: int, threads: int, *arguments: str) -> Run:
    """Everything from reading the scenario to the published file; memory by the kernel's count."""
    command = [program, "run", scenario, "--replicas", str(replicas)]
    command += ["--threads", str(threads), "--json", *arguments]
    return _timed(command, replicas, threads)


def sweep(program: Path, file: Path, items: int, threads: int, *arguments: str) -> Run:
    """The same of a sweep."""
    command = [program, "sweep", file, "--threads", str(threads), "--json", *arguments]
    return _timed(command, items, threads)


def sweep_of_ranks(program: Path, file: Path, items: int, ranks: int) -> Run:
    """The same over MPI ranks: CPU time of all of them, peak memory of the largest."""
    command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(ranks), program]
    return _timed([*command, "sweep", file, "--json"], items, ranks)


def _timed(command: list[str | Path], replicas: int, threads: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.h5"
        command = [*command, "-o", output]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
        return Run(
            replicas,
            threads,
            seconds,
            usage.ru_utime + usage.ru_stime,
            json.loads(printed)["events"],
            usage.ru_maxrss / 1024,
            output.stat().st_size,
        )


def least(runs: list[Run]) -> Run:
    """The fastest of runs of the same kind."""
    return min(runs, key=lambda r: r.seconds_per_replica)
