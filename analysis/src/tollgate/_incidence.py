"""Who pays a levy: what buyers, vendors and nobody bear of it, and what becomes of the sales.

Definitions with their equations, and what they cannot say: docs/analysis/comparing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from tollgate._intervals import mean_interval, ratio_interval
from tollgate._levies import differing_levies, levied_chips, levies, touches
from tollgate._outcomes import check_by_chip, per_usd
from tollgate._pairing import check_paired, shared_replicas
from tollgate._sales import Sales, in_usd, sales_of
from tollgate._scenario import scenario, text

_HINT = "run both with the same seed and sampling: the account is made replica by replica"

# Parts, in the order of the account: name, group, sentence.
_PARTS = {
    "receipts": ("receipts", "Levy collected, more than without it"),
    "buyer": ("receipts", "Pass-through: higher prices and duty, times the chips still bought"),
    "vendor": ("receipts", "Margin: what the vendor keeps less of each chip still sold"),
    "new_sales": ("receipts", "Levy on chips that are not on offer at all without it"),
    "nobody": ("forgone", "Levy that the lost sales would have paid"),
    "profit_change": ("profit", "Change of the vendors' gross profit"),
    "margin": ("profit", "Less the levy that prices do not bring back"),
    "lost_sales": ("profit", "Levied chips not sold, at the margin without the levy"),
    "opened_sales": ("profit", "Levied chips that are not on offer without it, less the levy"),
    "redirected": ("profit", "The same chips, sold in other regions instead"),
    "other_sales": ("profit", "Other chips sold, everywhere"),
    "other_prices": ("profit", "Prices of everything that the levy is not on"),
    "unit_costs": ("profit", "Change of unit costs"),
    "other": ("profit", "Chips seized, and levies and duties between charge and settlement"),
    "rivals": ("beside", "Change of the other vendors' gross profit"),
}


class LevyInReferenceError(ValueError):
    """The run without the levy charges one on the same chips, so that it has no price without."""


_WHO = ("buyer", "vendor", "new_sales", "nobody")


def incidence(
    levy: xr.Dataset,
    without: xr.Dataset,
    level: float = 0.95,
    *,
    chips: Iterable[str] | None = None,
    region: str | None = None,
) -> xr.Dataset:
    """Say who pays a levy, each quarter and over the run.

    Parameters
    ----------
    levy
        Run with the levy, from `tollgate.open`.
    without
        The same without it, `tollgate.run(..., set={"policy.levy.rate": 0})`, with the same seed.
        Against a ban every levied sale is a new one: no price without the levy says who pays.
    level
        Of confidence.
    chips, region
        As for `incidence_by_replica`.

    Returns
    -------
    xarray.Dataset
        Dimensions part and time. Means over replicas with Student's t intervals of the paired
        account: `amount`, `low`, `high` (part, time), and of the whole run `total`, `total_low`,
        `total_high` (part), in USD. `share`, `share_low`, `share_high` (part): of buyer, vendor,
        new_sales and nobody in the levy collected and forgone over the run, a ratio of means,
        which add up to 1; NaN of the others. `group` (part) says what adds up: buyer + vendor +
        new_sales = receipts; margin and all below it of the group profit = profit_change.
        `pass_through` with `pass_through_low` and `pass_through_high`: buyer over receipts less
        new_sales of the run, a ratio of means.
        `lost_units`, `redirected_units` (time): chips not sold in the region, and sold elsewhere
        instead, means. Attributes vendors, chips, region, replicas.

    Raises
    ------
    TollgatePairingError
        When the runs do not share their luck, or not their quarters.
    ValueError
        When no vendor pays a levy, no chip is levied, the series are not by chip, or the second
        run charges a levy on the levied chips too, as of two rates: against a rate of 0 each has
        its account.

    """
    account = incidence_by_replica(levy, without, chips=chips, region=region)
    parts = list(_PARTS)
    table = np.stack([account[part].values for part in parts])  # part, replica, time
    by_replica = table.sum(axis=2)
    low, high = mean_interval(np.moveaxis(table, 1, 0), level)
    total_low, total_high = mean_interval(by_replica.T, level)
    due = account.receipts.sum("time").values + account.nobody.sum("time").values
    shares = np.array(
        [
            ratio_interval(by_replica[i], due, level) if part in _WHO else (np.nan,) * 3
            for i, part in enumerate(parts)
        ]
    )
    series, run = ("part", "time"), ("part",)
    usd, share = {"units": "USD"}, {"units": "1"}
    result = xr.Dataset(
        {
            "amount": (series, table.mean(axis=1), usd),
            "low": (series, low, usd),
            "high": (series, high, usd),
            "total": (run, by_replica.mean(axis=1), usd),
            "total_low": (run, total_low, usd),
            "total_high": (run, total_high, usd),
            "share": (run, shares[:, 0], share),
            "share_low": (run, shares[:, 1], share),
            "share_high": (run, shares[:, 2], share),
        },
        {
            "part": parts,
            "group": ("part", [group for group, _ in _PARTS.values()]),
            "description": ("part", [sentence for _, sentence in _PARTS.values()]),
            "time": account.time,
            "quarter": account.quarter,
        },
        {**account.attrs, "level": level, "replicas": account.sizes["replica"]},
    )
    passed = ratio_interval(
        account.buyer.sum("time").values,
        (account.receipts - account.new_sales).sum("time").values,
        level,
    )
    for end, value in zip(("", "_low", "_high"), passed, strict=True):
        result[f"pass_through{end}"] = ((), value, share)
    for name in ("lost_units", "redirected_units"):
        result[name] = account[name].mean("replica").assign_attrs(account[name].attrs)
    return result


def incidence_by_replica(
    levy: xr.Dataset,
    without: xr.Dataset,
    *,
    chips: Iterable[str] | None = None,
    region: str | None = None,
) -> xr.Dataset:
    """Make the account of a levy in each replica and quarter.

    Parameters
    ----------
    levy, without
        As for `incidence`.
    chips
        Chips that the levy is on. By default those that the scenarios' levies touch by vendor, id
        and the limits of their attributes, looking at the levies in which the two scenarios
        differ.
    region
        Where it is charged; the focus region by default.

    Returns
    -------
    xarray.Dataset
        A variable (replica, time) for each part, in USD, and `lost_units`, `redirected_units`
        in chips.

    Raises
    ------
    TollgatePairingError, ValueError
        As `incidence`.

    """
    check_by_chip("who pays a levy", levy, without)
    check_paired("levy", levy, "without", without, hint=_HINT)
    replicas = shared_replicas(levy, without)
    levy, without = levy.sel(replica=replicas), without.sel(replica=replicas)
    region = region or text(levy.attrs["focus_region"])
    known = [scenario(ds)["chip"] for ds in (without, levy)]
    vendor_of = {chip: keys["vendor"] for chips_ in known for chip, keys in chips_.items()}
    levied = set(chips) if chips is not None else levied_chips(scenario(levy), scenario(without))
    own = {
        vendor: [chip for chip, its_vendor in vendor_of.items() if its_vendor == vendor]
        for vendor in _payers(levy)
        if any(vendor_of[chip] == vendor for chip in levied)
    }
    if not own:
        raise ValueError(
            "no chip of a vendor that pays a levy in the first run is known to be levied; give "
            "the run with the levy first, or name the chips: chips=[...]"
        )
    _check_reference(without, levied, region)
    charged = _charged(levy, scenario(without)) if chips is None and len(own) == 1 else None
    accounts = [
        _account(
            sales_of(levy, vendor, chips_),
            sales_of(without, vendor, chips_),
            sorted(levied.intersection(chips_)),
            region,
            charged,
        )
        for vendor, chips_ in own.items()
    ]
    total = sum(accounts[1:], start=accounts[0])
    total["rivals"] = _profit_of_others(levy, own) - _profit_of_others(without, own)
    for name, variable in total.items():
        sentence, units = _UNITS.get(str(name), (_PARTS.get(str(name), ("", ""))[1], "USD"))
        variable.attrs = {"units": units, "long_name": sentence, "cell_methods": "time: sum"}
    total = total.assign_coords(quarter=("time", levy.quarter.values))
    total.attrs = {
        "vendors": ", ".join(own),
        "chips": ", ".join(chip for chips_ in own.values() for chip in chips_ if chip in levied),
        "region": region,
    }
    return total


_UNITS = {
    "lost_units": ("Levied chips not sold in the region", "1"),
    "redirected_units": ("Levied chips sold in other regions instead", "1"),
}


def _payers(levy: xr.Dataset) -> list[str]:
    """Name the vendors that pay a levy in any replica."""
    paid = levy.levy_receipts.sum("time").compute()
    vendors = [str(v) for v in levy.vendor.values if bool((paid.sel(vendor=v) > 0).any())]
    if not vendors:
        raise ValueError("no vendor pays a levy in the first run; give the one with the levy first")
    return vendors


def _profit_of_others(ds: xr.Dataset, payers: Iterable[str]) -> xr.DataArray:
    others = [v for v in map(str, ds.vendor.values) if v not in set(payers)]
    profit = ds.vendor_profit.sel(vendor=others).sum("vendor").transpose("replica", "time")
    scale = per_usd(ds.vendor_profit)
    return profit.reset_coords(drop=True).compute() / scale


def _check_reference(without: xr.Dataset, levied: set[str], region: str) -> None:
    """Raise where the run without the levy charges something on the levied chips."""
    if "charged_by_instrument" not in without:
        return
    resolved = scenario(without)
    sums = without.charged_by_instrument.sum(["replica", "time"]).to_series()
    for name, rule in levies(resolved).items():
        if rule.get("destinations") and region not in rule["destinations"]:
            continue
        on = [c for c in sorted(levied) if touches(rule, c, resolved["chip"].get(c, {}))]
        if on and sums.get(name, 0) > 0:
            raise LevyInReferenceError(
                f"the run to compare with charges the levy {name} on {', '.join(on)} itself, so "
                "that it has no price without one; compare with a rate of 0: "
                f"tollgate.run(..., set={{'policy.{name}.rate': 0}})"
            )


def _charged(levy: xr.Dataset, without: Mapping[str, Any]) -> xr.DataArray | None:
    """Sum what the levies charged that the other scenario has not: (replica, time), in USD."""
    if "charged_by_instrument" not in levy:
        return None
    there = scenario(levy)
    names = set(differing_levies(there, without) or levies(there))
    is_one = [str(name) in names for name in levy.instrument.values]
    return in_usd(levy.charged_by_instrument).isel(instrument=is_one).sum("instrument")


def _account(
    with_: Sales,
    without: Sales,
    levied: list[str],
    region: str,
    charged: xr.DataArray | None,
) -> xr.Dataset:
    """Make the account of one vendor, which pays all that the levy charged, if this is known."""
    is_levied = xr.DataArray(
        np.logical_and.outer(
            with_.units.chip.isin(levied).values, with_.units.region.values == region
        ),
        {"chip": with_.units.chip, "region": with_.units.region},
        ("chip", "region"),
    )
    same_chip = xr.DataArray(
        with_.units.chip.isin(levied).values, {"chip": with_.units.chip}, ("chip",)
    )
    u, v = with_.units, without.units
    has_price = without.price.notnull()
    # Never on offer without the levy: all of the sale is new, at the margin that it has.
    price, p0 = with_.price.fillna(0), without.price.fillna(0)
    k, k0 = with_.cost, without.cost
    raised = ((price - p0) * u).where(has_price, 0)
    sold = ((p0 - k0) * (u - v)).where(has_price, (price - k) * u)
    dearer = ((k - k0) * u).where(has_price, 0)

    def over(values: xr.DataArray, where: xr.DataArray) -> xr.DataArray:
        return values.where(where, 0).sum(["chip", "region"])

    receipts = with_.receipts - without.receipts
    opened = is_levied & ~has_price
    revenue = over(price * u, is_levied)
    # Other levies, on other chips, are in the receipts of both runs.
    charged = receipts if charged is None else charged
    rate = _rate(charged, revenue)
    new = (over(price * u, opened) / revenue.where(revenue > 0)).fillna(0) * charged
    buyer = over(raised, is_levied) + with_.duty - without.duty
    elsewhere = same_chip & ~is_levied
    parts = {
        "receipts": receipts,
        "buyer": buyer,
        "vendor": receipts - buyer - new,
        "new_sales": new,
        "nobody": rate * over(p0 * (v - u), is_levied & has_price),
        "profit_change": with_.profit - without.profit,
        "margin": -(receipts - buyer - new),
        "lost_sales": over(sold, is_levied & has_price),
        "opened_sales": over(sold, opened) - new,
        "redirected": over(sold, elsewhere),
        "other_sales": over(sold, ~same_chip & (u.region == u.region)),
        "other_prices": over(raised, ~is_levied),
        "unit_costs": -dearer.sum(["chip", "region"]),
    }
    explained = sum(parts[name] for name in _EXPLAINING)
    parts["other"] = parts["profit_change"] - explained
    parts["lost_units"] = over(v - u, is_levied)
    parts["redirected_units"] = over(u - v, elsewhere)
    return xr.Dataset({name: p.transpose("replica", "time") for name, p in parts.items()})


_EXPLAINING = (
    "margin",
    "lost_sales",
    "opened_sales",
    "redirected",
    "other_sales",
    "other_prices",
    "unit_costs",
)


def _rate(receipts: xr.DataArray, revenue: xr.DataArray) -> xr.DataArray:
    """Levy over the revenue of levied chips, of the run; of all replicas where nothing is sold."""
    total = revenue.sum("time")
    overall = float(receipts.sum() / revenue.sum()) if float(revenue.sum()) > 0 else 0.0
    return (receipts.sum("time") / total.where(total > 0)).fillna(overall)
