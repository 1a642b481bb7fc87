"""What a policy is worth to the home region: the program's welfare, replica by replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from tollgate._dataset import COMPLETE
from tollgate._outcomes import RENTED, outcomes, per_usd, scenario, text

# The weights of the government that sets the rules; docs/model.md says why.
DEFAULT_WEIGHTS = {
    "receipts": 1.0,
    "vendor_profit": 1.0,
    "consumer_surplus": 0.0,
    "foreign_vendor_profit": 0.0,
    "foreign_consumer_surplus": 0.0,
}
_USD_PER_BILLION = 1e9

Outcome = str | xr.DataArray | Callable[[xr.Dataset], xr.DataArray]


def welfare_parts(ds: xr.Dataset) -> xr.Dataset:
    """Reduce each replica to the parts of welfare, over the whole run.

    Parameters
    ----------
    ds
        From `tollgate.open`, in cents or US dollars; an ensemble, or a sweep of one scenario.

    Returns
    -------
    xarray.Dataset
        float64 variables with dimension replica, and point for a sweep: `receipts` (levies, and
        duties of the home region less its subsidies), `vendor_profit` (less antitrust fines),
        `consumer_surplus`, `foreign_vendor_profit`, `foreign_consumer_surplus`, all in billion
        USD, and `focus_h100e`, compute installed in the focus region at the end (H100e). Home is
        the reference region; vendors and buyers belong where their headquarters are. Surplus is
        NaN where a buyer's has no number, and left out where the file has none
        (`keep = "quarterly"`).

    """
    home, focus = text(ds.attrs["reference_region"]), text(ds.attrs["focus_region"])
    resolved = scenario(ds)

    def at_home(kind: str) -> np.ndarray:
        # A policy of a sweep may lack what another has; what is not there has nothing to count.
        owners = resolved[kind]
        return np.array(
            [owners.get(str(name), {}).get("headquarters") == home for name in ds[kind].values]
        )

    def total(series: xr.DataArray) -> xr.DataArray:
        # NaN must not pass for zero: a surplus without a number leaves welfare without one.
        dims = [dim for dim in series.dims if dim not in ("point", "replica")]
        return series.astype("float64").sum(dims, skipna=False)

    def billion(name: str, **where: str) -> xr.DataArray:
        scale = per_usd(ds[name])
        return ds[name].sel(where).astype("float64") / (scale * _USD_PER_BILLION)

    profit = billion("vendor_profit") - billion("antitrust_fines")
    vendors = at_home("vendor")
    stock = ds.compute_h100e.isel(time=-1).sel(region=focus).drop_sel(origin=RENTED)
    parts = {
        "receipts": total(billion("levy_receipts"))
        + total(billion("tariff_receipts", region=home))
        - total(billion("subsidy_paid", region=home)),
        "vendor_profit": total(profit.isel(vendor=vendors)),
        "foreign_vendor_profit": total(profit.isel(vendor=~vendors)),
        "focus_h100e": total(stock),
    }
    if "consumer_surplus" in ds:
        surplus, buyers = billion("consumer_surplus"), at_home("buyer")
        parts["consumer_surplus"] = total(surplus.isel(buyer=buyers))
        parts["foreign_consumer_surplus"] = total(surplus.isel(buyer=~buyers))
    return xr.Dataset(
        {
            name: _bare(values).assign_attrs(
                units="H100e" if name == "focus_h100e" else "billion USD",
                long_name=_LONG_NAMES[name],
            )
            for name, values in parts.items()
        }
    )


_LONG_NAMES = {
    "receipts": "Receipts of the home region",
    "vendor_profit": "Profit of the home region's vendors",
    "consumer_surplus": "Surplus of the home region's buyers",
    "foreign_vendor_profit": "Profit of the other vendors",
    "foreign_consumer_surplus": "Surplus of the other buyers",
    "focus_h100e": "Compute installed in the focus region at the end",
}


def welfare(
    ds: xr.Dataset,
    weights: Mapping[str, float] | None = None,
    security_cost: float = 0.0,
) -> xr.DataArray:
    """Weigh the parts of welfare, as `tollgate optimise --maximise welfare` does.

    welfare = sum over parts of weight x part - security cost x H100e installed in the focus region
    at the end; undiscounted. Compute rented abroad is not in the security cost.

    Parameters
    ----------
    ds
        From `tollgate.open`; an ensemble, or a sweep of one scenario.
    weights
        Of the parts in `welfare_parts`; those not named keep the program's: 1 for receipts and
        vendor_profit, 0 for the others.
    security_cost
        US dollars for each H100e.

    Returns
    -------
    xarray.DataArray
        Billion USD, float64, with dimension replica, and point for a sweep. NaN where a part that
        has a weight has no number; a part with weight 0 does not matter.

    Raises
    ------
    KeyError
        When a weight is of no part, or of a part that the file does not hold.

    """
    unknown = set(weights or ()) - set(DEFAULT_WEIGHTS)
    if unknown:
        raise KeyError(
            f"no part of welfare {', '.join(sorted(unknown))}; there are "
            f"{', '.join(DEFAULT_WEIGHTS)}"
        )
    parts = welfare_parts(ds)
    cost = security_cost / _USD_PER_BILLION
    result = -cost * parts.focus_h100e
    for name, weight in {**DEFAULT_WEIGHTS, **(weights or {})}.items():
        if weight == 0:
            continue
        if name not in parts:
            raise KeyError(
                f"{name} has weight {weight:g}, but the file holds no consumer_surplus; "
                'run the sweep again with keep = "all"'
            )
        result = result + weight * parts[name]
    return result.rename("welfare").assign_attrs(units="billion USD", long_name="Welfare")


def outcome_values(ds: xr.Dataset, outcome: Outcome) -> xr.DataArray:
    """One number a replica: what the functions that take an outcome mean by it.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    outcome
        A name of `tollgate.outcomes`, "welfare" (with the program's weights and no security cost),
        an array with dimension replica, and point for a sweep, or a function that makes one of
        the dataset: `lambda ds: tollgate.welfare(ds, security_cost=2000)`.

    Returns
    -------
    xarray.DataArray
        float64, dimensions (replica) or (point, replica), in this order. NaN where a replica is
        not complete.

    Raises
    ------
    ValueError
        When the outcome has other dimensions.

    """
    if isinstance(outcome, str):
        values = welfare(ds) if outcome == "welfare" else outcomes(ds, [outcome])[outcome]
    else:
        values = outcome if isinstance(outcome, xr.DataArray) else outcome(ds)
    expected = [dim for dim in ("point", "replica") if dim in ds.dims]
    if set(values.dims) != set(expected):
        raise ValueError(
            f"an outcome of these data has the dimensions {', '.join(expected)}, not "
            f"{', '.join(map(str, values.dims)) or 'none'}; sum or select the others away"
        )
    values = values.astype("float64").transpose(*expected)
    status = ds.get("replica_status")
    if status is not None and set(status.dims) == set(expected):
        values = values.where(status.transpose(*expected) == COMPLETE)
    return values


def _bare(values: xr.DataArray) -> xr.DataArray:
    """Leave away the labels of places that were selected, and of factors."""
    return values.drop_vars([name for name in values.coords if name not in values.dims])
