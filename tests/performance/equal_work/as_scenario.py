#!/usr/bin/env python3
"""Prints a scenario with the agents, rhythms and numbers of the minimal market.

The program does more with it than README.md says (workloads, stacks, budgets, licence checks,
ledgers, forecasts, series by quarter): no equal work, but what the product costs at that size.
"""

from datetime import date, timedelta

from market import PARAMETERS as P
from market import quality, unit_cost

START = date(2026, 1, 1)


def header() -> str:
    """Run, regions, and demand."""
    return f"""format = 1
title = "The minimal market"
[run]
start = {START}
until = {START + timedelta(days=P.horizon_days)}
reference_region = "us"
focus_region = "china"
[region.china]
shipping_days = {P.transit_days + P.delivery_days}
[region.us]
[demand]
growth = {{ training = {1 + P.need_growth_per_year}, inference = {1 + P.need_growth_per_year} }}
volatility_own = {P.need_volatility}
planning_days = {P.planning_days}
price_sensitivity = {P.price_sensitivity}
wait_value = {P.wait_utility}
[policy.levy]
instrument = "levy"
effective = {START}
destinations = ["china"]
rate = {P.levy}
[supplier.fab]
kind = "foundry"
headquarters = "us"
capacity_per_month = {P.vendors * P.products_per_vendor * P.chips_per_lot}
"""


def vendor(v: int) -> str:
    """A vendor, and its chips: one to a wafer."""
    chips = "".join(
        f"""[chip.chip_{j}]
vendor = "vendor_{v}"
launch = 2024-01-01
markets = ["china"]
fp16_tflops = 989.4
dram_bandwidth_tbs = 3.35
tpp = 15832
price_usd = {P.initial_markup * unit_cost(j)}
unit_cost_usd = {unit_cost(j)}
foundries = ["fab"]
chips_per_wafer = 1
lead_time_days = {P.lot_days}
"""
        for j in range(v * P.products_per_vendor, (v + 1) * P.products_per_vendor)
    )
    return f"""[vendor.vendor_{v}]
headquarters = "us"
stack = "cuda"
pricing = "list_price"
preference = {quality(v)}
utilisation = {{ training = 1, inference = 1 }}
{chips}"""


def buyer(b: int) -> str:
    """A buyer whose need is for training alone."""
    return f"""[buyer.buyer_{b}]
headquarters = "china"
site = "china"
customer_class = "cloud"
need_h100e = {{ training = {P.need_h100e * (1 + b % 5)}, inference = 0 }}
budget_usd_per_quarter = 1e12
"""


if __name__ == "__main__":
    print(header(), *map(vendor, range(P.vendors)), *map(buyer, range(P.buyers)), sep="")
