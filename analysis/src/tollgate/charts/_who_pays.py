"""Who pays a levy, quarter by quarter."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from tollgate._format import percent
from tollgate.charts import _style as style

# Dark to light, and hatched where nobody has the money.
_PARTS = {
    "buyer": ("#00507D", "", "buyers"),
    "vendor": ("#D55E00", "", "vendors"),
    "new_sales": ("#8CC5E8", "", "on new sales"),
    "nobody": ("#FFFFFF", "///", "forgone"),
}
_BAR_DAYS = 70


def who_pays(
    account: xr.Dataset, *, ax: Axes | None = None, title: str = "Who pays the levy"
) -> Axes:
    """Draw who pays the levy by quarter as stacked bars, with the shares of the whole run.

    Parameters
    ----------
    account
        From `tollgate.incidence`.
    ax
        Axes to draw on; a new figure by default.
    title
        Over the picture.

    Returns
    -------
    matplotlib.axes.Axes
        Means over replicas. A part below zero hangs below the line: whom the levy leaves better
        off. Forgone is the levy that lost sales would have paid.

    """
    ax = style.new_axes(ax, height=4.2)
    amounts = {part: account.amount.sel(part=part).values for part in _PARTS}
    factor, word = style.scale(sum(np.abs(values) for values in amounts.values()))
    time = account.time.values
    above, below = np.zeros(time.size), np.zeros(time.size)
    ends = []
    for part, (colour, hatch, name) in _PARTS.items():
        values = amounts[part] / factor
        share = account.sel(part=part)
        if not np.abs(values).any():
            continue
        floor = np.where(values >= 0, above, below)
        ax.bar(
            time,
            values,
            bottom=floor,
            width=np.timedelta64(_BAR_DAYS, "D"),
            color=colour,
            hatch=hatch,
            edgecolor="0.3" if hatch else "white",
            linewidth=0.5,
        )
        ends.append((floor[-1] + values[-1] / 2, _label(name, share), _ink(colour)))
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    ax.axhline(0, color="black", linewidth=0.8)
    style.frame(ax, title, f"{word} USD per quarter".strip())
    style.date_axis(ax)
    last = time[-1] + np.timedelta64(_BAR_DAYS // 2, "D")
    style.label_ends(ax, last, ends)
    passed = (float(account[f"pass_through{end}"]) for end in ("", "_low", "_high"))
    middle, low, high = map(percent, passed)
    style.source_line(
        ax,
        f"Means of {account.attrs['replicas']} pairs; shares of the levy collected and forgone "
        f"over the run, with intervals. Pass-through on what would sell anyway: {middle} ({low} to "
        f"{high}). Chips: {account.attrs['chips']}. tollgate",
        below=24,
    )
    return ax


def _label(name: str, share: xr.Dataset) -> str:
    low, high = percent(float(share.share_low)), percent(float(share.share_high))
    return f"{name} {percent(float(share.share))}\n({low} to {high})"


def _ink(colour: str) -> str:
    return "#4d4d4d" if colour == "#FFFFFF" else colour
