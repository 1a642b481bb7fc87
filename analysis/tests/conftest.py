import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest


def program() -> str | None:
    return os.environ.get("TOLLGATE_PROGRAM")


@pytest.fixture(scope="session")
def ensemble(tmp_path_factory) -> Path:
    """Eight replicas of the main job, by the program itself."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    path = tmp_path_factory.mktemp("run") / "out.h5"
    subprocess.run(
        [
            program(),
            "run",
            "h200-levy",
            "--replicas",
            "8",
            "--until",
            "2027-01-01",
            "-q",
            "-o",
            str(path),
        ],
        check=True,
    )
    return path


@pytest.fixture
def stub(tmp_path) -> Path:
    """A file with the marks of an ensemble and nothing else: what `open` looks at first."""
    path = tmp_path / "stub.h5"
    with h5py.File(path, "w") as file:
        file.attrs["tollgate_file_type"] = "ensemble"
        file.attrs["tollgate_format_version"] = 2
    return path


@pytest.fixture
def foreign(tmp_path) -> Path:
    path = tmp_path / "foreign.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    return path


@pytest.fixture(scope="session")
def ban_and_levy(tmp_path_factory) -> tuple[Path, Path]:
    """Twelve replicas of two policies with the same luck, by the program itself."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    folder = tmp_path_factory.mktemp("policies")
    paths = tuple(folder / f"{name}.h5" for name in ("ban", "h200-levy"))
    for path in paths:
        options = ["--replicas", "12", "--until", "2027-01-01", "-q", "-o", str(path)]
        subprocess.run([program(), "run", path.stem, *options], check=True)
    return paths


@pytest.fixture(scope="session")
def report_with_tables(ban_and_levy, tmp_path_factory) -> Path:
    """The report on these two; the folder `tables` lies beside it."""
    import tollgate

    folder = tmp_path_factory.mktemp("report")
    return tollgate.report(ban_and_levy, folder / "report.html", tables=folder / "tables")
