"""Pictures of a report, each drawn twice: for a page, and for a phone."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from tollgate.charts._style import NARROW, WIDE

# The same picture has the same bytes whenever it is drawn; letters are drawn, so that they look
# the same where the font is missing.
SVG = {"svg.hashsalt": "tollgate", "svg.fonttype": "path", "font.family": "DejaVu Sans"}
# A hundredth of a point is finer than any screen; only paths, as scales of letters need more.
_PATH = re.compile(rb' d="[^"]*"')
_DECIMALS = re.compile(rb"(\d+\.\d\d)\d+")


@dataclass(frozen=True)
class Picture:
    """A picture in a report.

    `draw` gets a figure of the right width; heights are in inches.
    """

    name: str
    title: str
    alt: str
    draw: Callable[[Canvas], object]
    height: float = 4.5
    height_narrow: float = 4.2
    caption: str = ""

    @cached_property
    def wide(self) -> str:
        """Address that holds the picture for a page."""
        return _address(self.svg(WIDE, self.height))

    @cached_property
    def narrow(self) -> str:
        """Address that holds the picture for a phone."""
        return _address(self.svg(NARROW, self.height_narrow))

    def svg(self, width: float, height: float) -> bytes:
        """Draw as SVG."""
        with mpl.rc_context(SVG):
            figure = Canvas(figsize=(width, height), layout="constrained")
            self.draw(figure)
            return svg_of(figure)


def svg_of(figure: Canvas) -> bytes:
    """Write a figure as SVG, the same bytes each time. To be drawn and written under `SVG`."""
    file = io.BytesIO()
    with mpl.rc_context(SVG):
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return _PATH.sub(lambda path: _DECIMALS.sub(rb"\1", path[0]), file.getvalue())


def on_axes(draw: Callable[..., object], *args: Any, **kwargs: Any) -> Callable[[Canvas], object]:
    """Turn a chart that draws on axes into one that draws on a figure."""
    return lambda canvas: draw(*args, ax=canvas.subplots(), **kwargs)


def _address(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
