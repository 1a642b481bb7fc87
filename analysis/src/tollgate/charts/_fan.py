"""Fan charts: a series over time as median and bands over replicas."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from tollgate.charts import _style as style

_BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.3))


def fan_chart(
    data: xr.DataArray,
    *,
    ax: Axes | None = None,
    events: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a series over time as median, 50% band and 90% band over replicas.

    Parameters
    ----------
    data
        With dimensions replica and time, and at most one more, whose labels become lines of their
        own: `ds.revenue.sum("region").sel(vendor=["nvidia", "huawei"])`.
    ax
        Axes to draw on; a new figure by default.
    events
        Dates to mark, {"2025-12-08": "levy announced"}; `tollgate.policy_events(ds)` gives those
        of the scenario.
    title
        Instead of the variable's long name.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        When the dimensions are others, more labels are to be drawn than can be told apart, or
        the data do not say their units.

    """
    extra = [dim for dim in data.dims if dim not in ("replica", "time")]
    if "replica" not in data.dims or "time" not in data.dims or len(extra) > 1:
        raise ValueError(
            f"a fan chart needs the dimensions replica and time and at most one more, not "
            f"{tuple(data.dims)}; select or sum the others away"
        )
    labels = [str(label) for label in data[extra[0]].values] if extra else [""]
    if len(labels) > len(style.COLOURS):
        raise ValueError(f"{len(labels)} lines are too many; select at most {len(style.COLOURS)}")
    values = style.in_usd(data)
    factor, word = style.scale(values)
    ax = style.new_axes(ax)
    time = values.time.values
    ends = []
    for i, label in enumerate(labels):
        line = (values.isel({extra[0]: i}) if extra else values).transpose("replica", "time").values
        line = line / factor
        colour = style.COLOURS[i]
        (*bounds, median) = quantiles(line, [q for low, high, _ in _BANDS for q in (low, high)])
        for (_, _, alpha), lower, upper in zip(_BANDS, bounds[::2], bounds[1::2], strict=True):
            ax.fill_between(time, lower, upper, color=colour, alpha=alpha, linewidth=0)
        ax.plot(time, median, color=colour, linestyle=style.STYLES[i], linewidth=1.8)
        ends.append((median[-1], label, colour))
    name = str(title or values.attrs.get("long_name") or data.name or "")
    style.frame(ax, name, style.unit_label(values.attrs, word))
    style.date_axis(ax)
    if float(np.nanmin(values.values, initial=0)) >= 0:
        ax.set_ylim(bottom=0)
    style.label_ends(ax, time[-1], ends if extra else [])
    key = style.mark_events(ax, events or {})
    replicas = data.sizes["replica"]
    source = f"Median, 50% and 90% of {replicas} replicas. {key} tollgate"
    style.source_line(ax, " ".join(source.split()), below=24)
    return ax


def quantiles(line: np.ndarray, levels: list[float]) -> np.ndarray:
    """Quantiles over replicas and the median, NaN where no replica has a number."""
    result = np.full((len(levels) + 1, line.shape[1]), np.nan)
    known = np.isfinite(line).any(axis=0)
    result[:, known] = np.nanquantile(line[:, known], [*levels, 0.5], axis=0)
    return result
