"""Sweeps for tests: what `tollgate.open` gives, without series, from given points."""

import subprocess

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import program


def sweep_dataset(
    points: pd.DataFrame,
    values: np.ndarray,
    design: str,
    settings: str = "",
    common_noise: bool = True,
    factors: str | None = None,
) -> xr.Dataset:
    """A sweep with the variable `y` (point, replica)."""
    if factors is None:
        factors = "".join(f'[factor.{name}]\nkey = "a.{name}"\n' for name in points)
    toml = (
        f'{factors}\n[sweep]\ndesign = "{design}"\n{settings}\n'
        "\n# Scenario 's' with what is set for all points\n\n[sweep]\nnot = 'read'\n"
    )
    coords = {name: ("point", points[name].to_numpy(), {"key": f"a.{name}"}) for name in points}
    return xr.Dataset(
        {"y": (("point", "replica"), values, {"units": "USD"}), "sweep_toml": ((), toml)},
        coords={
            "point": np.arange(len(points)),
            "replica": np.arange(values.shape[1]),
            **coords,
        },
        attrs={
            "design": design,
            "points": len(points),
            "common_noise": "true" if common_noise else "false",
            "seed": 1,
        },
    )


def program_points(folder, sweep: str) -> pd.DataFrame:
    """The points that the program makes of a sweep file."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    (folder / "s.toml").write_text(sweep)
    subprocess.run(
        [program(), "sweep", "s.toml", "--dry-run", "--points", "points.csv"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return pd.read_csv(folder / "points.csv")
