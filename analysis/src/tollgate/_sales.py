"""What a vendor sold, chip by chip: units, prices received and unit costs that fit its books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from tollgate._outcomes import per_usd
from tollgate._scenario import scenario

_ITEM = ("replica", "time")


@dataclass(frozen=True)
class Sales:
    """Books of one vendor in one run; money in USD, chips as float64.

    Attributes
    ----------
    units, price : xarray.DataArray
        (replica, time, chip, region). Chips cleared, and the mean price received for them; where
        none were cleared, the price at which they were on offer. NaN where a chip is never on
        offer. sum(units x price) over chips is the revenue, exactly.
    cost : xarray.DataArray
        (replica, time, chip). Unit cost. sum(cost x (units cleared + seized)) is the cost of
        sales.
    receipts, duty, profit : xarray.DataArray
        (replica, time). Levies charged; of these what customers pay on top of the price, see
        `_duty`; the vendor's gross profit.

    """

    units: xr.DataArray
    price: xr.DataArray
    cost: xr.DataArray
    receipts: xr.DataArray
    duty: xr.DataArray
    profit: xr.DataArray


def sales_of(ds: xr.Dataset, vendor: str, chips: Sequence[str]) -> Sales:
    """Read the books of a vendor.

    Parameters
    ----------
    ds
        Of one run, with dimension replica, in cents or US dollars.
    vendor
        Its id.
    chips
        All its chips; those that the run does not have count as never on offer.

    """
    usd = {name: in_usd(ds[name].sel(vendor=vendor)) for name in _MONEY}
    units = _float(ds.units_cleared.reindex(chip=chips, fill_value=0))
    seized = _float(ds.units_seized.reindex(chip=chips, fill_value=0)).sum("region")
    cost = _unit_cost(ds, chips)
    cost = cost * _scale(usd["cost_of_sales"], (cost * (units.sum("region") + seized)).sum("chip"))
    return Sales(
        units=units,
        price=_prices(_float(ds.price.reindex(chip=chips)), units, usd["revenue"], cost),
        cost=cost,
        receipts=usd["levy_receipts"],
        duty=_duty(usd),
        profit=usd["vendor_profit"],
    )


_MONEY = ("revenue", "net_proceeds", "cost_of_sales", "vendor_profit", "levy_receipts")


def _float(values: xr.DataArray) -> xr.DataArray:
    order = (*_ITEM, *[d for d in values.dims if d not in _ITEM])
    return values.transpose(*order).astype("float64").drop_attrs().reset_coords(drop=True).compute()


def in_usd(money: xr.DataArray) -> xr.DataArray:
    """Give money in US dollars as float64, (replica, time, ...)."""
    scale = per_usd(money)
    return _float(money) / scale


def _prices(
    asked: xr.DataArray, units: xr.DataArray, revenue: xr.DataArray, cost: xr.DataArray
) -> xr.DataArray:
    """Prices received: the files have revenue by vendor, so list prices say how chips share it.

    The list price of a quarter is the mean of what is asked at its two ends, and the nearest that
    was asked, earlier first, while nothing is: chips are cleared after they were ordered.
    """
    listed = _filled(asked)
    listed = (listed + listed.shift(time=1).fillna(listed)) / 2
    sold = units > 0
    # Sold but never listed at the end of a quarter: unit cost says how large its share may be.
    weight = listed.where(listed.notnull() | ~sold, cost)
    worth = (weight * units).sum("chip")
    return weight * _scale(revenue, worth)


def _filled(asked: xr.DataArray) -> xr.DataArray:
    """Put the last number, or else the next one, where there is none."""
    axis = asked.get_axis_num("time")
    values = np.moveaxis(asked.values, axis, 0).copy()
    for steps in (range(1, len(values)), range(len(values) - 2, -1, -1)):
        back = -1 if steps.step > 0 else 1
        for q in steps:
            values[q] = np.where(np.isnan(values[q]), values[q + back], values[q])
    return asked.copy(data=np.moveaxis(values, 0, axis))


def _scale(booked: xr.DataArray, worth: xr.DataArray) -> xr.DataArray:
    """Booked over worth in each quarter; over the run, or 1, where nothing was sold."""
    run = booked.sum("time") / worth.sum("time").where(lambda total: total > 0)
    return (booked / worth.where(worth > 0)).fillna(run).fillna(1.0)


def _unit_cost(ds: xr.Dataset, chips: Sequence[str]) -> xr.DataArray:
    """Give the unit cost of each chip in each replica: drawn, or as in the scenario."""
    there = scenario(ds)["chip"]
    drawn = set(map(str, ds.parameter.values)) if "draw" in ds else set()
    columns = []
    for chip in chips:
        key = f"chip.{chip}.unit_cost_usd"
        value = there.get(chip, {}).get("unit_cost_usd", np.nan)
        if key in drawn:
            column = ds.draw.sel(parameter=key).values.astype(float)
        else:
            value = value.get("value", np.nan) if isinstance(value, dict) else value
            column = np.full(ds.sizes["replica"], float(value))
        columns.append(column)
    cost = xr.DataArray(
        np.array(columns).T, {"replica": ds.replica, "chip": list(chips)}, ("replica", "chip")
    )
    return (
        cost.fillna(cost.mean("chip"))
        .fillna(0.0)
        .drop_vars([name for name in cost.coords if name not in cost.dims])
    )


def _duty(usd: dict[str, xr.DataArray]) -> xr.DataArray:
    """Levies that customers pay on top of the price, dated when charged.

    Net proceeds are revenue and duty reimbursed, less levies settled at clearance or at the stop
    of a shipment. So net proceeds + levies charged - revenue is the duty of what clears; of what
    is stopped it is taken back when the stop is settled.
    """
    return usd["net_proceeds"] + usd["levy_receipts"] - usd["revenue"].sum("region")
