"""Maps of a ratio over chips and regions, or chips and quarters: who pays, and where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from tollgate._outcomes import check_by_chip
from tollgate._pairing import check_paired
from tollgate.charts import _style as style

# Lightness rises all the way, so that the map reads the same in grey.
_MAP = "cividis"


def price_effect(with_levy: xr.Dataset, without: xr.Dataset, by: str = "quarter") -> xr.DataArray:
    """Compare asking prices of two runs, replica by replica.

    Parameters
    ----------
    with_levy, without
        From `tollgate.open`, of one seed, so that replica i has the same luck in both.
    by
        "quarter": chip x quarter in the focus region. "region": chip x region, the mean of the
        logarithm over quarters.

    Returns
    -------
    xarray.DataArray
        float64 (chip, quarter or region): median over replicas of the price with over the price
        without, NaN where it is not asked in both. 1: the buyer pays no more. 1 / (1 - tau): a levy
        on proceeds is passed on whole, since the vendor keeps what it kept before.

    Raises
    ------
    TollgatePairingError
        When the runs do not share their luck, or not their quarters.
    ValueError
        When the series are not by chip, or `by` is another.

    """
    check_by_chip("a map of prices", with_levy, without)
    check_paired("with_levy", with_levy, "without", without, hint="run both with the same seed")
    left, right = xr.align(with_levy.price, without.price, join="inner")
    ratio = np.log(left.astype("float64") / right.astype("float64"))
    if by == "region":
        effect = np.exp(ratio.mean("time"))
        dims = ("chip", "region")
    elif by == "quarter":
        effect = np.exp(ratio.sel(region=str(with_levy.attrs["focus_region"])))
        effect = effect.swap_dims(time="quarter").drop_vars("time")
        dims = ("chip", "quarter")
    else:
        raise ValueError(f"by is {by!r}; allowed is 'quarter' or 'region'")
    known = effect.notnull().mean("replica") >= 0.5
    median = effect.median("replica").where(known).transpose(*dims)
    return median.rename("price_effect").assign_attrs(
        units="1", long_name="Price with the levy over price without", whole=1.0
    )


def ratio_map(
    table: xr.DataArray | pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    note: str = "",
    decimals: int = 2,
    neutral: float | None = None,
) -> Axes:
    """Draw a table of ratios as a map whose cells say their numbers.

    Parameters
    ----------
    table
        Two dimensions, say chip x quarter or chip x region: pass-through (1: the buyer pays all),
        or a `price_effect`. Rows and columns without any number are left out.
    ax
        Axes to draw on; a new figure by default, as high as the rows need.
    title
        Instead of the long name.
    note
        Put before the source line: what a number means.
    decimals
        Of the numbers in the cells.
    neutral
        Rows that nowhere differ from this value, as printed, are left out and counted.

    Returns
    -------
    matplotlib.axes.Axes

    """
    frame = table.to_pandas() if isinstance(table, xr.DataArray) else table
    attrs = table.attrs
    frame = frame.dropna(axis=0, how="all").dropna(axis=1, how="all")
    left_out = ""
    if neutral is not None:
        differs = ((frame - neutral).abs() >= 0.5 * 10.0**-decimals).any(axis=1)
        if 0 < differs.sum() < len(frame):
            left_out = f"{(~differs).sum()} rows of {neutral:.{decimals}f} left out."
            frame = frame[differs]
    if frame.empty:
        raise ValueError("the table has no number, so there is no map to draw")
    rows, columns = frame.shape
    ax = style.new_axes(ax, height=max(2.2, 1.3 + 0.27 * rows))
    narrow = style.is_narrow(ax)
    numbers = frame.to_numpy(dtype=float)
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    spread = (high - low) or 1.0
    image = ax.pcolormesh(
        np.ma.masked_invalid(numbers),
        cmap=_MAP,
        vmin=low,
        vmax=high,
        edgecolors="white",
        linewidth=0.8,
    )
    every = max(1, -(-columns // 6)) if narrow else max(1, -(-columns // 20))
    size = 7 if columns > 12 else 8
    for i, j in np.ndindex(rows, columns):
        value = numbers[i, j]
        if np.isfinite(value) and not (narrow and columns > 8):
            # Where white and black have the same contrast to the cell (WCAG 2.2).
            dark = style.luminance(image.cmap((value - low) / spread)[:3]) < 0.179
            ax.text(
                j + 0.5,
                i + 0.5,
                f"{value:.{decimals}f}",
                ha="center",
                va="center",
                fontsize=size,
                color="white" if dark else "black",
            )
    style.frame(ax, title or attrs.get("long_name", ""), "", grid="")
    ax.invert_yaxis()
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_yticks(np.arange(rows) + 0.5, [str(label) for label in frame.index])
    ax.set_xticks(
        np.arange(0, columns, every) + 0.5,
        [str(label) for label in frame.columns[::every]],
        rotation=45 if columns > 8 else 0,
        ha="right" if columns > 8 else "center",
        rotation_mode="anchor",
        fontsize=8,
    )
    shades = f"Dark {low:.{decimals}f}, light {high:.{decimals}f}, empty: no number."
    text = f"{note} {shades} {left_out} tollgate"
    style.source_line(ax, " ".join(text.split()), below=46 if columns > 8 else 24)
    return ax
