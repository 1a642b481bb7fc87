"""What a sweep takes beyond its replicas: threads, ranks, what is kept, its size, merging."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import google_benchmarks
import whole_runs
from whole_runs import Run

REPLICAS = 16  # of a point: those of the benchmark of bare replicas


def written(folder: Path, base: str | Path, replicas: int, points: int, keep: str = "all") -> Path:
    """A sweep file of points that do equal work: rates of the levy a hair apart."""
    path = folder / f"{keep}-{points}-{replicas}.toml"
    path.write_text(
        f'format = 1\nbase = "{base}"\n[sweep]\nreplicas = {replicas}\nkeep = "{keep}"\n'
        '[factor.rate]\nkey = "policy.levy.rate"\n'
        f"low = 0.25\nhigh = 0.2500001\nsteps = {points}\n"
    )
    return path


def throughput(
    build: Path, scenario: str | Path, seconds_per_replica: float, is_quick: bool
) -> tuple[str, dict[str, float]]:
    """A table of one sweep in several ways, and its figures: overhead and efficiencies.

    All ways alternate; a row is the fastest of its runs. Bare replicas are the runner's on one
    thread, with nothing read and nothing written.
    """
    program, ranks = build / "cli/tollgate", build / "cli/tollgate-mpi"
    rounds = 1 if is_quick else 3
    points = max(2, round((0.5 if is_quick else 10) / seconds_per_replica / REPLICAS))
    items = points * REPLICAS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {
            keep: written(folder, scenario, REPLICAS, points, keep)
            for keep in ("all", "quarterly", "summary")
        }
        ways: dict[str, Callable[[], Run]] = {
            "sweep, 1 thread": lambda: whole_runs.sweep(program, files["all"], items, 1),
            "sweep, 2 threads": lambda: whole_runs.sweep(program, files["all"], items, 2),
        }
        if ranks.exists():
            for n in (1, 2):
                ways[f"sweep, {n} MPI rank{'s' * (n > 1)}"] = lambda n=n: whole_runs.sweep_of_ranks(
                    ranks, files["all"], items, n
                )
        for keep in ("quarterly", "summary"):
            ways[f'sweep, 1 thread, keep = "{keep}"'] = lambda keep=keep: whole_runs.sweep(
                program, files[keep], items, 1
            )
        runs: dict[str, list[Run]] = {way: [] for way in ways}
        bare: list[float] = []
        for _ in range(rounds):
            bare.append(bare_seconds(build))
            for way, measure in ways.items():
                runs[way].append(measure())
    best = {way: whole_runs.least(of_way) for way, of_way in runs.items()}
    bare_ms = 1e3 * min(bare)
    lines = [
        f"| {items} items of the main job | items/s | ms CPU an item | of a bare replica "
        "| peak MiB | KiB an item |",
        "|---|---|---|---|---|---|",
        f"| bare replicas, 1 thread | {1e3 / bare_ms:.3g} | {bare_ms:.3g} | 1 | | |",
    ]
    for way, r in best.items():
        lines.append(
            f"| {way} | {items / r.seconds:.3g} | {r.cpu_ms_per_replica:.3g} "
            f"| {r.cpu_ms_per_replica / bare_ms:.3f} | {r.peak_mib:.0f} "
            f"| {r.file_bytes / 1024 / items:.3g} |"
        )
    one = best["sweep, 1 thread"]
    figures = {"overhead": one.cpu_ms_per_replica / bare_ms - 1}
    figures["threads"] = one.seconds / best["sweep, 2 threads"].seconds / 2
    if ranks.exists():
        figures["ranks"] = (
            best["sweep, 1 MPI rank"].seconds / best["sweep, 2 MPI ranks"].seconds / 2
        )
    return "\n".join(lines), figures


def bare_seconds(build: Path) -> float:
    """CPU time of a replica of the main job without a file: the mean of the first sixteen."""
    timing = google_benchmarks.run(build, "model", 0.1, 1, only="ensemble_of_16/1/")
    return min(t.cpu_ns for t in timing.values()) * 1e-9 / REPLICAS


def sizes(build: Path, small_world: Path, is_quick: bool) -> tuple[str, list[float]]:
    """Memory, time and bytes by the number of items of the smallest world; peaks in MiB."""
    lines = ["| items of the smallest world | points | peak MiB | us CPU an item | bytes an item |"]
    lines.append("|---|---|---|---|---|")
    peaks: list[float] = []
    rate = 0.0
    for points in (10, 100, 1_000, 10_000):
        if 100 * points * rate > (6 if is_quick else 120):
            break
        with tempfile.TemporaryDirectory() as folder:
            file = written(Path(folder), small_world.resolve(), 100, points)
            items = 100 * points
            r = whole_runs.sweep(build / "cli/tollgate", file, items, os.cpu_count() or 1)
        rate = r.seconds_per_replica
        peaks.append(r.peak_mib)
        lines.append(
            f"| {items:,} | {points:,} | {r.peak_mib:.0f} | {1e6 * r.cpu_seconds / items:.0f} "
            f"| {r.file_bytes / items:,.0f} |"
        )
    return "\n".join(lines), peaks


def merging(build: Path, is_quick: bool) -> str:
    """CPU seconds and size by number of shards, mapped and copied."""
    if not is_quick:
        os.environ["TOLLGATE_MANY_SHARDS"] = "1"  # a minute for 1,000
    timings = google_benchmarks.run(build, "model", 0.01, 1, only="merge_shards")
    os.environ.pop("TOLLGATE_MANY_SHARDS", None)
    lines = ["| shards | mapped, s | MB | copied, s | MB |", "|---|---|---|---|---|"]
    for shards in (10, 100, 1_000):
        cells = []
        for how in ("map", "copy"):
            timing = timings.get(f"merge_shards_of/{how}/{shards}")
            if timing is not None:
                cells += [f"{timing.cpu_ns * 1e-9:.2g}", f"{timing.counters['file_MB']:.2g}"]
        if cells:
            lines.append(f"| {shards:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
