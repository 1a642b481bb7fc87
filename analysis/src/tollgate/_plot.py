"""The kinds of pictures that `tollgate plot` draws, each from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from tollgate import charts
from tollgate._comparison import compare, compare_by_quarter
from tollgate._dataset import draws
from tollgate._decisions import policy_values, regret
from tollgate._discovery import find_boxes
from tollgate._incidence import incidence
from tollgate._outcomes import outcomes
from tollgate._pairing import check_paired
from tollgate._pass_through import pass_through
from tollgate._policy_dates import policy_events
from tollgate._report._answer import key_outcomes
from tollgate._report._decisions import screened
from tollgate._report._load import Inputs, load
from tollgate._tornado import tornado
from tollgate.charts._compute import compute_height
from tollgate.charts._differences import difference_height
from tollgate.charts._style import NARROW_BELOW

_NARROW_HEIGHT = 1.6  # times that of a wide picture, where panels go below each other


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    reference: str | None = None
    variable: str | None = None
    outcome: str | None = None
    minimise: bool = False
    select: Sequence[str] = ()
    width: float = 8.0
    height: float | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of picture: what it is, how many policies it needs, its height, how it is drawn."""

    help: str
    policies: int
    height: float
    draw: Callable[[Figure, Inputs, Options], object]
    has_panels: bool = False  # that go below each other in a narrow picture


def draw(kind: str, files: Sequence[str], options: Options) -> Figure:
    """Draw a picture of files.

    Raises
    ------
    ValueError
        When the kind needs something else than what is given.
    TollgateFileError
        When a file cannot be used.

    """
    wanted = KINDS[kind]
    inputs = load(files)
    if len(inputs.policies) < wanted.policies:
        raise ValueError(
            f"{kind} needs {wanted.policies} policies, there is {len(inputs.policies)}; name the "
            "files of more runs"
        )
    if options.reference is not None:
        if options.reference not in inputs.policies:
            raise ValueError(
                f"no policy is called {options.reference!r}; there are {', '.join(inputs.policies)}"
            )
        first = {options.reference: inputs.policies[options.reference]}
        inputs.policies = {**first, **inputs.policies}
    stacked = wanted.has_panels and options.width < NARROW_BELOW
    height = options.height or wanted.height * (_NARROW_HEIGHT if stacked else 1)
    figure = Figure(figsize=(options.width, height), layout="constrained")
    wanted.draw(figure, inputs, options)
    return figure


def _fan(figure: Figure, inputs: Inputs, options: Options) -> None:
    name = options.variable or "levy_receipts"
    chosen = _selection(options.select)
    series = {policy: _series(ds, name, chosen) for policy, ds in inputs.policies.items()}
    policy, data = next(iter(series.items()))
    events = policy_events(inputs.policies[policy]) if len(series) == 1 else {}
    if len(series) > 1:
        if set(data.dims) != {"replica", "time"}:
            raise ValueError("with several policies each is a line; select one label of each axis")
        # Without the labels of the point of a sweep, which differ.
        lines = [line.reset_coords(drop=True) for line in series.values()]
        data = xr.concat(lines, dim="policy", join="inner", coords="minimal")
        data = data.assign_coords(policy=list(series)).assign_attrs(series[policy].attrs)
    charts.fan_chart(data, ax=figure.subplots(), events=events)


def _selection(select: Sequence[str]) -> dict[str, list[str]]:
    chosen: dict[str, list[str]] = {}
    for text in select:
        axis, _, label = text.partition("=")
        if not label:
            raise ValueError(f"--select {text} should be AXIS=LABEL, such as region=china")
        chosen.setdefault(axis, []).append(label)
    return chosen


def _series(ds: xr.Dataset, name: str, chosen: Mapping[str, list[str]]) -> xr.DataArray:
    if name not in ds or "time" not in ds[name].dims:
        known = [str(key) for key, value in ds.data_vars.items() if "time" in value.dims]
        raise ValueError(f"no series {name!r}; there are {', '.join(known)}")
    data = ds[name]
    for axis, labels in chosen.items():
        if axis not in data.dims:
            raise ValueError(
                f"{name} has no axis {axis!r}; it has {', '.join(map(str, data.dims))}"
            )
        known = [str(label) for label in data[axis].values]
        if unknown := [label for label in labels if label not in known]:
            raise ValueError(f"no {axis} {', '.join(unknown)}; there are {', '.join(known)}")
        data = data.sel({axis: labels if len(labels) > 1 else labels[0]})
    others = [dim for dim in data.dims if dim not in ("replica", "time") and dim not in chosen]
    if others and np.issubdtype(data.dtype, np.floating):
        raise ValueError(
            f"{name} is no count, so that a sum over {', '.join(map(str, others))} means nothing; "
            f"--select {others[0]}=LABEL"
        )
    return data.sum(others).assign_attrs(ds[name].attrs)


def _compute(figure: Figure, inputs: Inputs, options: Options) -> None:
    if options.height is None:
        figure.set_figheight(compute_height(len(inputs.policies), options.width))
    charts.compute_by_origin(inputs.policies, figure=figure)


def _shares(figure: Figure, inputs: Inputs, options: Options) -> None:
    name, ds = _last(inputs)
    shares = charts.vendor_shares(ds)
    charts.share_race(shares, ax=figure.subplots(), title=f"{shares.attrs['long_name']}, {name}")


def _prices(figure: Figure, inputs: Inputs, options: Options) -> None:
    (reference, without), (name, ds) = next(iter(inputs.policies.items())), _last(inputs)
    charts.ratio_map(
        charts.price_effect(ds, without),
        ax=figure.subplots(),
        title=f"Prices, {name} over {reference}",
        note="Median over replicas of the ratio of asking prices.",
        neutral=1.0,
    )


def _prices_by_region(figure: Figure, inputs: Inputs, options: Options) -> None:
    (reference, without), (name, ds) = next(iter(inputs.policies.items())), _last(inputs)
    charts.ratio_map(
        charts.price_effect(ds, without, "region"),
        ax=figure.subplots(),
        title=f"Prices, {name} over {reference}",
        note="Median over replicas of the mean ratio of asking prices.",
        neutral=1.0,
    )


def _pass_through(figure: Figure, inputs: Inputs, options: Options) -> None:
    (reference, without), (name, ds) = next(iter(inputs.policies.items())), _last(inputs)
    table = pass_through(ds, without)
    if options.height is None:
        figure.set_figheight(1.8 + 0.3 * table.dropna("chip", how="all").sizes["chip"])
    charts.ratio_map(
        table,
        ax=figure.subplots(),
        title=f"Pass-through, {name} over {reference}",
        note="Share of the levy that reaches the asking price, median over replicas. 1: the buyer "
        "pays it whole, 0: the price stays.",
    )


def _effect(figure: Figure, inputs: Inputs, options: Options) -> None:
    reference = next(iter(inputs.policies))
    name, chosen = options.variable or "levy_receipts", _selection(options.select)
    effect = compare_by_quarter(inputs.policies, lambda ds: _series(ds, name, chosen), reference)
    charts.effect_by_quarter(effect, figure=figure)


def _who_pays(figure: Figure, inputs: Inputs, options: Options) -> None:
    (reference, without), (name, ds) = next(iter(inputs.policies.items())), _last(inputs)
    charts.who_pays(
        incidence(ds, without), ax=figure.subplots(), title=f"Who pays, {name} over {reference}"
    )


def _regret(figure: Figure, inputs: Inputs, options: Options) -> None:
    values = policy_values(inputs.policies, options.outcome or "welfare")
    charts.regret_map(
        regret(values, maximise=not options.minimise),
        ax=figure.subplots(),
        title=f"Regret in {options.outcome or 'welfare'}, "
        f"{'less' if options.minimise else 'more'} is better",
        unit=str(values.attrs.get("unit", "")),
    )


def _tornado(figure: Figure, inputs: Inputs, options: Options) -> None:
    outcome = options.outcome or "levy_receipts"
    name, ds = _last(inputs)
    charts.tornado_chart(tornado(ds, outcome), ax=figure.subplots(), title=f"{outcome}, {name}")


def _box(figure: Figure, inputs: Inputs, options: Options) -> None:
    (reference, without), (name, ds) = next(iter(inputs.policies.items())), _last(inputs)
    values = policy_values({reference: without, name: ds}, options.outcome or "welfare")
    gap, where = values[reference] - values[name], "below"
    if options.minimise:
        gap, where = -gap, "above"
    worse = (gap > 0).rename("worse")
    unknowns = draws(ds).reindex(worse.index)
    boxes = find_boxes(screened(unknowns, gap), worse, most_boxes=1)
    if not boxes:
        raise ValueError(f"no box in the unknowns tells where {name} is {where} {reference}")
    charts.box_chart(
        boxes[0].limits,
        unknowns,
        worse,
        figure=figure,
        title=f"Where {name} is {where} {reference} in {options.outcome or 'welfare'}",
    )


def _licences(figure: Figure, inputs: Inputs, options: Options) -> None:
    name, ds = _last(inputs)
    charts.licence_office(ds, figure=figure, title=f"The licence office, {name}")


def _supply(figure: Figure, inputs: Inputs, options: Options) -> None:
    name, ds = _last(inputs)
    charts.supply_sankey(
        charts.supply_flows(ds),
        ax=figure.subplots(),
        replicas=ds.sizes["replica"],
        title=f"Where the chips come from, {name}",
    )


def _differences(figure: Figure, inputs: Inputs, options: Options) -> None:
    reference = next(iter(inputs.policies))
    names = key_outcomes(inputs.policies)
    table = compare(inputs.policies, reference, names)
    if options.height is None:
        figure.set_figheight(difference_height(table, options.width))
    charts.difference_chart(table, reference=reference, figure=figure)


def _convergence(figure: Figure, inputs: Inputs, options: Options) -> None:
    name = options.outcome or "domestic_share"
    (reference, without), (policy, ds) = next(iter(inputs.policies.items())), _last(inputs)
    check_paired(reference, without, policy, ds, hint="run both with the same seed")
    a, b = xr.align(*(outcomes(run, [name])[name] for run in (without, ds)), join="inner")
    gap = (b - a).assign_attrs(b.attrs)
    charts.convergence_chart(gap, ax=figure.subplots(), title=f"{name}, {policy} less {reference}")


def _curve(figure: Figure, inputs: Inputs, options: Options) -> None:
    if len(inputs.curves) != 1:
        raise ValueError("curve needs the file of one sweep over one number, such as levy-rates")
    ((_, ds),) = inputs.curves.items()
    table = charts.laffer_table(ds, outcome=options.outcome or "levy_receipts")
    charts.laffer_curve(table, ax=figure.subplots())


def _last(inputs: Inputs) -> tuple[str, xr.Dataset]:
    """Return the policy that is looked at: the second, or the only one."""
    return list(inputs.policies.items())[min(1, len(inputs.policies) - 1)]


KINDS = {
    "box": Kind("where the second policy is worse, in the unknowns (PRIM)", 2, 4.2, _box, True),
    "compute": Kind("compute of the focus region by origin, stacked", 1, 4.0, _compute, True),
    "convergence": Kind("how a difference settles as replicas are added", 2, 3.2, _convergence),
    "curve": Kind("an outcome against the number that a sweep varies (Laffer)", 1, 4.2, _curve),
    "differences": Kind("paired differences with intervals", 2, 4.0, _differences),
    "effect": Kind("a series' difference by quarter, and summed up", 2, 3.8, _effect, True),
    "fan": Kind("a series as median, 50% and 90% over replicas", 1, 4.2, _fan),
    "licences": Kind("queue and wait of the licence office", 1, 3.8, _licences, True),
    "pass-through": Kind(
        "share of the levy in prices; the first run is without it", 2, 3.0, _pass_through
    ),
    "prices": Kind("prices of chips by quarter, over those of the first policy", 2, 4.2, _prices),
    "prices-by-region": Kind("the same by region", 2, 4.2, _prices_by_region),
    "regret": Kind("what each policy falls short of the best, by replica", 2, 2.8, _regret),
    "shares": Kind("vendors' shares of revenue in the focus region", 1, 4.2, _shares),
    "supply": Kind("where chips come from, as a Sankey diagram", 1, 5.0, _supply),
    "tornado": Kind("how far each unknown moves an outcome", 1, 5.4, _tornado),
    "who-pays": Kind("who pays the levy; the first run is without it", 2, 4.2, _who_pays),
}
