#!/usr/bin/env python3
# ruff: noqa: E501 - rows of tables are as long as they are
"""Print what the shipped worlds make of quarters that have been observed, as in docs/data.md, section 2.

    ./tollgate run h200-levy --replicas 200 -o h200-levy.h5
    ./tollgate run history --replicas 200 -o history.h5
    scenarios/tools/fit_table.py h200-levy.h5 history.h5

Needs h5py and numpy. Medians over replicas; money in billion USD, chips in thousands.
"""

import sys
import tomllib

import h5py
import numpy as np


class Ensemble:
    """Series of one output file by name, with quarters, vendors and chips by their labels."""

    def __init__(self, path: str) -> None:
        """Open the file; it is closed with the program."""
        self.file = h5py.File(path)
        self.quarter = self._labels("quarter")
        self.vendor = self._labels("vendor")
        self.chip = self._labels("chip")
        self.china = self._labels("region").index("china")
        scenario = tomllib.loads(self.file["scenario_toml"].asstr()[()])
        self.domestic = tuple(
            v for v in self.vendor if scenario["vendor"][v]["headquarters"] == "china"
        )
        self.domestic_chips = tuple(
            c for c in self.chip if scenario["chip"][c]["vendor"] in self.domestic
        )

    def _labels(self, name: str) -> list[str]:
        return [x.decode() if isinstance(x, bytes) else x for x in self.file[name][...]]

    def quarters(self, first: str, last: str | None = None) -> slice:
        """Return the places of the quarters from `first` to `last`, both included."""
        return slice(self.quarter.index(first), self.quarter.index(last or first) + 1)

    def revenue(self, vendors: tuple[str, ...], when: slice, *, in_china: bool) -> np.ndarray:
        """Return the revenue of the vendors over the quarters, by replica."""
        values = self.file["revenue"][:, when][:, :, [self.vendor.index(v) for v in vendors]]
        picked = values[..., self.china] if in_china else values.sum(-1)
        return picked.sum(axis=(1, 2)) / 1e11

    def cleared(self, prefixes: tuple[str, ...], when: slice) -> np.ndarray:
        """Return the chips cleared into China whose id begins with one of the prefixes, by replica."""
        chips = [i for i, chip in enumerate(self.chip) if chip.startswith(prefixes)]
        return self.file["units_cleared"][:, when][:, :, chips, self.china].sum(axis=(1, 2)) / 1e3


def show(what: str, *samples: np.ndarray) -> None:
    """Print one row: medians, and for a single sample the band of 90% of replicas."""
    text = " / ".join(f"{np.median(sample):.3g}" for sample in samples)
    if len(samples) == 1:
        low, high = np.quantile(samples[0], [0.05, 0.95])
        text += f" ({low:.3g} to {high:.3g})"
    print(f"{what}: {text}")


def main(levy_path: str, history_path: str) -> None:
    """Print all rows."""
    levy, history = Ensemble(levy_path), Ensemble(history_path)
    quarters = ("2025Q4", "2026Q1", "2026Q2")
    year = levy.quarters("2026Q1", "2026Q4")
    show(
        "Nvidia, all regions, 2025Q4 / 2026Q1 / Q2",
        *(levy.revenue(("nvidia",), levy.quarters(q), in_china=False) for q in quarters),
    )
    show(
        "domestic vendors in China, 2025Q4 / 2026 / Huawei 2026",
        levy.revenue(levy.domestic, levy.quarters("2025Q4"), in_china=True),
        levy.revenue(levy.domestic, year, in_china=True),
        levy.revenue(("huawei",), year, in_china=True),
    )
    show("Huawei cards, 2026", levy.cleared(("ascend",), year))
    show("grey chips, 2026", levy.file["grey_units"][:, year, levy.china].sum(1) / 1e3)
    show(
        "H200 delivered in China by June / September 2026",
        levy.cleared(("h200",), levy.quarters("2025Q4", "2026Q2")),
        levy.cleared(("h200",), levy.quarters("2025Q4", "2026Q3")),
    )
    show("domestic cards, 2025Q4", levy.cleared(levy.domestic_chips, levy.quarters("2025Q4")))
    ratio = [
        levy.file["grey_price_ratio"][:, levy.quarter.index(q), levy.china]
        for q in ("2025Q4", "2026Q2", "2028Q1")
    ]
    show("grey price over list, 2025Q4 / 2026Q2 / 2028Q1", *(r[np.isfinite(r)] for r in ratio))
    show("levy receipts, five years", levy.file["levy_receipts"][...].sum(axis=(1, 2)) / 1e11)

    show(
        "history: Nvidia, all regions, 2023Q3 / 2024Q3 / 2025Q3",
        *(
            history.revenue(("nvidia",), history.quarters(q), in_china=False)
            for q in ("2023Q3", "2024Q3", "2025Q3")
        ),
    )
    in_2024 = history.quarters("2024Q1", "2024Q4")
    show(
        "history: Nvidia in China, 2022 second half / 2024",
        history.revenue(("nvidia",), history.quarters("2022Q3", "2022Q4"), in_china=True),
        history.revenue(("nvidia",), in_2024, in_china=True),
    )
    show(
        "history: H20 in 2024",
        history.cleared(("h20",), in_2024) - history.cleared(("h200",), in_2024),
    )
    show("history: Huawei cards in 2024", history.cleared(("ascend",), in_2024))
    nvidia = history.vendor.index("nvidia")
    written_down = history.file["write_down"][:, :, nvidia] / 1e11
    show("history: write-down of Nvidia, 2025Q2", written_down[:, history.quarter.index("2025Q2")])
    h20, h100 = history.chip.index("h20"), history.chip.index("h100")
    later = history.quarters("2025Q2", "2026Q4")
    cleared = history.file["units_cleared"][:, later, h20]
    show(
        "history: H20 sold outside China from 2025Q2 on",
        (cleared.sum((1, 2)) - cleared[..., history.china].sum(1)) / 1e3,
    )
    for chip, name, quarter in ((h20, "H20", "2024Q4"), (h100, "H100", "2025Q4")):
        show(
            f"history: {name} in stock, end of {quarter}",
            history.file["stock"][:, history.quarter.index(quarter), chip] / 1e3,
        )
    shares = [
        np.nanmedian(
            history.file["domestic_share"][:, history.quarters(f"{y}Q1", f"{y}Q4")], axis=0
        )
        for y in (2023, 2024, 2025)
    ]
    print(
        "history: domestic share of cards, range of quarters:",
        ", ".join(f"{s.min():.2f}-{s.max():.2f}" for s in shares),
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
