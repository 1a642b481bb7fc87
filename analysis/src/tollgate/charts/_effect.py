"""The effect of a policy over time: quarter by quarter, and cumulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tollgate.charts import _style as style


def effect_by_quarter(
    effect: xr.Dataset,
    *,
    figure: Figure | SubFigure | None = None,
    events: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure | SubFigure:
    """Draw the paired difference in each quarter and, of a flow, its sum up to then.

    Parameters
    ----------
    effect
        From `tollgate.compare_by_quarter`; up to seven policies, each a line.
    figure
        To draw on; a new one by default.
    events
        Dates to mark, as in `fan_chart`.
    title
        Instead of the name of the series and the reference.

    Returns
    -------
    matplotlib.figure.Figure
        Bands are the paired intervals of each quarter by itself. In the first panel the unpaired
        ones are dotted, of a single policy.

    Raises
    ------
    ValueError
        When there are more policies than can be told apart.

    """
    lines = effect.sizes["policy"]
    if lines > len(style.COLOURS):
        raise ValueError(f"{lines} lines are too many; give at most {len(style.COLOURS)} policies")
    figure = style.new_figure(figure, style.WIDE, 3.8)
    parts = [("difference", "low", "high", "Each quarter")]
    if "cumulated" in effect:
        parts.append(("cumulated", "cumulated_low", "cumulated_high", "Summed up"))
    shape = (len(parts), 1) if style.is_narrow(figure) else (1, len(parts))
    panels = figure.subplots(*shape, squeeze=False).ravel()
    keys = [
        _draw(ax, effect, names, heading, events if ax is panels[0] else None)
        for ax, (*names, heading) in zip(panels, parts, strict=True)
    ]
    name = effect.attrs.get("long_name", "")
    style.figure_title(figure, title or f"{name}, less {effect.attrs.get('reference', '')}")
    level = effect.attrs.get("level", 0.95)
    dotted = "; dotted: unpaired" if effect.sizes["policy"] == 1 else ""
    source = f"Mean differences with their {level:.0%} intervals{dotted}. {keys[0]}"
    style.figure_source_line(figure, f"{source.strip()} tollgate")
    return figure


def effect_scale(
    effect: xr.Dataset, names: Sequence[str] = ("difference", "low", "high")
) -> tuple[float, str]:
    """By what the picture divides values, money being in US dollars, and the unit it then names."""
    bounds = [style.in_usd(effect[name].assign_attrs(effect[names[0]].attrs)) for name in names[1:]]
    factor, word = style.scale(xr.concat(bounds, "end"))
    unit = " ".join(part for part in (word, bounds[0].attrs["units"]) if part and part != "1")
    per_quarter = " per quarter" if names[0] == "difference" and "cumulated" in effect else ""
    return factor, unit + per_quarter


def _draw(
    ax: Axes,
    effect: xr.Dataset,
    names: list[str],
    heading: str,
    events: Mapping[str, str] | None,
) -> str:
    middle, low, high = (
        style.in_usd(effect[name].assign_attrs(effect[names[0]].attrs)) for name in names
    )
    factor, unit = effect_scale(effect, names)
    time, ends = effect.time.values, []
    for i, policy in enumerate(map(str, effect.policy.values)):
        colour = style.COLOURS[i]
        at = {"policy": policy}
        band = (low.sel(at) / factor, high.sel(at) / factor)
        ax.fill_between(time, *band, color=colour, alpha=0.25, linewidth=0)
        line = middle.sel(at).values / factor
        ax.plot(time, line, color=colour, linestyle=style.STYLES[i], linewidth=1.8)
        ends.append(
            (line[np.isfinite(line)][-1] if np.isfinite(line).any() else np.nan, policy, colour)
        )
    if names[0] == "difference" and effect.sizes["policy"] == 1:
        for end in ("unpaired_low", "unpaired_high"):
            limit = style.in_usd(effect[end].assign_attrs(effect.difference.attrs)) / factor
            ax.plot(time, limit.isel(policy=0), color=style.QUIET, linestyle=":", linewidth=1.2)
    ax.axhline(0, color="black", linewidth=0.8)
    style.frame(ax, heading, unit)
    style.date_axis(ax)
    style.label_ends(ax, time[-1], ends)
    return style.mark_events(ax, events or {})
