#!/usr/bin/env python3
# ruff: noqa: E501 - rows of tables are as long as they are
"""Print the reference path of each vendor's research, fitted to the model's own net proceeds.

The launch dates of a world hold for the reference path (docs/model.md, "Products"): a run with these dates as given
tells what vendors then earn.

    ./tollgate run h200-levy --replicas 150 -o reference.h5 --set vendor.nvidia.research_elasticity=0 ...
    scenarios/tools/fit_reference_research.py reference.h5 scenarios/files/worlds/world-2025.toml

Needs h5py and numpy. Money in USD a year. The spending fitted is research_share x net proceeds (revenue less levy receipts, median over
replicas, by quarter) plus the mean of the subsidy; log-linear least squares over the quarters with sales, start included.
"""

import sys
import tomllib

import h5py
import numpy as np


def centre(value: float | dict) -> float:
    """Return the value of a key, or the mean of its distribution."""
    if not isinstance(value, dict):
        return float(value)
    if "value" in value:
        return float(value["value"])
    points = [value[key] for key in ("low", "mode", "high") if key in value]
    return float(np.mean(points))


def main(output: str, world: str) -> None:
    """Print the keys of each vendor that has a research share."""
    with open(world, "rb") as file:
        vendors = tomllib.load(file)["vendor"]
    with h5py.File(output) as file:
        names = [name.decode() if isinstance(name, bytes) else name for name in file["vendor"][...]]
        net = (file["revenue"][...].sum(axis=3) - file["levy_receipts"][...]) / 100
    quarterly = np.median(net, axis=0)
    for v, name in enumerate(names):
        keys = vendors[name]
        if "research_share" not in keys:
            continue
        yearly = 4 * centre(keys["research_share"]) * quarterly[:, v] + centre(
            keys.get("subsidy_usd_per_year", 0)
        )
        years = (np.arange(len(yearly)) + 0.5) / 4
        sold = yearly > 0
        slope, level = np.polyfit(years[sold], np.log(yearly[sold]), 1)
        print(
            f"{name}: reference_research_usd_per_year = {np.exp(level):.3g}, growth = {np.exp(slope):.2f}"
        )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
