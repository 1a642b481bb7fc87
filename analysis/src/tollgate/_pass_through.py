"""Pass-through of a levy: which share of it reaches what buyers pay, by chip and where or when."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import xarray as xr

from tollgate._incidence import levied_chips
from tollgate._outcomes import check_by_chip
from tollgate._pairing import check_paired, shared_replicas
from tollgate._scenario import scenario, text

_HINT = "run both with the same seed and sampling: prices are compared replica by replica"
_EPOCH = datetime.date(1970, 1, 1)
# Keys of a levy that leave open, in the scenario alone, when or whom it touches.
_OPEN = ("regimes", "withdrawn", "buyers", "headquarters", "customer_classes", "windows")


def pass_through(
    levy: xr.Dataset, without: xr.Dataset, by: Literal["quarter", "region"] = "quarter"
) -> xr.DataArray:
    """Say which share of a levy on a chip reaches its price.

    Parameters
    ----------
    levy, without
        Runs from `tollgate.open` that differ in the rate of a levy on proceeds, with the same
        seed: `tollgate.run(..., set={"policy.levy.rate": 0})` is without it.
    by
        "quarter": chip x quarter in the focus region. "region": chip x region, the mean over the
        quarters that have a number.

    Returns
    -------
    xarray.DataArray
        float64 (chip, quarter or region), median over replicas of (p - p0) / (tau p - tau0 p0),
        with the asking prices p and p0 at the ends of quarters and the sums of the rates tau and
        tau0 of the levies in force; with tau0 = 0 that is the definition of docs/pricing.md, "Who
        pays": 0: the price stays; 1: the buyer pays it whole, p = p0 / (1 - tau); it may be below
        0 or above 1. NaN where fewer than half of the replicas have both prices, where the rates do
        not differ, and where the scenario alone does not say whether a levy holds (it
        depends on regimes or on who buys, is taken back or superseded, or is a duty on customs
        value).

    Raises
    ------
    TollgatePairingError
        When the runs do not share their luck, or not their quarters.
    ValueError
        When the series are not by chip, `by` is another, or no price says anything.

    """
    if by not in ("quarter", "region"):
        raise ValueError(f"by is {by!r}; allowed is 'quarter' or 'region'")
    check_by_chip("pass-through", levy, without)
    check_paired("levy", levy, "without", without, hint=_HINT)
    replicas = shared_replicas(levy, without)
    runs = [ds.sel(replica=replicas) for ds in (levy, without)]
    if by == "quarter":
        runs = [ds.sel(region=[text(levy.attrs["focus_region"])]) for ds in runs]
    parts = (part.reset_coords(drop=True) for ds in runs for part in (_prices(ds), _rates(ds)))
    p, tau, p0, tau0 = xr.align(*parts, join="inner")
    share = (p - p0) / (tau * p - tau0 * p0).where(tau != tau0)
    share = share.where(np.isfinite(share))
    if by == "region":
        share = share.mean("time")
    else:
        share = share.isel(region=0).assign_coords(quarter=("time", levy.quarter.values))
        share = share.swap_dims(time="quarter").drop_vars("time")
    known = share.notnull().mean("replica") >= 0.5
    result = share.median("replica").where(known).transpose("chip", by)
    if not bool(result.notnull().any()):
        raise ValueError(
            "no price says what becomes of a levy: give first the run with the levy and then the "
            "same without it (of rate 0), in which the same chips are on offer"
        )
    return result.rename("pass_through").assign_attrs(units="1", long_name="Pass-through")


def _prices(ds: xr.Dataset) -> xr.DataArray:
    return ds.price.astype("float64").compute()


def _rates(ds: xr.Dataset) -> xr.DataArray:
    """Sum of the rates of levies on proceeds (replica, time, chip, region), NaN where open."""
    resolved = scenario(ds)
    rules = resolved.get("policy", {})
    enabled = {name: rule for name, rule in rules.items() if rule.get("enabled", True)}
    superseded = {other for rule in enabled.values() for other in rule.get("supersedes", ())}
    total = xr.zeros_like(ds.price, dtype="float64")
    days = (ds.time - np.datetime64(_EPOCH, "ns")) / np.timedelta64(1, "D")
    for name, rule in enabled.items():
        if rule.get("instrument") != "levy":
            continue
        touched = _touched(ds, name, rule, resolved)
        is_open = (
            name in superseded
            or rule.get("base", "proceeds") != "proceeds"
            or any(rule.get(key) for key in _OPEN)
        )
        start, end, rate = (
            _number(ds, f"policy.{name}.{key}", rule[key]) if key in rule else other
            for key, other in (("effective", -np.inf), ("until", np.inf), ("rate", np.nan))
        )
        # A label is the day after the quarter, and the price that of its last day.
        in_force = (days > start) & (days <= end)
        charged = (np.nan if is_open else rate) * xr.ones_like(total)
        total = total + charged.where(touched & in_force, 0)
    return total.compute()


def _touched(
    ds: xr.Dataset, name: str, rule: Mapping[str, Any], resolved: Mapping[str, Any]
) -> xr.DataArray:
    """Where a levy is charged (chip, region); never in the region of the chip's vendor."""
    chips = levied_chips({**resolved, "policy": {name: rule}}, {})
    there = set(rule.get("destinations") or map(str, ds.region.values))
    makers = {chip: resolved["vendor"][keys["vendor"]] for chip, keys in resolved["chip"].items()}
    cells = [
        [
            chip in chips and region in there and makers[chip].get("headquarters") != region
            for region in map(str, ds.region.values)
        ]
        for chip in map(str, ds.chip.values)
    ]
    return xr.DataArray(cells, {"chip": ds.chip, "region": ds.region}, ("chip", "region"))


def _number(ds: xr.Dataset, key: str, value: Any) -> xr.DataArray | float:
    """Return a number of the scenario, or days since 1970, or what each replica draws of it."""
    if isinstance(value, Mapping):
        if "value" in value:
            return _number(ds, key, value["value"])
        if "draw" in ds and key in ds.parameter.values:
            return ds.draw.sel(parameter=key).reset_coords(drop=True)
        return np.nan
    if isinstance(value, datetime.datetime):
        value = value.date()
    return float((value - _EPOCH).days if isinstance(value, datetime.date) else value)
