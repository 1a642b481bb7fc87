"""Draw who_pays.svg from who_pays.csv: pass-through of a levy against curvature and scarcity.

One command renews both, from the top of the repository (matplotlib comes with `./tollgate build`):

    cmake --preset release && cmake --build --preset release --target pass_through_table &&
    build/release/tests/engine/market/pass_through_table > docs/figures/who_pays.csv &&
    build/venv/bin/python docs/figures/who_pays.py
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent

# Dark enough on white, told apart in grey by their lightness and by the style of the line.
BLACK, BLUE, ORANGE, GREY = "#000000", "#0072b2", "#d55e00", "#595959"
SOLID, DASHED, DOTTED = "-", (0, (6, 2)), (0, (1.5, 1.5))

Series = dict[str, list[dict[str, str]]]


def read_table(path: Path) -> tuple[Series, dict[str, float]]:
    """Return rows by series, and the parameters that stand in comments at the top."""
    lines = path.read_text().splitlines()
    parameters = {}
    for line in lines:
        if line.startswith("# ") and " = " in line:
            name, value = line[2:].split(" = ")
            parameters[name] = float(value)
    series: Series = defaultdict(list)
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        series[row["series"]].append(row)
    return series, parameters


def draw_series(
    axes: Axes, rows: list[dict[str, str]], color: str, style: object, width: float = 1.8
) -> None:
    """Draw a line up to where the chip is sold, and a ring where there is a closed form."""
    sold = [row for row in rows if row["pass_through"]]
    x = [float(row["x"]) for row in sold]
    y = [float(row["pass_through"]) for row in sold]
    axes.plot(x, y, color=color, linestyle=style, linewidth=width)
    if len(sold) < len(rows):
        axes.plot(x[-1], y[-1], marker="x", color=color, markersize=8, markeredgewidth=2)
    exact = [row for row in rows if row["closed_form"]]
    axes.plot(
        [float(row["x"]) for row in exact],
        [float(row["closed_form"]) for row in exact],
        linestyle="none",
        marker="o",
        markersize=6.5,
        markerfacecolor="white",
        markeredgecolor=color,
        markeredgewidth=1.6,
        clip_on=False,
        zorder=5,
    )


def frame(axes: Axes, title: str, x_label: str) -> None:
    """Give both panels the same frame: those who can pay are lines, nothing else is."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=12)
    axes.set_xlabel(x_label)
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks(
        [0, 0.25, 0.5, 0.75, 1], ["vendor pays\n0%", "25%", "50%", "75%", "buyer pays\n100%"]
    )
    for level in (0, 1):
        axes.axhline(level, color=GREY, linewidth=0.7, zorder=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_position(("outward", 6))
    axes.tick_params(left=False)


def say(
    axes: Axes,
    words: str,
    place: tuple[float, float],
    color: str = GREY,
    at: tuple[float, float] | None = None,
) -> None:
    """Write from `place` on to the right, with a thin line to the point `at` that is meant."""
    axes.annotate(
        words,
        xy=at or place,
        xytext=place,
        color=color,
        va="center",
        linespacing=1.3,
        arrowprops=None
        if at is None
        else {"arrowstyle": "-", "color": color, "linewidth": 0.7, "shrinkA": 1, "shrinkB": 3},
    )


def draw_curvature(axes: Axes, series: Series) -> None:
    """Panel 1."""
    frame(
        axes,
        "Supply to spare: curvature and competition decide",
        "curvature \u03bb of the price in the buyers' utility (Box-Cox)",
    )
    axes.set_xlim(0, 1)
    draw_series(axes, series["curvature, share 0"], BLACK, SOLID)
    draw_series(axes, series["curvature, share 0.21, rivals pay too"], ORANGE, DASHED)
    draw_series(axes, series["curvature, share 0.21"], BLUE, SOLID)
    draw_series(axes, series["curvature, share 0.43"], GREY, DOTTED)
    say(axes, "limit \u03bb = 0, constant elasticity:\nexactly 100%", (0.1, 0.935), at=(0, 1))
    say(
        axes,
        "vendor with hardly any of the buyers\n(\u03b1 = 1.42)",
        (0.37, 0.77),
        BLACK,
        (0.255, 0.675),
    )
    say(
        axes,
        "21% of them (\u03b1 = 1.8), and three\nequal rivals pay the levy too",
        (0.5, 0.61),
        ORANGE,
        (0.41, 0.523),
    )
    say(axes, "21% (\u03b1 = 1.8)", (0.03, 0.44), BLUE)
    say(axes, "43% (\u03b1 = 2.5)", (0.03, 0.265), GREY)
    say(
        axes,
        "limit \u03bb = 1, linear logit:\nrings by Lambert W, "
        + ", ".join(
            f"{100 * float(series[name][-1]['closed_form']):.0f}"
            for name in ("curvature, share 0", "curvature, share 0.21", "curvature, share 0.43")
        )
        + "%",
        (0.5, 0.09),
        at=(1, 0.2188),
    )


def draw_scarcity(axes: Axes, series: Series, parameters: dict[str, float]) -> None:
    """Panel 2."""
    frame(
        axes,
        "Supply short: scarcity and ceilings decide",
        "demand at 27,000 USD over supply, taxed region and elsewhere together",
    )
    axes.set_xlim(0.5, 3)
    draw_series(axes, series["scarcity, lambda 0"], BLACK, SOLID)
    draw_series(axes, series["scarcity, lambda 0.5"], ORANGE, DASHED)
    draw_series(axes, series["scarcity, lambda 1, ceiling on outlay"], BLUE, DOTTED)
    draw_series(axes, series["scarcity, lambda 1"], BLUE, SOLID)
    for curvature, color in (("0", BLACK), ("0.5", ORANGE), ("1", BLUE)):
        start = float(series[f"scarcity, lambda {curvature}"][0]["pass_through"])
        say(axes, f"\u03bb = {curvature}", (0.54, start + 0.035), color)
    say(axes, "limit of enough supply:\nas left, at 21%", (0.54, 0.2))
    ceiling, levy = parameters["ceiling_usd"], parameters["levy"]
    say(
        axes,
        "limit of shortage: exactly 100%\n"
        "at any \u03bb, p = p elsewhere / (1 \u2212 \u03c4)\n"
        f"= {ceiling:,.0f} / {1 - levy:g} = {ceiling / (1 - levy):,.0f} USD",
        (1.78, 0.89),
    )
    say(
        axes,
        "the same, \u03bb = 1, but the buyer's\n"
        f"outlay may not exceed {ceiling:,.0f} USD:\nthe vendor comes to pay, ...",
        (1.78, 0.32),
        BLUE,
        (1.405, 0.222),
    )
    sold = [row for row in series["scarcity, lambda 1, ceiling on outlay"] if row["pass_through"]]
    say(
        axes,
        "... then the sale is lost: elsewhere\nthe last chip earns more",
        (float(sold[-1]["x"]) + 0.09, 0.085),
        BLUE,
        (float(sold[-1]["x"]), 0),
    )


def main() -> None:
    """Read the table, draw, write; a folder as argument takes a bitmap as well, to look at."""
    series, parameters = read_table(HERE / "who_pays.csv")
    plt.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 9.5,
            "svg.hashsalt": "who pays",
        }
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 6.1), sharey=True)
    figure.subplots_adjust(left=0.09, right=0.985, top=0.8, bottom=0.235, wspace=0.09)
    draw_curvature(left, series)
    draw_scarcity(right, series, parameters)
    levy = parameters["levy"]
    figure.text(
        0.012, 0.955, "Who pays a levy on the vendor's proceeds", fontsize=14, fontweight="bold"
    )
    figure.text(
        0.012,
        0.908,
        f"Share of the levy on a chip that reaches the buyer's outlay: "
        f"(p(\u03c4) \u2212 p(0)) / (\u03c4 p(\u03c4)), \u03c4 = {levy:g}. "
        "Above 100%: the price rises by more than the levy.",
        fontsize=10.5,
    )
    figure.text(
        0.012,
        0.02,
        f"All lines: unit cost {parameters['unit_cost_usd']:,.0f} USD, price without levy and with "
        f"supply to spare {parameters['price_usd']:,.0f} USD, so that the chip's own-price "
        f"elasticity there is {parameters['elasticity']:.2f} = \u03b1 (1 \u2212 share).\n"
        "Share: of buyers who take the chip there; the others take an alternative, whose price "
        "stays as it is except for the dashed line on the left.\n"
        f"Right: {100 * parameters['taxed_buyers']:.0f}% of buyers are in the taxed region, "
        f"\u03b1 = 1.8, one supply for both; net proceeds at most "
        f"{parameters['ceiling_usd']:,.0f} USD (1.3 times the price). "
        "Logit demand, one type of buyer. Rings: closed forms.",
        fontsize=8.5,
        color=GREY,
        linespacing=1.4,
    )
    figure.savefig(HERE / "who_pays.svg", metadata={"Date": None})
    if len(sys.argv) > 1:
        figure.savefig(Path(sys.argv[1]) / "who_pays.png", dpi=110)


if __name__ == "__main__":
    main()
