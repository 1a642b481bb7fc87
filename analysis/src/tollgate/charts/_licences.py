"""The licence office: how many wait, and how long."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.figure import Figure, SubFigure

from tollgate.charts import _style as style
from tollgate.charts._fan import fan_chart


def licence_office(
    ds: xr.Dataset,
    *,
    figure: Figure | SubFigure | None = None,
    events: Mapping[str, str] | None = None,
    title: str = "The licence office",
) -> Figure | SubFigure:
    """Draw the queue by stage of review, and the wait of what was decided.

    Parameters
    ----------
    ds
        From `tollgate.open`.
    figure
        To draw on; a new one by default.
    events
        Dates to mark, as in `fan_chart`.
    title
        Over both panels.

    Returns
    -------
    matplotlib.figure.Figure
        Left, or above: applications by stage at the ends of quarters, medians with bands. Right,
        or below: mean days from filing to decision over the applications decided in a quarter, and
        what an applicant can expect.

    """
    figure = style.new_figure(figure, style.WIDE, 3.8)
    shape = (2, 1) if style.is_narrow(figure) else (1, 2)
    queue, wait = figure.subplots(*shape, squeeze=False).ravel()
    stages = ds.licence_queue
    busy = [s for s in stages.review_stage.values if float(stages.sel(review_stage=s).max()) > 0]
    fan_chart(
        stages.sel(review_stage=busy) if len(busy) > 1 else stages.sum("review_stage"),
        ax=queue,
        title="Applications at the office",
        events=events,
    )
    queue.set_ylabel(f"{queue.get_ylabel()} applications".strip())
    days = xr.concat(
        [ds.licence_wait_days, ds.licence_expected_days], dim="what", coords="minimal"
    ).assign_coords(what=["of those decided", "expected"])
    days = days.assign_attrs(ds.licence_wait_days.attrs)
    known = np.isfinite(days.values).any(axis=(1, 2))
    if known.any():
        fan_chart(days.isel(what=known), ax=wait, title="Days from filing to decision")
    else:
        style.frame(wait, "Days from filing to decision", "days")
        wait.text(0.5, 0.5, "no application was decided", ha="center", transform=wait.transAxes)
    style.figure_title(figure, title)
    return figure
