"""Tables for a terminal of 80 columns."""

from __future__ import annotations

import textwrap

import pandas as pd

from tollgate._format import beside, number, percent, signed, unit

_WIDTH = 80
_NOTE = (
    "Interval: 95%, of the difference; * it excludes zero, otherwise the two are not told apart."
)
_NOTE_PAIRED = (
    "P: share of replicas in which the policy's value is the greater. Fewer: how many times more "
    "replicas independent runs would need."
)
_NOTE_UNPAIRED = (
    "P: chance that a replica of the policy, taken at random, has a greater value than one of the "
    "reference."
)


def comparison_lines(table: pd.DataFrame, reference: str) -> list[str]:
    """Write a comparison as lines of at most 80 characters, a block for each policy.

    Parameters
    ----------
    table
        From `tollgate.compare`.
    reference
        The policy compared with.

    """
    lines: list[str] = []
    all_paired = True
    rows = table.reset_index()
    for policy in dict.fromkeys(rows.policy):
        block = rows[rows.policy == policy]
        paired = bool((block.pairs > 0).all())
        all_paired &= paired
        pairs = f"{int(block.pairs.min())} pairs of replicas" if paired else "independent samples"
        lines += ["", *textwrap.wrap(f"{policy} against {reference}, means of {pairs}", _WIDTH), ""]
        lines += _block(block, policy, reference, paired)
    note = f"{_NOTE} {_NOTE_PAIRED if all_paired else _NOTE_UNPAIRED}"
    return [*lines[1:], "", *textwrap.wrap(note, _WIDTH)]


def _block(block: pd.DataFrame, policy: str, reference: str, paired: bool) -> list[str]:
    head = ["", _cut(reference, 14), _cut(policy, 14), "change", "interval", "P", "fewer"]
    cells = [head]
    for row in block.itertuples():
        mark = " *" if row.low > 0 or row.high < 0 else "  "
        ratio = getattr(row, "variance_ratio", float("nan"))
        cells.append(
            [
                str(row.outcome),
                beside(row.reference_mean, row.difference),
                beside(row.mean, row.difference),
                signed(row.difference),
                f"{signed(row.low)} {signed(row.high)}{mark}",
                percent(row.probability_greater),
                f"{number(ratio, 2)}x" if paired and ratio == ratio else "-",
            ]
        )
    units = ["", *(unit(str(text)) for text in block.unit)]
    if not paired:
        cells = [row[:-1] for row in cells]
    widths = [max(len(row[i]) for row in cells) for i in range(1, len(cells[0]))]
    room = _WIDTH - sum(widths) - 2 * len(widths)
    lines = []
    for row, of in zip(cells, units, strict=True):
        numbers = "  ".join(cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True))
        name = f"{row[0]}, {of}" if of else row[0]
        if len(name) > room:  # the name on a line of its own
            lines.append(name[:_WIDTH])
            name = ""
        lines.append(f"{name.ljust(room)}  {numbers}".rstrip())
    return lines


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 2] + ".."
