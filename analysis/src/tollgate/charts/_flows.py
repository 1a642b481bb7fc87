"""Supply as a Sankey diagram: foundries, vendors and traders, the way into a region."""

from __future__ import annotations

import textwrap
from collections import defaultdict

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from sankeyflow import Sankey

from tollgate._format import number
from tollgate._outcomes import check_by_chip
from tollgate._scenario import scenario, text
from tollgate.charts import _style as style

_INVISIBLE = 1e-4  # share of all chips below which a flow is not drawn
_LEGAL, _HOME, _GREY, _SEIZED = "through customs", "made at home", "grey route", "seized"


def supply_flows(ds: xr.Dataset, *, region: str | None = None) -> pd.DataFrame:
    """List what reaches a region over the run, and by which way.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    region
        Where; the focus region by default.

    Returns
    -------
    pandas.DataFrame
        Columns stage (0: foundry to vendor, 1: vendor, or traders of a hub region, to the way),
        source, target and chips, the mean over replicas. Chips of several foundries have them all
        in one name, since the file does not say which made them. Nor does it say which chips
        traders buy and where those of a hub end, so that each hub has its share of what arrives by
        the grey route and of what is seized. As much comes to a vendor as goes from it.

    Raises
    ------
    ValueError
        When the series are not by chip.

    """
    check_by_chip("where chips come from", ds)
    region = region or text(ds.attrs["focus_region"])
    resolved = scenario(ds)
    chips = resolved["chip"]
    cleared = ds.units_cleared.sel(region=region).sum("time").mean("replica")
    flows: dict[tuple[int, str, str], float] = defaultdict(float)
    for chip in map(str, ds.chip.values):
        amount = float(cleared.sel(chip=chip))
        if amount > 0:
            vendor = chips[chip]["vendor"]
            foundry = " or ".join(chips[chip].get("foundries", ["unknown foundry"]))
            at_home = resolved["vendor"][vendor]["headquarters"] == region
            flows[0, foundry, vendor] += amount
            flows[1, vendor, _HOME if at_home else _LEGAL] += amount
    bought = ds.grey_bought.sum("time").mean("replica")
    share = bought / max(float(bought.sum()), 1)
    for series, way in (("grey_units", _GREY), ("grey_seized", _SEIZED)):
        amount = float(ds[series].sel(region=region).sum("time").mean("replica"))
        for hub in map(str, bought.region.values):
            flows[1, f"traders in {hub}", way] += amount * float(share.sel(region=hub))
    rows = [(*key, value) for key, value in flows.items() if value > 0]
    return pd.DataFrame(rows, columns=["stage", "source", "target", "chips"])


def supply_sankey(
    flows: pd.DataFrame,
    *,
    ax: Axes | None = None,
    replicas: int | None = None,
    title: str = "Where the chips come from",
) -> Axes:
    """Draw `supply_flows` as a Sankey diagram; widths are chips.

    Parameters
    ----------
    flows
        From `supply_flows`.
    ax
        Axes to draw on; a new figure by default.
    replicas
        How many the means are of, for the source line.
    title
        Over the diagram.

    Returns
    -------
    matplotlib.axes.Axes

    """
    ax = style.new_axes(ax, height=5.0)
    narrow = style.is_narrow(ax)
    flows = _with_others(flows, 0.04 if narrow else 0.004)
    factor, word = style.scale(flows.chips.to_numpy())
    layers = _layers(flows)
    colours = {
        name: style.COLOURS[i % len(style.COLOURS)]
        for i, name in enumerate(dict.fromkeys(name for layer in layers for name in layer))
    }
    nodes = [
        [
            (
                name,
                amount / factor,
                {
                    "label_pos": "left" if i == 0 else "right",
                    "color": colours[name],
                    "label_format": _label(name, amount / factor, 14 if narrow else 24),
                },
            )
            for name, amount in layer.items()
        ]
        for i, layer in enumerate(layers)
    ]
    links = [
        (row.source, row.target, row.chips / factor, {"color": colours[row.source] + "59"})
        for row in flows.itertuples()
    ]
    box = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.4}
    Sankey(
        nodes=nodes,
        flows=links,
        node_width=0.03,
        node_height_pad_min=0.075 if narrow else 0.05,
        node_pad_y_min=0.005,
        node_opts={"label_opts": {"fontsize": 7.5 if narrow else 9, "bbox": box}},
    ).draw(ax)
    style.frame(ax, title, "", grid="")
    ax.set_axis_off()
    ax.title.set_visible(True)
    mean_of = f"Means of {replicas} replicas over" if replicas else "Means over"
    style.source_line(ax, f"{word.capitalize()} chips. {mean_of} the whole run. tollgate", below=8)
    return ax


def _label(name: str, amount: float, width: int) -> str:
    plain = f"{name.replace('_', ' ')} {number(amount)}".replace("{", "{{").replace("}", "}}")
    return "\n".join(textwrap.wrap(plain, width))


def _with_others(flows: pd.DataFrame, least: float) -> pd.DataFrame:
    """Sum the vendors below a share of all chips; next to nothing is left out."""
    vendors = flows[flows.stage == 0].groupby("target").chips.sum()
    thin = set(vendors.index[vendors < least * vendors.sum()])
    named = flows.assign(
        source=flows.source.where(~flows.source.isin(thin), "other vendors"),
        target=flows.target.where(~flows.target.isin(thin), "other vendors"),
    )
    summed = named.groupby(["stage", "source", "target"], as_index=False, sort=False).chips.sum()
    return summed[summed.chips > _INVISIBLE * flows.chips.sum()]


def _layers(flows: pd.DataFrame) -> list[dict[str, float]]:
    """Nodes of each layer with what goes through them, largest first."""
    layers = []
    for stage in range(int(flows.stage.max()) + 2):
        out = flows[flows.stage == stage].groupby("source").chips.sum()
        into = flows[flows.stage == stage - 1].groupby("target").chips.sum()
        amount = np.maximum(*out.align(into, fill_value=0.0))
        amount = amount.sort_values(ascending=False, kind="stable")
        layers.append({str(name): float(value) for name, value in amount.items()})
    return layers
