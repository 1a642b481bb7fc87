#!/usr/bin/env python3
# ruff: noqa: E501 - rows of tables are as long as they are
"""Measures a built tollgate and prints the tables of docs/performance.md.

usage: tests/performance/measure.py BUILD_FOLDER [--scenario h200-levy] [--replicas 1000]

BUILD_FOLDER has to be configured with -DTOLLGATE_BUILD_BENCHMARKS=ON and a Release build. Times drift with
the machine and with what else runs on it: read the ratios, which come from one run.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path


def machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, load before the run {load:.2f}"


def run_ensemble(program: Path, scenario: str, replicas: int, threads: int) -> dict[str, float]:
    """One whole run, as a user starts it: reading, simulating, writing; memory by the kernel's count."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.h5"
        command = [
            program,
            "run",
            scenario,
            "--replicas",
            str(replicas),
            "--threads",
            str(threads),
            "--json",
        ]
        process = subprocess.Popen(
            [*command, "-o", output], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{program} ended with status {os.waitstatus_to_exitcode(status)}")
        result = json.loads(printed)
        return {
            "threads": threads,
            "seconds": result["seconds"],
            "events": result["events"],
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss / 1024,
            "file": output.stat().st_size / 1e6,
        }


def print_ensembles(program: Path, scenario: str, replicas: int) -> None:
    print(
        f"| {scenario}, {replicas} replicas | replicas/s | events/s | CPU ns/event | peak MiB | file MB |"
    )
    print("|---|---|---|---|---|---|")
    for threads in sorted({1, os.cpu_count() or 1}):
        r = run_ensemble(program, scenario, replicas, threads)
        print(
            f"| {threads} thread{'s' if threads > 1 else ''}, {r['seconds']:.1f} s | {replicas / r['seconds']:.1f} "
            f"| {r['events'] / r['seconds'] / 1e6:.2f} million | {1e9 * r['cpu'] / r['events']:.0f} "
            f"| {r['memory']:.0f} | {r['file']:.1f} |"
        )
    print(f"\n{r['events'] / replicas:,.0f} events in a replica.\n")


def print_kernels(bench: Path) -> None:
    out = subprocess.run(
        [bench, "--benchmark_format=json"], check=True, capture_output=True, text=True
    ).stdout
    times = {b["name"]: b["cpu_time"] for b in json.loads(out)["benchmarks"]}
    print(
        "| ns per pop and push, pending | ours | std::priority_queue | Boost d_ary_heap<4> | ours / std | ours / Boost |"
    )
    print("|---|---|---|---|---|---|")
    for size in (100, 1000, 10000, 100000, 1000000):
        ours, std, boost = (
            times[f"{name}/{size}"]
            for name in ("hold_ours", "hold_yardstick<StdQueue>", "hold_yardstick<BoostQueue>")
        )
        print(
            f"| {size:,} | {ours:.0f} | {std:.0f} | {boost:.0f} | {ours / std:.2f} | {ours / boost:.2f} |"
        )
    print("\n| random numbers | ns |\n|---|---|")
    for name, time in times.items():
        if not name.startswith("hold_"):
            print(f"| {name.replace('_', ' ')} | {time:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=Path)
    parser.add_argument("--scenario", default="h200-levy")
    parser.add_argument("--replicas", type=int, default=1000)
    options = parser.parse_args()
    program = options.build / "cli/tollgate"
    bench = options.build / "tests/engine/kernel/kernel_bench"
    for needed in (program, bench):
        if not needed.exists():
            sys.exit(
                f"{needed} is missing; configure with -DTOLLGATE_BUILD_BENCHMARKS=ON and build"
            )
    print(machine() + "\n")
    print_ensembles(program, options.scenario, options.replicas)
    print_kernels(bench)


if __name__ == "__main__":
    main()
