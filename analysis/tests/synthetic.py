"""Runs that are written down by hand, with what the package looks at and nothing else."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

CENTS = {"units": "cents", "description": "In US cents."}
SCENARIO = """
[vendor.home]
headquarters = "us"
[vendor.rival]
headquarters = "china"
[chip.levied]
vendor = "home"
unit_cost_usd = 4
tpp = 100
[chip.free]
vendor = "home"
unit_cost_usd = 2
tpp = 10
[chip.local]
vendor = "rival"
unit_cost_usd = 5
tpp = 50
[policy.toll]
instrument = "levy"
rate = 0.25
vendors = ["home"]
tpp = { low = 50 }
"""
CHIPS = {"levied": "home", "free": "home", "local": "rival"}
COSTS = {"levied": 4.0, "free": 2.0, "local": 5.0}
REGIONS = ["us", "china"]


def run_of(
    units: Mapping[tuple[str, str], Sequence[Sequence[float]]],
    prices: Mapping[tuple[str, str], Sequence[Sequence[float]]],
    levy: Mapping[str, Sequence[Sequence[float]]] | None = None,
    seized: Mapping[tuple[str, str], Sequence[Sequence[float]]] | None = None,
    duty: Mapping[str, Sequence[Sequence[float]]] | None = None,
    *,
    charged: Mapping[str, Sequence[Sequence[float]]] | None = None,
    scenario: str = SCENARIO,
    seed: int = 1,
) -> xr.Dataset:
    """Books of two vendors: (replica, time) tables by (chip, region), levy and duty by vendor.

    What is charged is by instrument; files have it always, but not all tests need it.
    """
    shape = np.shape(next(iter(units.values())))
    vendors, chips = ["home", "rival"], list(CHIPS)
    u, s = np.zeros((2, *shape, len(chips), 2))
    p = np.full((*shape, len(chips), 2), np.nan)
    for place, table in ((u, units), (s, seized or {}), (p, prices)):
        for (chip, region), values in table.items():
            place[..., chips.index(chip), REGIONS.index(region)] = values
    k = np.array([COSTS[c] for c in chips])
    of = np.array([[CHIPS[c] == v for c in chips] for v in vendors])
    revenue = np.einsum("rtcg,vc->rtvg", np.nan_to_num(p) * u, of)
    cost = np.einsum("rtc,vc->rtv", (u + s).sum(-1) * k, of)
    paid, on_top = np.zeros((2, *shape, 2))
    for place, table in ((paid, levy or {}), (on_top, duty or {})):
        for vendor, values in table.items():
            place[..., vendors.index(vendor)] = values
    net = revenue.sum(-1) + on_top - paid
    money = {
        "revenue": (("vendor", "region"), revenue),
        "net_proceeds": (("vendor",), net),
        "cost_of_sales": (("vendor",), cost),
        "vendor_profit": (("vendor",), net - cost),
        "levy_receipts": (("vendor",), paid),
    }
    item = ("replica", "time")
    variables = {
        name: ((*item, *dims), np.rint(usd * 100).astype("int64"), CENTS)
        for name, (dims, usd) in money.items()
    }
    chip = (*item, "chip", "region")
    variables |= {
        "units_cleared": (chip, u.astype("int64"), {"units": "1"}),
        "units_seized": (chip, s.astype("int64"), {"units": "1"}),
        "price": (chip, p, {"units": "USD"}),
        "scenario_toml": ((), scenario),
    }
    if charged:
        usd = np.stack([np.broadcast_to(table, shape) for table in charged.values()], axis=-1)
        variables["charged_by_instrument"] = (
            (*item, "instrument"),
            np.rint(usd * 100).astype("int64"),
            CENTS,
        )
    end = pd.date_range("2026-01-01", periods=shape[1], freq="QS")
    return xr.Dataset(
        variables,
        {
            "replica": np.arange(shape[0]),
            "time": end,
            "quarter": ("time", [str(q) for q in (end - pd.Timedelta(days=1)).to_period("Q")]),
            "vendor": vendors,
            "chip": chips,
            "region": REGIONS,
            "origin": ["domestic"],
            "parameter": np.array([], dtype=str),
            "instrument": list(charged or ()),
        },
        {
            "seed": seed,
            "sampling": "plain",
            "frozen": "nothing",
            "focus_region": "china",
            "reference_region": "us",
            "replicas_planned": shape[0],
        },
    )


def span(until: str = "2026-04-01") -> dict[str, object]:
    """Coordinates of the quarters from 2026 to that which ends on a day."""
    time = pd.date_range("2026-04-01", until, freq="QS")
    quarters = [str(q) for q in (time - pd.Timedelta(days=1)).to_period("Q")]
    return {"time": time, "quarter": ("time", quarters)}


def receipts_of(usd: np.ndarray, **attrs: object) -> xr.Dataset:
    """Give a run of which only the receipts matter: one number a replica, in USD."""
    usd = np.asarray(usd, dtype=float).reshape(len(usd), -1)
    receipts = np.zeros((*usd.shape, 2), dtype="int64")
    receipts[..., 0] = np.rint(usd * 100)
    ds = _empty(usd.shape)
    return ds.assign(levy_receipts=(ds.levy_receipts.dims, receipts, CENTS)).assign_attrs(attrs)


@cache
def _empty(shape: tuple[int, int]) -> xr.Dataset:
    nothing = {("levied", "us"): np.zeros(shape)}
    return run_of(nothing, nothing)
