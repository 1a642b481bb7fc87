"""Diagnostics: how well the means are known, whether chips and cents add up, what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._outcomes import outcomes
from tollgate._report._load import Source
from tollgate._scenario import scenario


def replica_table(sources: Sequence[Source], policies: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Count replicas and pricing games by policy.

    Returns
    -------
    pandas.DataFrame
        Index policy; file, planned (replicas of the file: of a sweep of each point), complete (in
        this policy), failed and not run (in the whole file), sampling, frozen, repricings that
        solved a game, those not solved, and the largest relative error of a first-order condition.

    """
    file_of = {name: source for source in sources for name in source.policies}
    rows = {}
    for name, ds in policies.items():
        source = file_of[name]
        residual = ds.pricing_residual.max() if "pricing_residual" in ds else np.nan
        rows[name] = {
            "file": source.path.name,
            "planned": int(source.attrs["replicas_planned"]),
            "complete": ds.sizes["replica"],
            "failed in file": source.failed,
            "not run in file": source.not_run,
            "sampling": source.attrs.get("sampling", "plain"),
            "frozen": source.attrs.get("frozen", "nothing"),
            "pricing games": int(ds.pricing_solves.sum()) if "pricing_solves" in ds else 0,
            "not solved": int(ds.pricing_unsolved.sum()),
            "largest residual": float(residual),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index.name = "policy"
    return frame


def convergence_table(policies: Mapping[str, xr.Dataset], names: Sequence[str]) -> pd.DataFrame:
    """Say how well the mean of each outcome is known.

    Returns
    -------
    pandas.DataFrame
        Index (outcome, policy); replicas that have a number, mean, standard_error of the mean (s /
        sqrt n; too large under lhs and sobol), relative (standard error over the absolute mean,
        NaN where that is zero), first_half and second_half (means over halves of the replicas),
        halves_z (their difference over its standard error: beyond 3 in either direction is a
        reason to look), replicas_for_1_percent (at which the standard error would be 1% of the
        mean), unit.

    """
    rows = {}
    for name in names:
        for policy, ds in policies.items():
            values = outcomes(ds, [name])[name]
            numbers = values.values[np.isfinite(values.values)]
            rows[name, policy] = {**_convergence(numbers), "unit": values.attrs["units"]}
    index = pd.MultiIndex.from_tuples(list(rows), names=["outcome", "policy"])
    return pd.DataFrame(list(rows.values()), index=index)


def _convergence(numbers: np.ndarray) -> dict[str, float]:
    n = numbers.size
    if n < 2:
        return {"replicas": n, "mean": float(numbers.mean()) if n else np.nan}
    mean, error = float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(n))
    relative = error / abs(mean) if mean else np.nan
    first, second = numbers[: n // 2], numbers[n // 2 :]
    spread = numbers.var(ddof=1) * (1 / first.size + 1 / second.size)
    gap = float(first.mean() - second.mean())
    return {
        "replicas": n,
        "mean": mean,
        "standard_error": error,
        "relative": relative,
        "first_half": float(first.mean()),
        "second_half": float(second.mean()),
        "halves_z": gap / np.sqrt(spread) if spread > 0 else 0.0,
        "replicas_for_1_percent": float(np.ceil(n * (relative / 0.01) ** 2)) if mean else np.nan,
    }


def conservation_table(policies: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Check identities of money and chips again, on what the file holds.

    Returns
    -------
    pandas.DataFrame
        Index identity; one column for each policy: the largest difference in absolute value over
        replicas, quarters and labels, in cents or chips, which are whole numbers, so that 0 is
        exact. NaN where the file does not hold all the series.

    """
    checks = {
        "levies charged = remitted + owed (cents)": _levies,
        "net proceeds = revenue - levies (cents)": _proceeds,
        "vendor profit = net proceeds - cost of sales (cents)": _profit,
        "applications filed = decided + withdrawn + at the office": _applications,
        "grey chips bought = sent + seized + in the hubs": _grey,
        "chips ordered + stopped = shipped + cancelled + backlog": _orders,
        "chips cleared + stopped <= shipped": _on_the_way,
    }
    rows = {}
    for title, check in checks.items():
        rows[title] = {}
        for policy, ds in policies.items():
            try:
                error = check(ds)
            except (AttributeError, KeyError):
                rows[title][policy] = np.nan
                continue
            rows[title][policy] = int(abs(error).max())
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(policies))
    frame.index.name = "identity"
    return frame


def _levies(ds: xr.Dataset) -> xr.DataArray:
    return (ds.levy_receipts - ds.levy_remitted).cumsum("time") - ds.levy_owed


def _proceeds(ds: xr.Dataset) -> xr.DataArray:
    rules = scenario(ds).get("policy", {}).values()
    if any(rule.get("base") == "customs_value" for rule in rules):
        raise KeyError("duty that customers reimburse is not in the file")
    return ds.revenue.sum("region") - ds.levy_receipts - ds.net_proceeds


def _profit(ds: xr.Dataset) -> xr.DataArray:
    return ds.net_proceeds - ds.cost_of_sales - ds.vendor_profit


def _applications(ds: xr.Dataset) -> xr.DataArray:
    done = ds.licences_granted + ds.licences_denied + ds.licences_withdrawn
    return (ds.licences_filed - done).cumsum("time") - ds.licence_queue.sum("review_stage")


def _grey(ds: xr.Dataset) -> xr.DataArray:
    moved = (ds.grey_bought - ds.grey_units - ds.grey_seized).sum("region").cumsum("time")
    return moved - ds.grey_stock.sum("region")


def _orders(ds: xr.Dataset) -> xr.DataArray:
    # What the border stops goes back to the orders.
    moved = ds.units_ordered + ds.units_stopped - ds.units_shipped - ds.units_cancelled
    return moved.cumsum("time") - ds.backlog


def _on_the_way(ds: xr.Dataset) -> xr.DataArray:
    there = (ds.units_shipped - ds.units_cleared - ds.units_stopped).cumsum("time")
    return there.clip(max=0)


def effective_pairs(comparison: pd.DataFrame) -> pd.DataFrame:
    """Say how many independent runs of each policy would give the same intervals.

    Replicas are independent of each other, so there is no autocorrelation to correct for: the
    effective sample size of a mean is the number of complete replicas. Of a difference it is the
    number of pairs times what pairing bought.

    Returns
    -------
    pandas.DataFrame
        Index (outcome, policy); pairs, variance_ratio and effective (their product).

    """
    frame = comparison[["pairs", "variance_ratio"]].copy()
    frame["effective"] = frame.pairs * frame.variance_ratio
    return frame
