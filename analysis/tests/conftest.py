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
