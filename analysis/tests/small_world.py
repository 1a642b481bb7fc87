"""A world small enough to work out by hand, in the shape of the program's files."""

import numpy as np
import pandas as pd
import xarray as xr

QUARTERS = 4
SCENARIO = """
format = 1
title = "Small"

[run]
start = 2026-01-01
until = 2027-01-01
focus_region = "here"
reference_region = "there"

[vendor.home_maker]
headquarters = "here"
source = "made up"
confidence = "low"
basis = "assumption"
preference = {{ distribution = "uniform", low = 0, high = 1, source = "a coin" }}

[vendor.far_maker]
headquarters = "there"

[chip.home_chip]
vendor = "home_maker"
foundries = ["home_fab", "old_fab"]

[chip.far_chip]
vendor = "far_maker"
foundries = ["far_fab"]

[policy.gate]
instrument = "ban"
effective = 2025-01-01
source = "older than the run"

[policy.toll]
instrument = "levy"
announced = 2026-02-01
effective = 2026-04-01
until = 2026-10-15
rate = {rate}
source = "a law"

[policy.paused]
instrument = "ban"
enabled = false
effective = 2026-05-01
"""


def small_world(replicas: int = 6, seed: int = 1, rate: float = 0.25, gain: float = 0.0):
    """Two vendors with a chip each, two regions; `gain` is added to what the far vendor sells."""
    rng = np.random.default_rng(seed)
    n, t = replicas, QUARTERS
    time = pd.date_range("2026-04-01", periods=t, freq="QS")
    sold = rng.integers(10, 20, (n, t, 2, 2)) * 1_000_000_00
    sold[:, :, 1, 0] += int(gain * 100)
    chips = np.zeros((n, t, 2, 2), dtype=np.int64)  # chip, region
    chips[:, :, 0, 0] = 300
    chips[:, :, 1, 0] = 100
    chips[:, :, 1, 1] = 600
    levy = np.zeros((n, t, 2), dtype=np.int64)
    levy[:, 1:3, 1] = (rate * sold[:, 1:3, 1, 0]).astype(np.int64)
    bought = np.zeros((n, t, 2), dtype=np.int64)
    bought[:, :, 1] = 50
    sent, seized = np.zeros_like(bought), np.zeros_like(bought)
    sent[:, :, 0], seized[:, :, 0] = 40, 10

    def cents(values, dims, name):
        attrs = {"units": "cents", "long_name": name, "cell_methods": "time: sum"}
        return (
            ("replica", "time", *dims),
            values,
            {**attrs, "description": f"{name}, in US cents."},
        )

    def count(values, dims, name, cell="sum"):
        attrs = {"units": "1", "long_name": name, "cell_methods": f"time: {cell}"}
        return (("replica", "time", *dims), values, {**attrs, "description": name})

    zeros = np.zeros((n, t), dtype=np.int64)
    price = np.full((n, t, 2, 2), 1000.0)
    price[:, 1:3, 1, 0] = 1000 / (1 - rate)
    price[:, :, 0, 1] = np.nan
    stock = np.stack([np.full((n, t), 100.0), np.full((n, t), 50.0)], axis=-1)
    usd = {"units": "USD", "long_name": "Price", "cell_methods": "time: point"}
    h100e = {"units": "H100e", "long_name": "Compute", "cell_methods": "time: point"}
    days = {"units": "days", "long_name": "Days", "cell_methods": "time: point"}
    return xr.Dataset(
        {
            "revenue": cents(sold, ("vendor", "region"), "Revenue"),
            "levy_receipts": cents(levy, ("vendor",), "Receipts"),
            "levy_remitted": cents(levy, ("vendor",), "Remitted"),
            "levy_owed": cents(np.zeros_like(levy), ("vendor",), "Owed"),
            "net_proceeds": cents(sold.sum(axis=3) - levy, ("vendor",), "Net"),
            "cost_of_sales": cents(np.zeros_like(levy), ("vendor",), "Cost"),
            "vendor_profit": cents(sold.sum(axis=3) - levy, ("vendor",), "Profit"),
            "write_down": cents(np.zeros_like(levy), ("vendor",), "Write-down"),
            "units_cleared": count(chips, ("chip", "region"), "Cleared"),
            "units_shipped": count(chips, ("chip", "region"), "Shipped"),
            "units_ordered": count(chips, ("chip", "region"), "Ordered"),
            "units_cancelled": count(np.zeros_like(chips), ("chip", "region"), "Cancelled"),
            "backlog": count(np.zeros_like(chips), ("chip", "region"), "Backlog", "point"),
            "units_stopped": count(np.zeros_like(chips), ("chip", "region"), "Stopped"),
            "grey_bought": count(bought, ("region",), "Bought"),
            "grey_units": count(sent, ("region",), "Sent"),
            "grey_seized": count(seized, ("region",), "Seized"),
            "grey_stock": count(np.zeros_like(bought), ("region",), "Stock", "point"),
            "licences_filed": count(zeros, (), "Filed"),
            "licences_granted": count(zeros, (), "Granted"),
            "licences_denied": count(zeros, (), "Denied"),
            "licences_withdrawn": count(zeros, (), "Withdrawn"),
            "licence_queue": count(zeros[..., None], ("review_stage",), "Queue", "point"),
            "licence_wait_days": (("replica", "time"), np.full((n, t), np.nan), days),
            "licence_expected_days": (("replica", "time"), np.full((n, t), 40.0), days),
            "pricing_unsolved": count(np.zeros_like(levy), ("vendor",), "Unsolved"),
            "price": (("replica", "time", "chip", "region"), price, usd),
            "compute_h100e": (
                ("replica", "time", "region", "origin"),
                np.stack([stock, 3 * stock], axis=2),
                h100e,
            ),
            "draw": (("replica", "parameter"), rng.random((n, 1))),
            "scenario_toml": ((), SCENARIO.format(rate=rate)),
        },
        {
            "replica": np.arange(n),
            "time": time,
            "quarter": ("time", ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]),
            "vendor": ["home_maker", "far_maker"],
            "chip": ["home_chip", "far_chip"],
            "region": ["here", "there"],
            "origin": ["domestic", "rented_abroad"],
            "review_stage": ["officer"],
            "parameter": ["vendor.home_maker.preference"],
            "parameter_unit": ("parameter", ["1"]),
            "parameter_source": ("parameter", ["a coin"]),
        },
        {
            "focus_region": "here",
            "reference_region": "there",
            "seed": 1,
            "sampling": "plain",
            "frozen": "nothing",
            "title": "Small",
            "scenario_name": "small",
        },
    )
