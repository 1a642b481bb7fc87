"""The house style that all pictures share: colours, scales, frames, direct labels, source lines.

Colours are those of Okabe and Ito (2008), which the colour-blind tell apart; line styles and
hatches tell them apart in grey. Sizes of text are in points and stay when a picture gets narrow;
what would not fit is wrapped.
"""

from __future__ import annotations

import string
import textwrap
from collections.abc import Mapping, Sequence

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import offset_copy

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))
HATCHES = ("", "///", "...", "\\\\\\", "xx", "--", "++")
QUIET = "0.35"  # of text and lines that are not the data: 7:1 on white
# Wide pictures are for a page or a screen, narrow ones for a column or a phone.
WIDE, NARROW = 8.0, 3.8
NARROW_BELOW = 5.5

_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"), (1.0, ""))


def new_axes(ax: Axes | None, width: float = WIDE, height: float = 4.5) -> Axes:
    """Return `ax`, or the axes of a new figure of the given size in inches."""
    if ax is not None:
        return ax
    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def new_figure(
    figure: Figure | SubFigure | None, width: float, height: float
) -> Figure | SubFigure:
    """Return `figure`, or a new one of the given size in inches."""
    return plt.figure(figsize=(width, height), layout="constrained") if figure is None else figure


def is_narrow(where: Axes | Figure | SubFigure) -> bool:
    """Whether side by side would be too tight."""
    return _width(where) < NARROW_BELOW


def size(where: Axes | Figure | SubFigure) -> tuple[float, float]:
    """Width and height in inches of a figure, or of axes with their share of its grid."""
    if not isinstance(where, Axes):
        dpi = where.get_figure(root=True).dpi
        return where.bbox.width / dpi, where.bbox.height / dpi
    width, height = size(where.get_figure(root=False))
    place = where.get_subplotspec()
    if place is None:
        return width, height
    rows, columns = place.get_gridspec().get_geometry()
    return width * len(place.colspan) / columns, height * len(place.rowspan) / rows


def _width(where: Axes | Figure | SubFigure) -> float:
    return size(where)[0]


def scale(values: xr.DataArray | np.ndarray) -> tuple[float, str]:
    """Return the power of a thousand that suits the largest value, and its word.

    Days stay days.
    """
    if getattr(values, "attrs", {}).get("units") == "days":
        return 1.0, ""
    numbers = np.abs(np.asarray(values, dtype=float))
    largest = float(np.nanmax(numbers)) if np.isfinite(numbers).any() else 0.0
    for factor, word in _SCALES:
        if largest >= factor:
            return factor, word
    return 1.0, ""


def in_usd(data: xr.DataArray) -> xr.DataArray:
    """Return the values as float64 with their attributes, money in US dollars.

    Raises
    ------
    ValueError
        When the data do not say their units.

    """
    if "units" not in data.attrs:
        raise ValueError(
            f"{data.name or 'the data'} has lost its units, so its scale cannot be known; keep "
            "them with xarray.set_options(keep_attrs=True), or assign_attrs(units=...)"
        )
    values = data.astype(float).assign_attrs(data.attrs)
    if data.attrs["units"] == "cents":
        values = (values / 100).assign_attrs({**data.attrs, "units": "USD"})
    return values


def unit_label(attrs: Mapping[str, str], word: str) -> str:
    """Say what an axis counts: "billion USD per quarter"."""
    units = attrs.get("units", "")
    unit = " ".join(part for part in (word, "" if units == "1" else units) if part)
    per_quarter = " per quarter" if attrs.get("cell_methods") == "time: sum" else ""
    return (unit or "number" if per_quarter else unit) + per_quarter


def frame(ax: Axes, title: str = "", y_label: str = "", grid: str = "y") -> None:
    """Give axes the frame of the house: title at the left, light grid, no box."""
    if title:
        lines = textwrap.wrap(title, max(16, int(8.3 * _width(ax))))
        ax.set_title("\n".join(lines), loc="left", fontsize=12, fontweight="bold")
    ax.set_ylabel(y_label)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=False)
    if grid:
        ax.grid(axis=grid, color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)


def date_axis(ax: Axes) -> None:
    """Years below, quarters or months only where there is room. Call it after drawing."""
    left, right = ax.get_xlim()
    months = (right - left) / 30.4
    most = float(np.clip(1.2 * _width(ax), 3, 8))
    step = next((step for step in _MONTHS if months / step <= most), _MONTHS[-1])
    locator = (
        mdates.MonthLocator(bymonth=range(1, 13, step))
        if step < 12
        else mdates.YearLocator(step // 12)
    )
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))
    ax.margins(x=0.01)


def _wrapped(
    text: str, where: Axes | Figure | SubFigure, *, least: int = 30, an_inch: float = 14.5
) -> str:
    """Break a text into lines as long as there is room, by default for small print."""
    return "\n".join(textwrap.wrap(text, max(least, int(an_inch * _width(where)))))


def source_line(ax: Axes, text: str, below: float = 34) -> None:
    """Say under the axes what is drawn and where it is from; `below` is in points."""
    ax.annotate(
        _wrapped(text, ax),
        (0, 0),
        xycoords="axes fraction",
        xytext=(0, -below),
        textcoords="offset points",
        va="top",
        fontsize=8,
        color=QUIET,
    )


def figure_source_line(figure: Figure | SubFigure, text: str) -> None:
    """Do the same under a figure of several axes."""
    figure.supxlabel(
        _wrapped(text, figure),
        x=0.01,
        ha="left",
        fontsize=8,
        color=QUIET,
    )


def figure_title(figure: Figure | SubFigure, text: str) -> None:
    """Put a title over a figure of several axes."""
    figure.suptitle(
        _wrapped(text, figure, least=20, an_inch=8.3),
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )


def ink(colour: str) -> tuple[float, float, float]:
    """Darken a colour until text in it has a contrast of 4.5:1 on white (WCAG 2.2, 1.4.3)."""
    rgb = np.array(to_rgb(colour))
    while 1.05 / (luminance(rgb) + 0.05) < 4.5:
        rgb = rgb * 0.95
    return tuple(rgb)


def luminance(rgb: Sequence[float]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def label_ends(
    ax: Axes, end: float | np.datetime64, ends: Sequence[tuple[float, str, str]]
) -> None:
    """Name lines at their right ends (value, name, colour), apart where they would overlap."""
    bottom, top = ax.get_ylim()
    height = 72 * size(ax)[1] - 60  # less title and what is below the axes
    lines = max((label.count("\n") for _, label, _ in ends), default=0) + 1
    gap = max(0.05, 11.5 * lines / max(height, 72)) * (top - bottom)
    shown = sorted((end for end in ends if np.isfinite(end[0])), key=lambda item: item[0])
    places = _apart([value for value, _, _ in shown], gap, top)
    beside = offset_copy(ax.transData, fig=ax.get_figure(root=True), x=14, y=0, units="points")
    at = float(ax.convert_xunits(end))
    for place, (value, label, colour) in zip(places, shown, strict=True):
        moved = abs(place - value) > 0.3 * gap
        ax.annotate(
            label,
            (at, value),
            xytext=(at, place),
            textcoords=beside
            if moved
            else offset_copy(beside, ax.get_figure(root=True), -9, 0, "points"),
            va="center",
            color=ink(colour),
            fontsize=9,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": ink(colour),
                "linewidth": 0.6,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            }
            if moved
            else None,
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


def mark_events(ax: Axes, events: Mapping[str, str]) -> str:
    """Mark dates with dashed lines, named along the line where there is room.

    Where there is not, lines get letters, and what these mean is returned, for the source line.
    """
    left, right = ax.get_xlim()
    width, height = (72 * side for side in size(ax))
    room = 11 / max(width, 1) * (right - left)
    marks: list[tuple[float, str, list[str]]] = []
    for date, text in sorted(events.items()):
        at = float(mdates.date2num(np.datetime64(date)))
        if not left <= at <= right:
            continue
        if marks and at - marks[-1][0] < room:
            marks[-1][2].append(text)
        else:
            marks.append((at, date, [text]))
    names = ["; ".join(texts) for _, _, texts in marks]
    has_room = all(4.7 * len(name) < 0.9 * height for name in names)
    for letter, name, (at, _, _) in zip(string.ascii_lowercase, names, marks, strict=False):
        ax.axvline(at, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
        label = ax.annotate(
            name if has_room else letter,
            (at, 1),
            xycoords=("data", "axes fraction"),
            rotation=90 if has_room else 0,
            xytext=(3, -4),
            textcoords="offset points",
            va="top",
            fontsize=8,
            color="0.25",
        )
        label.set_in_layout(False)
    if has_room:
        return ""
    keys = zip(string.ascii_lowercase, names, marks, strict=False)
    return " ".join(f"{letter}: {date[:7]} {name}." for letter, name, (_, date, _) in keys)
