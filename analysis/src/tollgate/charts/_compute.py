"""Stacked compute: who made what is installed in a region, and what is rented from it abroad."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure, SubFigure

from tollgate._outcomes import RENTED
from tollgate._scenario import text
from tollgate.charts import _style as style

# From dark to light, so that neighbours differ in grey too; the hatch marks what stands elsewhere.
_FILLS = ("#00507D", "#D55E00", "#56B4E9", "#F5EC8A", "#999999")
_PANEL = 2.6  # inches that a panel and the names beside it need


def compute_by_origin(
    datasets: Mapping[str, xr.Dataset] | xr.Dataset,
    *,
    region: str | None = None,
    figure: Figure | SubFigure | None = None,
    title: str | None = None,
) -> Figure | SubFigure:
    """Draw compute by origin as stacked areas over time, one panel for each run.

    Parameters
    ----------
    datasets
        From `tollgate.open`; several by name stand side by side on one scale, in rows of as
        many as there is room for.
    region
        Where; the focus region by default.
    figure
        To draw on; a new one by default.
    title
        Instead of "Compute of REGION by origin".

    Returns
    -------
    matplotlib.figure.Figure
        Means over replicas, because they add up and medians do not, in H100e.

    """
    runs = {"": datasets} if isinstance(datasets, xr.Dataset) else dict(datasets)
    first = next(iter(runs.values()))
    region = region or text(first.attrs["focus_region"])
    height = compute_height(len(runs), style.WIDE)
    figure = style.new_figure(figure, style.WIDE, height)
    rows, columns = _grid(len(runs), style.size(figure)[0])
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels = grid.ravel()[: len(runs)]
    for ax in grid.ravel()[len(runs) :]:
        ax.set_visible(False)
    means = {
        name: ds.compute_h100e.sel(region=region).astype("float64").mean("replica")
        for name, ds in runs.items()
    }
    factor, word = style.scale(
        np.array([float(mean.sum("origin").max()) for mean in means.values()])
    )
    for ax, (name, mean) in zip(panels, means.items(), strict=True):
        _stack(ax, mean / factor)
        ax.set_ylim(0, 1.05 * max(float(m.sum("origin").max()) for m in means.values()) / factor)
        _name_areas(ax, mean / factor)
        style.frame(ax, name, "")
        style.date_axis(ax)
    for ax in grid[:, 0]:
        ax.set_ylabel(f"{word} H100e".strip())
    for ax in panels[-columns:]:  # the lowest of each column, also above an empty place
        ax.tick_params(labelbottom=True)
    style.figure_title(figure, title or f"Compute of {region} by origin")
    replicas = {ds.sizes["replica"] for ds in runs.values()}
    style.figure_source_line(
        figure,
        f"Means of {' and '.join(map(str, sorted(replicas)))} replicas; hatched: abroad. "
        "H100e: dense FP16 rate, an H100 being 1. tollgate",
    )
    return figure


def compute_height(panels: int, width: float) -> float:
    """Height in inches that `compute_by_origin` needs for so many panels."""
    rows, columns = _grid(panels, width)
    return 1.2 + (2.8 if columns == 1 or rows == 1 else 2.2) * rows


def _grid(panels: int, width: float) -> tuple[int, int]:
    """Rows and columns, as even as can be; below each other where it is narrow."""
    most = 1 if width < style.NARROW_BELOW else int(width / _PANEL)
    rows = -(-panels // most)
    return rows, -(-panels // rows)


def _order(mean: xr.DataArray) -> list[str]:
    """Largest at the bottom; what stands abroad on top."""
    origins = [str(origin) for origin in mean.origin.values]
    size = {origin: float(mean.sel(origin=origin).isel(time=-1)) for origin in origins}
    return sorted(origins, key=lambda origin: (origin == RENTED, -size[origin]))


def _fill(mean: xr.DataArray, origin: str) -> str:
    place = [str(label) for label in mean.origin.values].index(origin)
    return _FILLS[place % len(_FILLS)]


def _stack(ax: style.Axes, mean: xr.DataArray) -> None:
    floor = np.zeros(mean.sizes["time"])
    for origin in _order(mean):
        top = floor + mean.sel(origin=origin).values
        ax.fill_between(
            mean.time.values,
            floor,
            top,
            facecolor=_fill(mean, origin),
            edgecolor="0.45" if origin == RENTED else "white",
            linewidth=0 if origin == RENTED else 0.8,
            hatch="///" if origin == RENTED else None,
        )
        floor = top


def _name_areas(ax: style.Axes, mean: xr.DataArray) -> None:
    """Write each name beside its area at the right, with its amount at the end."""
    floor, ends = 0.0, []
    for origin in _order(mean):
        amount = float(mean.sel(origin=origin).isel(time=-1))
        name = f"{origin.replace('_', ' ')} {amount:.3g}"
        ends.append((floor + amount / 2, name, _fill(mean, origin)))
        floor += amount
    style.label_ends(ax, mean.time.values[-1], ends)
