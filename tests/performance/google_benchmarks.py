"""Runs the programs of Google Benchmark and keeps the least time of each benchmark."""

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
PROGRAMS = {
    "kernel": "tests/engine/kernel/kernel_bench",
    "market": "tests/engine/market/market_bench",
    "model": "tests/performance/model_bench",
}
# What Google Benchmark adds to a result besides the counters of the benchmark.
OWN_FIELDS = {
    "family_index",
    "per_family_instance_index",
    "repetitions",
    "repetition_index",
    "threads",
    "iterations",
    "real_time",
    "cpu_time",
}


@dataclass
class Timing:
    """The least time of a benchmark, and the counters of that repetition."""

    ns: float
    cpu_ns: float
    counters: dict[str, float] = field(default_factory=dict)


def run(
    build: Path, program: str, seconds: float, repetitions: int, only: str = "."
) -> dict[str, Timing]:
    """Each benchmark of a program for `seconds` and so often, repetitions interleaved at random.

    `only` is a regular expression that names are searched for.

    A time is CPU time, so that what else runs counts little, unless the benchmark says real time.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                build / PROGRAMS[program],
                f"--benchmark_filter={only}",
                f"--benchmark_min_time={seconds}",
                f"--benchmark_repetitions={repetitions}",
                "--benchmark_enable_random_interleaving=true",
                f"--benchmark_out={report}",
                "--benchmark_out_format=json",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        benchmarks = json.loads(report.read_text())["benchmarks"]
    benchmarks.sort(key=lambda b: (b["family_index"], b["per_family_instance_index"]))
    least: dict[str, Timing] = {}
    for b in benchmarks:
        if b.get("run_type") == "aggregate" or b.get("error_occurred"):
            continue
        name, unit = b["run_name"], NANOSECONDS[b["time_unit"]]
        is_real = "real_time" in name or "manual_time" in name
        time = unit * (b["real_time"] if is_real else b["cpu_time"])
        if name in least and least[name].ns <= time:
            continue
        counters = {
            k: v for k, v in b.items() if isinstance(v, int | float) and k not in OWN_FIELDS
        }
        least[name] = Timing(time, unit * b["cpu_time"], counters)
    return least


def readable(ns: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}" if ns < 1000 * size else f"{ns / size:,.0f} {unit}"
    return f"{ns:.3g} ns"


def table(timings: dict[str, Timing]) -> str:
    """All benchmarks of a program with their counters."""
    lines = ["| benchmark | time | counters |", "|---|---|---|"]
    for name, timing in timings.items():
        shown = name.replace("/process_time", "").replace("/real_time", "")
        shown = shown.replace("/manual_time", "").replace("|", "\\|")
        counters = []
        for key, value in timing.counters.items():
            # Counters of a rate's inverse are in seconds.
            text = readable(1e9 * value) if key.startswith("per_") else f"{value:,.4g}"
            if value:
                counters.append(f"{key} {text}")
        lines.append(f"| `{shown}` | {readable(timing.ns)} | {', '.join(counters)} |")
    return "\n".join(lines)
