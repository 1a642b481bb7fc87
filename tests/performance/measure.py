#!/usr/bin/env python3
# ruff: noqa: E501 - rows of tables are as long as they are
"""Measures a built tollgate: all figures and tables of docs/performance.md.

usage: tests/performance/measure.py BUILD_FOLDER [--quick] [--only SECTION...] [--update FILE] [--scenario NAME]

BUILD_FOLDER needs a Release build configured with -DTOLLGATE_BUILD_BENCHMARKS=ON, and with -DTOLLGATE_MPI=ON for sweeps
over ranks, which are left out otherwise. Prints what it has measured;
--update writes it into FILE instead, between marks: `<!--name-->...<!--/-->` in a line, `<!-- table: name -->` ...
`<!-- /table -->` around a table. What was not measured stays as it is. --quick takes less time and measures less well.

Times drift with the machine and with what else runs on it: compare within one run. A time is the least of several
repetitions that alternate with those of what it is compared with. The comparison with SimPy and Mesa gets its
packages from PyPI, into BUILD_FOLDER/performance-venv.
"""

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import google_benchmarks
import profile_places
import sweep_tables
import whole_runs
from google_benchmarks import Timing

FOLDER = Path(__file__).parent
MAIN_JOB = "h200-levy"
BENCHMARKS_ON = "-DTOLLGATE_BUILD_BENCHMARKS=ON"
LONGEST_SECONDS = 100  # of the main job, before it makes do with what it has
SMALL_WORLD = FOLDER / "small_world.toml"
EQUAL_WORK = FOLDER / "equal_work"
LONG_FRINGE = ("--set", "fringe.enterprises.count=193")


class Measured:
    """Values and tables by name, as they stand in the document."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.tables: dict[str, str] = {}

    def figure(self, name: str, text: str, is_reached: bool | None = None) -> None:
        """A figure, and whether it reaches its aim."""
        verdict = {None: "", True: ": yes", False: ": **no**"}[is_reached]
        self.values[name] = text + verdict

    def printed(self) -> str:
        """For a terminal."""
        lines = [f"{name}: {value}" for name, value in self.values.items()]
        lines += [f"\n## {name}\n\n{table}" for name, table in self.tables.items()]
        return "\n".join(lines)


class Job:
    """What is measured, how thoroughly."""

    def __init__(self, build: Path, scenario: str, is_quick: bool) -> None:
        self.build = build
        self.scenario = scenario
        self.is_quick = is_quick
        self.program = build / "cli/tollgate"
        self.out = Measured()
        self.timings: dict[str, dict[str, Timing]] = {}
        self.cpu_seconds_per_replica: float | None = None

    def benchmarks(self, program: str) -> dict[str, Timing]:
        """Of a program; run once."""
        if program not in self.timings:
            seconds, repetitions = (0.01, 1) if self.is_quick else (0.05, 5)
            if program == "model" and not self.is_quick:
                repetitions = 3
            self.timings[program] = google_benchmarks.run(self.build, program, seconds, repetitions)
        return self.timings[program]

    def ns(self, program: str, name: str) -> float | None:
        """Least time, or time per number, of the benchmarks whose names match the pattern whole."""
        times = [
            1e9 * t.counters["per_number"] if "per_number" in t.counters else t.ns
            for n, t in self.benchmarks(program).items()
            if re.fullmatch(name, n)
        ]
        return min(times, default=None)


def machine(job: Job) -> None:
    """What the numbers were measured on."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", cpu, re.M)
    vectors = "AVX-512" if " avx512f" in cpu else "AVX2" if " avx2" in cpu else "no AVX2"
    cache = Path("/sys/devices/system/cpu/cpu0/cache/index2/size")
    settings = (job.build / "CMakeCache.txt").read_text()
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", settings, re.M)[1]
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", settings, re.M)[1]
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout
    if kind != "Release":
        print(f"warning: {job.build} is a {kind} build", file=sys.stderr)
    job.out.values["machine"] = ", ".join(
        [
            model[1] if model else platform.machine(),
            vectors,
            f"{cache.read_text().strip()} of L2 a core" if cache.exists() else "L2 unknown",
            f"{os.cpu_count()} cores",
            f"Linux {platform.release()}",
            version.splitlines()[0] if version else compiler,
            f"{kind} build",
            f"load {os.getloadavg()[0]:.1f} before the run",
            f"{datetime.date.today():%-d %B %Y}",
        ]
    )


def main_job(job: Job) -> None:
    """The whole program on the main job: threads, the first result, a thousand replicas."""
    out, cores = job.out, os.cpu_count() or 1
    begun = time.perf_counter()

    def is_late() -> bool:
        return time.perf_counter() - begun > LONGEST_SECONDS

    def run(replicas: int, threads: int, *arguments: str) -> whole_runs.Run:
        return whole_runs.run(job.program, job.scenario, replicas, threads, *arguments)

    firsts = [run(100, cores)]
    while not job.is_quick and len(firsts) < 3 and firsts[0].seconds < 5:
        firsts.append(run(100, cores))
    first = whole_runs.least(firsts)
    out.figure("first_result", f"{first.seconds:.2g} s", first.seconds < 1)

    # About so long a run: long enough for the start to count little, short enough to alternate.
    seconds, rounds = (4, 1) if job.is_quick else (8, 3)
    work = max(16, round(seconds / first.seconds_per_replica / cores))
    by_threads: dict[int, list[whole_runs.Run]] = {1: [], 2: []}
    for done in range(rounds):
        if done > 0 and is_late():
            break
        for threads, runs in by_threads.items():
            if threads <= cores:
                runs.append(run(work * threads, threads))
    one = whole_runs.least(by_threads[1])
    best = {threads: whole_runs.least(runs) for threads, runs in by_threads.items() if runs}
    job.cpu_seconds_per_replica = one.cpu_seconds / one.replicas

    thousand = 1000 * best[max(best)].seconds_per_replica
    is_estimated = thousand > (20 if job.is_quick else 90) or is_late()
    if not is_estimated:
        best[0] = run(1000, cores)
        thousand = best[0].seconds
    how = f" (by {best[max(best)].replicas} replicas)" if is_estimated else ""
    out.figure("thousand", f"{thousand:.3g} s{how}", thousand <= 3)
    if 2 in best:
        efficiency = one.seconds_per_replica / best[2].seconds_per_replica / 2
        out.figure("efficiency", f"{efficiency:.2f}", efficiency >= 0.95)

    rows = [(f"{n} thread{'s' * (n > 1)}, {r.replicas} replicas", r) for n, r in best.items() if n]
    if 0 in best:
        rows.append((f"{cores} threads, 1000 replicas", best[0]))
    if job.scenario == MAIN_JOB:
        fringe = run(max(4, work // 4), 1, *LONG_FRINGE)
        ms = 1e3 * fringe.cpu_seconds / fringe.replicas
        out.figure("replica", f"{ms:.3g} ms", ms <= 5)
        rows.append((f"with a fringe of 200, 1 thread, {fringe.replicas} replicas", fringe))
    lines = [
        "| main job | replicas/s | ms CPU a replica | events a replica | events/s | CPU ns/event "
        "| peak MiB | file KiB a replica |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for text, r in rows:
        lines.append(
            f"| {text} | {r.replicas / r.seconds:.3g} | {1e3 * r.cpu_seconds / r.replicas:.3g} "
            f"| {r.events / r.replicas:,.0f} | {r.events / r.seconds / 1e6:.2f} million "
            f"| {1e9 * r.cpu_seconds / r.events:.0f} | {r.peak_mib:.0f} "
            f"| {r.file_bytes / 1024 / r.replicas:.1f} |"
        )
    out.tables["main_job"] = "\n".join(lines)
    largest = max(best.values(), key=lambda r: r.replicas)
    kib = largest.file_bytes / 1024 / largest.replicas
    out.figure("file_size", f"{kib:.0f} KiB", kib <= 64)


def memory(job: Job) -> None:
    """Peak memory by number of replicas: a small world, whose replicas are many; and the main job."""
    lines = ["| replicas of the smallest world | peak MiB | file bytes a replica | seconds |"]
    lines.append("|---|---|---|---|")
    peaks, rate = [], 0.0
    for replicas in (1_000, 10_000, 100_000):
        if rate * replicas > (6 if job.is_quick else 60):
            break
        r = whole_runs.run(job.program, SMALL_WORLD, replicas, os.cpu_count() or 1)
        rate = r.seconds_per_replica
        peaks.append((replicas, r.peak_mib))
        lines.append(
            f"| {replicas:,} | {r.peak_mib:.0f} | {r.file_bytes / replicas:,.0f} | {r.seconds:.2f} |"
        )
    job.out.tables["memory"] = "\n".join(lines)
    (few, low), (many, high) = peaks[0], peaks[-1]
    job.out.figure(
        "memory", f"{low:.0f} MiB at {few:,}, {high:.0f} MiB at {many:,}", high < 1.2 * low
    )


def kernel(job: Job) -> None:
    """Future event list, PHOLD, streams and distributions."""
    out = job.out
    lines = [
        "| ns per pop and push, pending | ours | std::priority_queue | Boost d_ary_heap<4> "
        "| ours / std | ours / Boost |",
        "|---|---|---|---|---|---|",
    ]
    for size in (100, 1_000, 10_000, 100_000, 1_000_000):
        names = ("hold_ours", "hold_yardstick<StdQueue>", "hold_yardstick<BoostQueue>")
        times = [job.ns("kernel", f"{re.escape(name)}/{size}") for name in names]
        if None in times:
            continue
        ours, std, boost = times
        lines.append(
            f"| {size:,} | {ours:.0f} | {std:.0f} | {boost:.0f} "
            f"| {ours / std:.2f} | {ours / boost:.2f} |"
        )
        aim = {1_000: 35, 10_000: 40}.get(size)
        if aim:
            text = f"{ours:.0f} ns ({ours / std:.2f} of std, {ours / boost:.2f} of Boost)"
            out.figure(f"hold_{size}", text, ours <= aim)
    out.tables["hold"] = "\n".join(lines)
    for size, aim in ((1_000, 10), (10_000, 10), (1_000_000, 5)):
        ns = job.ns("kernel", f"phold/{size}")
        if ns:
            out.figure(f"phold_{size}", f"{1e3 / ns:.1f}", 1e3 / ns >= aim)
    for name, pattern, aim in (
        ("new_stream", "new_stream_and_first_draw", 13),
        ("uniform", "uniform", 10),
        ("normal", "normal", 10),
        ("exponential", "exponential", 10),
        ("uniform_batch", "uniform_batch/.", 4),
        ("normal_batch", "normal_batch/.", 4),
        ("exponential_batch", "exponential_batch/.", 4),
    ):
        ns = job.ns("kernel", pattern)
        if ns is not None:
            out.figure(name, f"{ns:.1f} ns", ns <= aim)
    out.tables["kernel"] = google_benchmarks.table(
        {n: t for n, t in job.benchmarks("kernel").items() if not n.startswith("hold_")}
    )


def market(job: Job) -> None:
    """Prices, choice, supply, routes."""
    out = job.out
    out.tables["market"] = google_benchmarks.table(job.benchmarks("market"))
    nash, plain = job.ns("market", "nash/0"), job.ns("market", "nash_by_plain_zeta")
    if nash and plain:
        out.figure("nash", f"{nash / 1e3:.0f} us ({nash / plain:.2f} of plain zeta)", nash <= 60e3)


def model(job: Job) -> None:
    """Law, draws, replicas, suppliers, writer, runner."""
    out, timings = job.out, job.benchmarks("model")
    out.tables["model"] = google_benchmarks.table(timings)
    writer = next((t for n, t in timings.items() if n.startswith("writer_100_replicas")), None)
    if writer and job.cpu_seconds_per_replica:
        share = writer.cpu_ns * 1e-9 / 100 / job.cpu_seconds_per_replica
        speed = writer.counters.get("MB_per_s", 0)
        out.figure(
            "writing",
            f"{100 * share:.1f}% of CPU time, {writer.cpu_ns / 1e5:.0f} us a replica, {speed:.0f} MB/s",
            share <= 0.05,
        )


def python_for_comparison(job: Job) -> Path:
    """An environment with the packages compared with, made when it is missing or they have changed."""
    venv = job.build / "performance-venv"
    wanted = EQUAL_WORK / "requirements.txt"
    stamp = venv / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin/pip", "install", "--quiet", "--requirement", wanted]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted.read_text())
    return venv / "bin/python"


def equal_work(job: Job) -> None:
    """SimPy and Mesa on the same agents and events, and the program on a world of that size."""
    minimal_market = job.build / "tests/performance/minimal_market"
    rounds = 2 if job.is_quick else 7
    printed = subprocess.run(
        [
            python_for_comparison(job),
            EQUAL_WORK / "compare.py",
            minimal_market,
            f"--rounds={rounds}",
            "--replicas=100",
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    versions = json.loads(printed)
    scenario = job.build / "minimal_market.toml"
    scenario.write_text(
        subprocess.run(
            [sys.executable, EQUAL_WORK / "as_scenario.py"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    runs = [whole_runs.run(job.program, scenario, 20, 1) for _ in range(rounds)]
    program = min(runs, key=lambda r: r.cpu_seconds)
    theirs = program.cpu_seconds / program.replicas
    names = {
        "tollgate": "tollgate's engine, C++",
        "simpy": "SimPy",
        "simpy_numpy": "SimPy, tuned with NumPy",
        "mesa": "Mesa",
    }
    lines = [
        "| minimal market, one core | ms a replica | events a replica | us/event "
        "| times the engine's | times the program's |",
        "|---|---|---|---|---|---|",
    ]
    for key, name in names.items():
        v = versions[key]
        lines.append(
            f"| {name} | {1e3 * v['seconds_per_replica']:.3g} | {v['events_per_replica']:,.0f} "
            f"| {v['us_per_event']:.3g} | {v['times_tollgate']:.3g} "
            f"| {v['seconds_per_replica'] / theirs:.3g} |"
        )
        if key != "tollgate":
            is_reached = v["times_tollgate"] >= 300
            job.out.figure(key, f"{v['times_tollgate']:.0f} times", is_reached)
    ours = versions["tollgate"]["seconds_per_replica"]
    lines.append(
        f"| `tollgate run`, a world of that size | {1e3 * theirs:.3g} "
        f"| {program.events / program.replicas:,.0f} | {1e6 * program.cpu_seconds / program.events:.3g} "
        f"| {theirs / ours:.3g} | 1 |"
    )
    worst = max(versions.values(), key=lambda v: v["largest_z"])
    job.out.values["disagreement"] = (
        f"{worst['largest_z']:.1f} standard errors ({worst['largest_z_of'].replace('_', ' ')})"
    )
    job.out.tables["equal_work"] = "\n".join(lines)


def sweeps(job: Job) -> None:
    """What a sweep takes beyond its replicas."""
    out, cores = job.out, os.cpu_count() or 1
    probe = whole_runs.run(job.program, job.scenario, 16, 1)
    table, figures = sweep_tables.throughput(
        job.build, job.scenario, probe.seconds_per_replica, job.is_quick
    )
    out.tables["sweep_throughput"] = table
    out.figure("sweep_overhead", f"{100 * figures['overhead']:.1f}%", figures["overhead"] <= 0.05)
    for what in ("threads", "ranks"):
        if what in figures and cores >= 2:
            out.figure(f"sweep_{what}", f"{figures[what]:.2f}", figures[what] >= 0.95)
    out.tables["sweep_sizes"], peaks = sweep_tables.sizes(job.build, SMALL_WORLD, job.is_quick)
    out.figure(
        "sweep_memory", f"{min(peaks):.0f} to {max(peaks):.0f} MiB", max(peaks) < 1.2 * min(peaks)
    )
    out.tables["merging"] = sweep_tables.merging(job.build, job.is_quick)


def profile(job: Job) -> None:
    """The costliest places of the main job."""
    replica = job.cpu_seconds_per_replica
    if replica is None:
        r = whole_runs.run(job.program, job.scenario, 10, 1)
        replica = r.cpu_seconds / r.replicas
    seconds = 3 if job.is_quick else 10
    shares = profile_places.sample(job.program, job.scenario, max(4, round(seconds / replica)))
    if shares is None:
        print("no profile: perf is missing or not allowed to record", file=sys.stderr)
        return
    job.out.tables["profile"] = profile_places.table(shares, places=8)


# In this order: what is most disturbed by heat and by others first; `model` needs `main_job`.
SECTIONS: dict[str, Callable[[Job], None]] = {
    s.__name__: s
    for s in (machine, main_job, sweeps, equal_work, kernel, market, model, memory, profile)
}


def updated(text: str, measured: Measured) -> str:
    """The document with all that was measured in its places."""
    for name, value in measured.values.items():
        begin, end = f"<!--{name}-->", "<!--/-->"
        parts = text.split(begin)
        text = begin.join([parts[0], *(value + end + p.split(end, 1)[1] for p in parts[1:])])
        if len(parts) == 1:
            print(f"nowhere in the document: {name} = {value}", file=sys.stderr)
    for name, table in measured.tables.items():
        begin, end = f"<!-- table: {name} -->\n", "<!-- /table -->"
        if begin not in text:
            print(f"nowhere in the document: table {name}", file=sys.stderr)
            continue
        before, rest = text.split(begin, 1)
        text = before + begin + "\n" + table + "\n\n" + end + rest.split(end, 1)[1]
    return text


def main() -> None:
    """As the usage says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--update", type=Path)
    parser.add_argument("--scenario", default=MAIN_JOB)
    options = parser.parse_args()
    programs = ["cli/tollgate"]
    programs += [
        google_benchmarks.PROGRAMS[n] for n in options.only if n in google_benchmarks.PROGRAMS
    ]
    programs += ["tests/performance/minimal_market"] * ("equal_work" in options.only)
    programs += [google_benchmarks.PROGRAMS["model"]] * ("sweeps" in options.only)
    for program in programs:
        if not (options.build / program).exists():
            sys.exit(
                f"{options.build / program} is missing; configure with {BENCHMARKS_ON} and build"
            )
    job = Job(options.build.resolve(), options.scenario, options.quick)
    failed = False
    for name, section in SECTIONS.items():
        if name in options.only:
            start = time.perf_counter()
            try:
                section(job)
            except (subprocess.CalledProcessError, OSError) as error:
                print(f"{name} failed: {error}", file=sys.stderr)
                failed = True
            print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    if options.update:
        options.update.write_text(updated(options.update.read_text(), job.out))
    else:
        print(job.out.printed())
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
