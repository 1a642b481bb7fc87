"""Pictures, in one house style: direct labels, units, readable in grey and by the colour-blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito (2008): told apart by the colour-blind; the line styles tell them apart in grey.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))

_BANDS = ((0.05, 0.95, 0.15), (0.25, 0.75, 0.3))
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"), (1.0, ""))


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
        Dates to mark, {"2025-12-08": "levy announced"}.
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
    if len(labels) > len(_COLOURS):
        raise ValueError(f"{len(labels)} lines are too many; select at most {len(_COLOURS)}")
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")

    if "units" not in data.attrs:
        raise ValueError(
            f"{data.name or 'the data'} has lost its units, so its scale cannot be known; keep "
            "them with xarray.set_options(keep_attrs=True), or assign_attrs(units=...)"
        )
    attrs = dict(data.attrs)
    values = data.astype(float)
    if attrs["units"] == "cents":
        values = values / 100
        attrs["units"] = "USD"
    factor, word = _scale(values)
    time = values.time.values
    ends = []
    for i, label in enumerate(labels):
        line = (values.isel({extra[0]: i}) if extra else values).transpose("replica", "time").values
        line = line / factor
        colour, style = _COLOURS[i], _STYLES[i]
        for low, high, alpha in _BANDS:
            lower, upper = np.nanquantile(line, [low, high], axis=0)
            ax.fill_between(time, lower, upper, color=colour, alpha=alpha, linewidth=0)
        median = np.nanmedian(line, axis=0)
        ax.plot(time, median, color=colour, linestyle=style, linewidth=1.8)
        ends.append((median[-1], label, colour))
    _finish(ax, data, attrs, word, title)
    _label_ends(ax, time[-1], ends if extra else [])
    for date, text in (events or {}).items():
        ax.axvline(np.datetime64(date), color="0.35", linewidth=0.8, linestyle=(0, (4, 3)))
        ax.annotate(
            text,
            (np.datetime64(date), 1),
            xycoords=("data", "axes fraction"),
            rotation=90,
            xytext=(3, -4),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color="0.25",
        )
    return ax


def _scale(values: xr.DataArray) -> tuple[float, str]:
    largest = float(np.nanmax(np.abs(values.values))) if values.size else 0.0
    for factor, word in _SCALES:
        if largest >= factor:
            return factor, word
    return 1.0, ""


def _finish(
    ax: Axes, data: xr.DataArray, attrs: Mapping[str, str], word: str, title: str | None
) -> None:
    units = attrs.get("units", "")
    unit = " ".join(part for part in (word, "" if units == "1" else units) if part)
    per_quarter = " per quarter" if attrs.get("cell_methods") == "time: sum" else ""
    ax.set_ylabel((unit or "number" if per_quarter else unit) + per_quarter)
    name = str(title or attrs.get("long_name") or data.name or "")
    ax.set_title(name, loc="left", fontsize=12, fontweight="bold")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.margins(x=0.01)
    if float(np.nanmin(data.values, initial=0)) >= 0:
        ax.set_ylim(bottom=0)
    ax.annotate(
        f"Median, 50% and 90% of {data.sizes['replica']} replicas. tollgate",
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -34),
        textcoords="offset points",
        fontsize=8,
        color="0.4",
    )


def _label_ends(ax: Axes, end: np.datetime64, ends: Sequence[tuple[float, str, str]]) -> None:
    """Name the lines at their ends, moved apart where they would overlap."""
    bottom, top = ax.get_ylim()
    gap = 0.05 * (top - bottom)
    shown = sorted((end for end in ends if np.isfinite(end[0])), key=lambda item: item[0])
    places = _apart([value for value, _, _ in shown], gap, top)
    for place, (_, label, colour) in zip(places, shown, strict=True):
        ax.annotate(
            label,
            (end, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            annotation_clip=False,
        )


def _apart(values: Sequence[float], gap: float, top: float) -> list[float]:
    """Move ascending `values` at least `gap` apart, upwards, then down again from `top`."""
    places: list[float] = []
    for value in values:
        places.append(max(value, places[-1] + gap) if places else value)
    ceiling = top
    for i in reversed(range(len(places))):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - gap
    return places
