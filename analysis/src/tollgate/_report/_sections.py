"""Which pictures and tables a report has, by what its inputs hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure as Canvas

from tollgate import charts
from tollgate._comparison import compare_by_quarter
from tollgate._format import number, percent, signed, unit
from tollgate._outcomes import RENTED, outcomes
from tollgate._pairing import why_unpaired
from tollgate._policy_dates import policy_events
from tollgate._report._answer import is_told_apart
from tollgate._report._figures import Picture, on_axes
from tollgate._scenario import scenario, text
from tollgate.charts._differences import difference_height
from tollgate.charts._effect import effect_scale
from tollgate.charts._laffer import best_range
from tollgate.charts._style import in_usd

_MOST = 3  # policies that get a picture of their own kind each
_MOST_LINES = 6
_HARDLY = 0.05  # share of the busiest licence office below which one is not worth a picture


def pictures(
    policies: Mapping[str, xr.Dataset],
    reference: str,
    comparison: pd.DataFrame,
    curves: Mapping[str, xr.Dataset],
) -> list[Picture]:
    """List the pictures, in the order in which they are read."""
    result = []
    if len(comparison):
        result.append(_differences(comparison, reference))
        result += _effects(policies, reference, comparison)
    result += _receipts(policies, reference)
    result.append(_compute(_some(policies, reference)))
    for name, ds in _some(policies, reference).items():
        result.append(_shares(name, ds))
    result += _prices(policies, reference)
    filed = {name: float(ds.licences_filed.sum()) for name, ds in policies.items()}
    for name, ds in _some(policies, reference).items():
        if filed[name] > _HARDLY * max(filed.values()):
            result.append(_office(name, ds))
    for name, ds in _some(policies, reference).items():
        result += _supply(name, ds)
    result += [_curve(name, ds) for name, ds in curves.items()]
    return result


def convergence_pictures(
    policies: Mapping[str, xr.Dataset], reference: str, comparison: pd.DataFrame
) -> list[Picture]:
    """Draw how differences settle: for each policy the outcome that is hardest to know."""
    result: list[Picture] = []
    if comparison.empty:
        return result
    table = comparison.reset_index()
    for policy in list(dict.fromkeys(table.policy))[:_MOST]:
        rows = table[(table.policy == policy) & np.isfinite(table.difference)]
        rows = rows[(rows.high > rows.low) & (rows.difference != 0)]
        if rows.empty:
            continue
        relative = (rows.high - rows.low) / rows.difference.abs()
        apart = rows.apply(is_told_apart, axis=1)
        name = rows.outcome[relative[apart].idxmax() if apart.any() else relative.idxmin()]
        a, b = (outcomes(policies[which], [name])[name] for which in (reference, policy))
        a, b = xr.align(a, b, join="inner")
        gap = (b - a).assign_attrs(b.attrs)
        result.append(
            Picture(
                f"convergence-{policy}",
                f"{b.attrs['long_name']}: {policy} less {reference}",
                f"Mean difference of {name} and its 95% interval as replicas are added, up to "
                f"{gap.sizes['replica']}.",
                on_axes(charts.convergence_chart, gap, title=f"{name}, {policy} less {reference}"),
                3.2,
                3.4,
                "Of the differences told apart, the one that is known least well."
                if apart.any()
                else "No difference is told apart; this is the one that is known best.",
            )
        )
    return result


def _some(policies: Mapping[str, xr.Dataset], reference: str) -> dict[str, xr.Dataset]:
    chosen = [reference, *(name for name in policies if name != reference)][:_MOST]
    return {name: policies[name] for name in chosen}


def _differences(comparison: pd.DataFrame, reference: str) -> Picture:
    rows = comparison.reset_index()
    said = [
        f"{row.outcome} under {row.policy} {signed(row.difference)} {unit(row.unit)}".strip()
        for row in rows.itertuples()
        if is_told_apart(pd.Series(row._asdict()))
    ]
    return Picture(
        "differences",
        f"What changes against {reference}",
        "Differences with 95% intervals. Told apart: " + ("; ".join(said) or "none") + ".",
        lambda canvas: charts.difference_chart(comparison, reference=reference, figure=canvas),
        difference_height(comparison, 8),
        difference_height(comparison, 4),
        "Each line is an outcome. The grey bar is the interval that runs with luck of their own "
        "would have given.",
    )


def _effects(
    policies: Mapping[str, xr.Dataset], reference: str, comparison: pd.DataFrame
) -> list[Picture]:
    """Draw when revenue in the focus region and compute there come to differ."""
    if not (comparison.pairs > 0).all():
        return []
    focus = text(policies[reference].attrs["focus_region"])
    shown = {reference: policies[reference]}
    shown |= dict(list(policies.items())[: _MOST_LINES + 1])
    others = [name for name in shown if name != reference]
    events = policy_events(shown[others[0]], shown[reference]) if len(others) == 1 else {}

    def foreign(ds: xr.Dataset) -> xr.DataArray:
        makers = scenario(ds)["vendor"]
        at_home = [makers.get(str(v), {}).get("headquarters") == focus for v in ds.vendor.values]
        revenue = ds.revenue.sel(region=focus).isel(vendor=~np.array(at_home)).sum("vendor")
        return revenue.assign_attrs(
            ds.revenue.attrs, long_name=f"Revenue of foreign vendors in {focus}"
        )

    def compute(ds: xr.Dataset) -> xr.DataArray:
        stock = ds.compute_h100e.sel(region=focus).drop_sel(origin=RENTED).astype("float64")
        return stock.sum("origin").assign_attrs(
            ds.compute_h100e.attrs, long_name=f"Compute installed in {focus}"
        )

    result = []
    for name, series in (("revenue", foreign), ("compute-difference", compute)):
        effect = compare_by_quarter(shown, series, reference)
        factor, units = effect_scale(effect)
        last = in_usd(effect.difference).isel(time=-1) / factor
        ends = [f"{policy} {signed(float(last.sel(policy=policy)))}" for policy in others]
        result.append(
            Picture(
                f"effect-{name}",
                f"{effect.attrs['long_name']}: when policies come to differ from {reference}",
                f"Mean difference in the last quarter, {units}: {', '.join(ends)}.",
                partial(_draw_effect, effect, events),
                3.6,
                6.2 if "cumulated" in effect else 3.6,
            )
        )
    return result


def _draw_effect(effect: xr.Dataset, events: Mapping[str, str], canvas: Canvas) -> None:
    charts.effect_by_quarter(effect, figure=canvas, events=events)


def _receipts(policies: Mapping[str, xr.Dataset], reference: str) -> list[Picture]:
    paying = {
        name: ds.levy_receipts.sum("vendor")
        for name, ds in policies.items()
        if int(ds.levy_receipts.sum()) > 0
    }
    result = []
    for name, series in list(paying.items())[:_MOST]:
        without = policies[reference] if name != reference else None
        events = policy_events(policies[name], without)
        peak = series.median("replica")
        quarter = str(series.quarter.values[int(peak.argmax("time"))])
        result.append(
            Picture(
                f"receipts-{name}",
                f"Receipts of the levy under {name}",
                f"Median receipts a quarter under {name} are highest in {quarter}, at "
                f"{number(float(peak.max()) / 1e8)} million USD.",
                on_axes(
                    charts.fan_chart,
                    series.assign_attrs(policies[name].levy_receipts.attrs),
                    events=events,
                    title=f"Receipts of the levy, {name}",
                ),
                4.0,
                4.2,
                "Dashed: days on which the law changes"
                + (f" and {reference} has no such change." if without is not None else "."),
            )
        )
    return result


def _compute(policies: Mapping[str, xr.Dataset]) -> Picture:
    said = []
    for name, ds in policies.items():
        focus = text(ds.attrs["focus_region"])
        stock = ds.compute_h100e.sel(region=focus).isel(time=-1).mean("replica")
        parts = [
            f"{str(origin).replace('_', ' ')} {number(float(amount) / 1e3)}"
            for origin, amount in zip(stock.origin.values, stock.values, strict=True)
        ]
        said.append(f"{name}: {', '.join(parts)}")
    return Picture(
        "compute",
        "Compute by origin",
        f"Mean compute at the end in thousand H100e. {'; '.join(said)}.",
        lambda canvas: charts.compute_by_origin(policies, figure=canvas),
        3.8,
        1.2 + 2.7 * len(policies),
    )


def _shares(name: str, ds: xr.Dataset) -> Picture:
    shares = charts.vendor_shares(ds)
    last = shares.isel(time=-1).median("replica").to_series().sort_values(ascending=False)
    said = ", ".join(f"{vendor} {percent(value)}" for vendor, value in last.head(3).items())
    return Picture(
        f"shares-{name}",
        f"Shares under {name}",
        f"Median shares of revenue in the last quarter under {name}: {said}.",
        on_axes(charts.share_race, shares, title=f"{shares.attrs['long_name']}, {name}"),
        4.0,
        4.4,
    )


def _prices(policies: Mapping[str, xr.Dataset], reference: str) -> list[Picture]:
    """Compare prices where one of two runs has levies and the other has not."""
    result = []
    for name, ds in list(policies.items()):
        if name == reference or "price" not in ds or not _levies_anything(ds):
            continue
        if why_unpaired(ds, policies[reference]):
            continue
        effect = charts.price_effect(ds, policies[reference])
        if not np.isfinite(effect.values).any() or len(result) >= _MOST:
            continue
        rates = _levy_rates(ds)
        whole = (
            f" A levy of {percent(rates[0])} passed on whole would be {1 / (1 - rates[0]):.2f}."
            if len(rates) == 1
            else ""
        )
        shown = effect.where(abs(effect - 1).max("quarter") >= 0.005)
        rows = int(np.isfinite(shown.values).any(axis=1).sum()) or effect.sizes["chip"]
        top = effect.max("quarter").to_series().idxmax()
        result.append(
            Picture(
                f"prices-{name}",
                f"Prices under {name} over those under {reference}",
                f"Ratio of asking prices, chip by quarter. Highest for {top}, at "
                f"{float(effect.max()):.2f}.",
                on_axes(
                    charts.ratio_map,
                    effect,
                    title=f"Prices, {name} over {reference}",
                    note=f"Median of the ratio of asking prices.{whole}",
                    neutral=1.0,
                ),
                1.8 + 0.3 * rows,
                2.2 + 0.28 * rows,
                "1: the buyer pays as much as without. Chips that are offered under one of the "
                "policies only have no ratio.",
            )
        )
    return result


def _levies_anything(ds: xr.Dataset) -> bool:
    return int(ds.levy_receipts.sum()) > 0


def _levy_rates(ds: xr.Dataset) -> list[float]:
    """Rates of the levies on proceeds that brought something."""
    rates = []
    brought = ds.charged_by_instrument.sum(["replica", "time"]).to_series()
    for name, rule in scenario(ds).get("policy", {}).items():
        is_levy = rule.get("instrument") == "levy" and rule.get("base", "proceeds") == "proceeds"
        if is_levy and brought.get(name, 0) > 0.01 * brought.sum():
            rate = rule.get("rate")
            rates.append(rate["value"] if isinstance(rate, dict) and "value" in rate else rate)
    known = [float(rate) for rate in rates if isinstance(rate, (int, float))]
    return sorted(set(known)) if len(known) == len(rates) else []


def _office(name: str, ds: xr.Dataset) -> Picture:
    queue = float(ds.licence_queue.isel(time=-1).sum("review_stage").median())
    wait = ds.licence_wait_days.median("replica")
    worst = f"{float(wait.max()):.0f} days" if np.isfinite(wait).any() else "unknown"
    return Picture(
        f"licences-{name}",
        f"The licence office under {name}",
        f"Median queue at the end: {number(queue)} applications. Longest median wait in a quarter: "
        f"{worst}.",
        lambda canvas: charts.licence_office(
            ds, figure=canvas, title=f"The licence office, {name}"
        ),
        3.8,
        6.6,
    )


def _supply(name: str, ds: xr.Dataset) -> list[Picture]:
    if "chip" not in ds.units_cleared.dims:
        return []
    flows = charts.supply_flows(ds)
    if flows.empty:
        return []
    ways = flows[flows.stage == 1].groupby("target").chips.sum().sort_values(ascending=False)
    said = ", ".join(f"{way} {number(chips / 1e3)}" for way, chips in ways.items())
    return [
        Picture(
            f"supply-{name}",
            f"Where chips come from under {name}",
            f"Thousand chips over the run by way: {said}.",
            on_axes(
                charts.supply_sankey,
                flows,
                replicas=ds.sizes["replica"],
                title=f"Where the chips come from, {name}",
            ),
            4.8,
            5.2,
        )
    ]


def _curve(name: str, ds: xr.Dataset) -> Picture:
    table = charts.laffer_table(ds)
    low, high = best_range(table)
    best = table["mean"].idxmax()
    return Picture(
        f"curve-{name}",
        f"{table.attrs['long_name']} against {table.attrs['key']}",
        f"The mean is highest at {best:g}, of {table['mean'].max():.3g} {table.attrs['unit']}; "
        f"by resampling replicas the best value lies in {low:g} to {high:g}.",
        lambda canvas: charts.laffer_curve(table, ax=canvas.subplots()),
        4.2,
        4.2,
    )
