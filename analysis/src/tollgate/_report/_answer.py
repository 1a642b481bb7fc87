"""The answer in words: what the intervals say, and nothing that they do not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from tollgate._format import number, percent, signed, unit
from tollgate._outcomes import outcomes
from tollgate._scenario import scenario, text

_FEW_PAIRS = 30


def key_outcomes(policies: Mapping[str, xr.Dataset]) -> list[str]:
    """Choose the outcomes that a reader asks for first, by what the runs hold.

    Receipts; revenue of the vendor that sells most, and revenue in the focus region of the foreign
    and of the domestic vendor that sell most there; compute, domestic share, grey chips and
    write-downs. Those that are zero throughout are left out.
    """
    first = next(iter(policies.values()))
    focus = text(first.attrs["focus_region"])
    home: dict[str, str] = {}
    for ds in policies.values():
        home |= {name: keys["headquarters"] for name, keys in scenario(ds)["vendor"].items()}
    totals = [
        ds.revenue.sum("time").mean("replica").to_series().unstack("region")
        for ds in policies.values()
    ]
    revenue = sum(totals[1:], totals[0])
    at_home = np.array([home.get(str(vendor)) == focus for vendor in revenue.index])
    names = ["levy_receipts", f"revenue.{revenue.sum(axis=1).idxmax()}"]
    for group in (revenue[~at_home], revenue[at_home]):
        if len(group):
            names.append(f"revenue_{focus}.{group[focus].idxmax()}")
    names += [f"compute_{focus}", "domestic_share", f"grey_units.{focus}", "write_down"]
    known = [outcomes(ds) for ds in policies.values()]
    return [
        name
        for name in dict.fromkeys(names)
        if all(name in values for values in known)
        and any(np.nan_to_num(values[name].values).any() for values in known)
    ]


def answer(
    comparison: pd.DataFrame,
    reference: str,
    long_names: Mapping[str, str],
    *,
    period: str,
    paired: bool = True,
    most: int = 8,
    most_policies: int = 4,
) -> str:
    """Put a comparison into one paragraph.

    Parameters
    ----------
    comparison
        From `tollgate.compare`, of the outcomes to speak of, with intervals of 95%.
    reference
        Name of the policy that the others were compared with.
    long_names
        What each outcome is, in words.
    period
        "2025-10-01 to 2030-10-01".
    paired
        Whether replicas were compared one by one.
    most
        How many effects of a policy are named, the largest in proportion. When more than that are
        not told apart, these are counted, not named.
    most_policies
        How many policies are put in words, the first ones; the text says how many are in the
        table only.

    Returns
    -------
    str
        A difference is called one only where its interval excludes zero. Where it does not, the
        text says that the two cannot be told apart and how large the difference may be, and never
        that there is none; where all replicas agree to the last digit it says so.

    """
    sentences = []
    table = comparison.reset_index()
    left_out = 0
    compared = list(dict.fromkeys(table.policy))
    told = compared if len(compared) <= most_policies + 1 else compared[:most_policies]
    for policy in told:
        rows = table[table.policy == policy]
        sentences += _policy(rows, policy, reference, long_names, paired, most)
        left_out += max(0, int(rows.apply(is_told_apart, axis=1).sum()) - most)
    if left_out:
        sentences.append(f"The table has {left_out} smaller effects that are told apart.")
    if rest := len(compared) - len(told):
        sentences.append(
            f"{rest} more policies, {compared[len(told)]} to {compared[-1]}, are in the table only."
        )
    sentences += _cautions(table, period, paired)
    return " ".join(sentences)


def is_told_apart(row: pd.Series) -> bool:
    """Whether the interval of the difference excludes zero."""
    return bool(row.low > 0 or row.high < 0)


def is_same(row: pd.Series) -> bool:
    """Whether each replica has the same number under both policies."""
    return bool(row.get("probability_equal", 0) == 1 and row.difference == 0 and row.pairs > 0)


def verdict(row: pd.Series) -> str:
    """One word for a row of a table."""
    if not np.isfinite(row.difference):
        return "no number"
    if is_same(row):
        return "the same"
    if not is_told_apart(row):
        return "not told apart"
    return "higher" if row.difference > 0 else "lower"


def _policy(
    rows: pd.DataFrame,
    policy: str,
    reference: str,
    long_names: Mapping[str, str],
    paired: bool,
    most: int,
) -> list[str]:
    up, down, unclear, same = [], [], [], []
    rows = rows[np.isfinite(rows.difference)]
    size = rows.difference.abs() / np.maximum(rows["mean"].abs(), rows.reference_mean.abs())
    apart = rows.apply(is_told_apart, axis=1)
    named_rows = set(size[apart].sort_values(ascending=False, kind="stable").index[:most])
    for index, row in rows.iterrows():
        if is_told_apart(row) and index not in named_rows:
            continue
        if is_same(row):
            same.append(_lower(long_names[row.outcome]))
        elif not is_told_apart(row):
            unclear.append(_unclear(row, long_names))
        else:
            (up if row.difference > 0 else down).append(_effect(row, long_names, paired))
    effects = [
        f"{verb} {_listed(named)}" for verb, named in (("raises", up), ("lowers", down)) if named
    ]
    if effects:
        sentences = [f"Compared with {reference}, {policy} {'; it '.join(effects)}."]
    else:
        sentences = [f"No outcome looked at here tells {policy} from {reference}."]
    if len(unclear) > most:
        sentences.append(
            f"{len(unclear)} outcomes are not told apart, which does not mean that there is no "
            "difference."
        )
    elif unclear:
        sentences.append(
            f"Not to be told apart with this many replicas: {', '.join(unclear)}; this does not "
            "mean that there is no difference."
        )
    if same:
        sentences.append(f"The same in every replica: {', '.join(same)}.")
    return sentences


def _effect(row: pd.Series, long_names: Mapping[str, str], paired: bool) -> str:
    size = abs(row.difference)
    low, high = (row.low, row.high) if row.difference > 0 else (-row.high, -row.low)
    relative = f" or {_relative(row)}" if size < 10 * abs(row.reference_mean) else ""
    how_often = row.probability_greater if row.difference > 0 else _less(row)
    often = f"; in {_of_replicas(how_often)}" if paired else ""
    return (
        f"{_lower(long_names[row.outcome])} by {_with_unit(number(size), row.unit)}{relative} "
        f"({number(low)} to {number(high)}{often})"
    )


def _of_replicas(share: float) -> str:
    return "all replicas" if share == 1 else f"{percent(share)} of replicas"


def _unclear(row: pd.Series, long_names: Mapping[str, str]) -> str:
    mean = _with_unit(number(row.reference_mean), row.unit)
    return (
        f"{_lower(long_names[row.outcome])} ({signed(row.low)} to {signed(row.high)}, beside a "
        f"mean of {mean})"
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _relative(row: pd.Series) -> str:
    return f"{number(100 * abs(row.difference / row.reference_mean), 2)}%"


def _with_unit(text: str, of: str) -> str:
    return f"{text} {unit(of)}".strip()


def _less(row: pd.Series) -> float:
    """Share of pairs in which the policy's value is the smaller."""
    return 1 - row.probability_greater - row.get("probability_equal", 0)


def _cautions(table: pd.DataFrame, period: str, paired: bool) -> list[str]:
    intervals = int(np.isfinite(table.difference).sum())
    if paired:
        count = int(table.pairs.min())
        how = f"{count} pairs of replicas that share their luck"
    else:
        count = _FEW_PAIRS
        how = "independent replicas, which share no luck"
    sentences = [
        f"These are means over {period} with their 95% intervals, from {how}. They hold in the "
        f"model, under its assumptions; each of the {intervals} intervals by itself misses the "
        "model's mean in 5% of such reports."
    ]
    if count < _FEW_PAIRS:
        sentences.append(
            f"With {count} pairs the intervals are rough: they take means of so few for normal."
        )
    return sentences


def _lower(text: str) -> str:
    """Begin with a small letter, inside a sentence."""
    return text[:1].lower() + text[1:]
