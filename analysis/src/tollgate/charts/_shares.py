"""Share races: how vendors' shares of a region's market move."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from tollgate._scenario import scenario, text
from tollgate.charts import _style as style
from tollgate.charts._fan import quantiles

_OTHERS = "others"
_LINES = 6


def vendor_shares(
    ds: xr.Dataset, *, region: str | None = None, measure: str = "revenue"
) -> xr.DataArray:
    """Compute vendors' shares of what is sold to a region, quarter by quarter.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    region
        Where; the focus region by default.
    measure
        "revenue", or "units" for chips cleared.

    Returns
    -------
    xarray.DataArray
        float64 with dimensions (replica, time, vendor), 0 to 1; NaN in quarters without a sale.

    """
    region = region or text(ds.attrs["focus_region"])
    if measure == "revenue":
        sold = ds.revenue.sel(region=region).astype("float64")
    elif measure == "units":
        chips = scenario(ds)["chip"]
        vendor = [chips[str(chip)]["vendor"] for chip in ds.chip.values]
        cleared = ds.units_cleared.sel(region=region).astype("float64")
        sold = cleared.assign_coords(vendor=("chip", vendor)).groupby("vendor").sum("chip")
    else:
        raise ValueError(f"measure is {measure!r}; allowed is 'revenue' or 'units'")
    total = sold.sum("vendor")
    share = (sold / total.where(total > 0)).transpose("replica", "time", "vendor")
    what = "revenue" if measure == "revenue" else "chips cleared"
    return share.rename("vendor_share").assign_attrs(
        units="1", long_name=f"Share of the {what} in {region}", cell_methods="time: point"
    )


def share_race(
    shares: xr.DataArray, *, ax: Axes | None = None, lines: int = _LINES, title: str | None = None
) -> Axes:
    """Draw shares over time as medians with 50% bands, names at the ends.

    Parameters
    ----------
    shares
        From `vendor_shares`: dimensions replica, time and one more, 0 to 1.
    ax
        Axes to draw on; a new figure by default.
    lines
        How many names get a line: those with the largest median in any quarter. The others are
        summed to one.
    title
        Instead of the long name.

    Returns
    -------
    matplotlib.axes.Axes

    """
    (dim,) = (dim for dim in shares.dims if dim not in ("replica", "time"))
    ax = style.new_axes(ax)
    peak = shares.median("replica").max("time")
    order = [str(name) for name in shares[dim].values[np.argsort(-peak.values, kind="stable")]]
    shown, rest = order[:lines], order[lines:]
    series = {name: shares.sel({dim: name}) for name in shown}
    if rest:
        series[_OTHERS] = shares.sel({dim: rest}).sum(dim, skipna=False)
    time, ends = shares.time.values, []
    for i, (name, values) in enumerate(series.items()):
        colour = style.COLOURS[i] if name != _OTHERS else "0.5"
        numbers = 100 * values.transpose("replica", "time").values
        lower, upper, median = quantiles(numbers, [0.25, 0.75])
        ax.fill_between(time, lower, upper, color=colour, alpha=0.15, linewidth=0)
        ax.plot(time, median, color=colour, linestyle=style.STYLES[i], linewidth=1.8)
        ends.append((median[-1], f"{name} {median[-1]:.0f}%", colour))
    style.frame(ax, title or shares.attrs.get("long_name", ""), "%")
    style.date_axis(ax)
    ax.set_ylim(0, None)
    style.label_ends(ax, time[-1], ends)
    style.source_line(
        ax, f"Median and 50% of {shares.sizes['replica']} replicas. tollgate", below=24
    )
    return ax
