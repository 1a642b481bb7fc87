"""What a report says on choosing: regret, robust choice, break-even, and what decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from tollgate import charts
from tollgate._break_even import break_even, break_even_table, break_even_words
from tollgate._dataset import draws
from tollgate._decisions import choice_stability, chosen, policy_values, regret, robust_choice
from tollgate._discovery import Box, find_boxes
from tollgate._format import number, percent
from tollgate._incidence import LevyInReferenceError, incidence
from tollgate._levies import differing_levies
from tollgate._report._assumptions import differing_rules, differing_values
from tollgate._report._figures import Picture, on_axes
from tollgate._report._tables import Table
from tollgate._scenario import scenario
from tollgate._tornado import tornado
from tollgate._welfare import welfare

_LEAST_CASES = 80  # half of them find a box, the other half try it
_SCREENED = 20
_MOST = 2
_MOSTLY_NEW = 0.5
_CHANCE = 0.05
_NAMED = 4  # of what differs


@dataclass
class Choice:
    """Sentences, tables and pictures on choosing among the policies."""

    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def choice(policies: Mapping[str, xr.Dataset], reference: str) -> Choice:
    """Judge the policies by the program's welfare: home vendors' profit plus receipts.

    Parameters
    ----------
    policies
        Runs that share their luck, two or more.
    reference
        The policy that the others are compared with.

    """
    result = Choice()
    values = policy_values(policies)
    judged = robust_choice(values)
    picks, stable = chosen(judged), choice_stability(values)
    result.sentences += [_by_rules(picks, stable, len(values))]
    wide = 1.6 + 0.45 * len(policies)
    said = ", ".join(f"{name} {number(value)}" for name, value in judged.maximum_regret.items())
    result.pictures.append(
        Picture(
            "regret",
            "Regret",
            f"Largest regret in welfare, billion USD: {said}.",
            on_axes(
                charts.regret_map,
                regret(values),
                title="Regret in welfare",
                unit=str(values.attrs.get("unit", "")),
            ),
            wide,
            wide + 0.3,
        )
    )
    result.tables += [
        Table(
            "robust-choice",
            "Welfare of the policies, in billion USD, by several rules of choice",
            judged,
            {
                **dict.fromkeys(judged.columns, number),
                **dict.fromkeys(("mean", "worst", "certainty_equivalent"), _five_digits),
                **dict.fromkeys(("best", "satisfied"), percent),
                "efficient": lambda value: "yes" if value else "no",
            },
            tuple(c for c in judged.columns if not judged[c].isna().all()),
        ),
        Table(
            "choice-stability",
            "How often each rule would choose each policy, had other replicas been drawn",
            stable,
            dict.fromkeys(stable.columns, percent),
        ),
        Table(
            "break-even",
            "Security cost in USD for each H100e at which the better of two policies changes",
            break_even_table(policies),
            {
                name: lambda value: f"{value:,.0f}" if np.isfinite(value) else "-"
                for name in ("cost", "low", "high", "bootstrap_low", "bootstrap_high")
            },
        ),
    ]
    for policy in [name for name in policies if name != reference][:_MOST]:
        pair = {policy: policies[policy], reference: policies[reference]}
        result.sentences.append(break_even_words(break_even(pair)))
        _what_decides(result, policies, policy, reference, values)
    return result


def _five_digits(value: float) -> str:
    return number(value, 5)


def _by_rules(picks: pd.Series, stable: pd.DataFrame, states: int) -> str:
    parts = []
    for rule, words in (("mean", "mean welfare"), ("maximum_regret", "least maximum regret")):
        policy = picks[rule]
        parts.append(f"by {words} {policy} (in {percent(stable.loc[rule, policy])} of resamples)")
    return (
        "Welfare here is the profit of the home region's vendors plus receipts, without a security "
        f"cost, undiscounted. Of these policies one would choose {' and '.join(parts)}, over "
        f"{states} states of the world; below some 95% of resamples the replicas do not settle the "
        "choice."
    )


def _what_decides(
    result: Choice,
    policies: Mapping[str, xr.Dataset],
    policy: str,
    reference: str,
    values: pd.DataFrame,
) -> None:
    """Look for the unknowns behind the difference of welfare."""
    ds, other = xr.align(policies[policy], policies[reference], join="inner", exclude=_LABELS)
    if "draw" not in ds or not ds.sizes.get("parameter"):
        return
    gap = (welfare(ds) - welfare(other)).assign_attrs(
        units="billion USD", long_name=f"Welfare, {policy} less {reference}"
    )
    try:
        table = tornado(ds, gap)
    except ValueError as error:  # too few replicas for two tails
        result.sentences.append(f"What decides is not told: {error}.")
        return
    clear = int((table.adjusted_p_value < 0.05).sum())
    count = len(table)
    result.sentences.append(
        f"Of {count} unknowns, {clear or 'none'} {'moves' if clear == 1 else 'move'} the "
        f"difference between {policy} and {reference} beyond what looking at so many brings by "
        "chance."
    )
    result.pictures.append(
        Picture(
            f"tornado-{policy}",
            f"What moves the difference between {policy} and {reference}",
            f"Largest: {', '.join(map(str, table.index[:3]))}.",
            on_axes(
                charts.tornado_chart,
                table,
                most=10,
                title=f"Welfare, {policy} less {reference}",
                unit="billion USD",
            ),
            5.0,
            5.4,
            "Means over the fifth of the replicas with the lowest and with the highest draws of "
            f"each unknown. {clear} of {count} have an adjusted p-value below 0.05.",
        )
    )
    result.tables.append(
        Table(
            f"tornado-{policy}",
            f"Unknowns by what they do to welfare, {policy} less {reference}",
            table.drop(columns="replicas"),
            dict.fromkeys(table.columns, number),
            folded=True,
        )
    )
    _box(result, ds, policy, reference, values)


# Of two scenarios: what one has more of does not matter here.
_LABELS = ("parameter", "instrument", "chip", "vendor", "buyer", "supplier", "review_stage")


def _box(result: Choice, ds: xr.Dataset, policy: str, reference: str, values: pd.DataFrame) -> None:
    """Find where the policy is worse on half of the replicas, and try it on the other half."""
    worse = (values[policy] < values[reference]).rename("worse")
    unknowns = draws(ds).reindex(worse.index)
    if len(worse) < _LEAST_CASES or not 0.05 < worse.mean() < 0.95:
        return
    found, tried = slice(0, None, 2), slice(1, None, 2)
    loss = (values[reference] - values[policy]).iloc[found]
    likely = unknowns[screened(unknowns.iloc[found], loss).columns]
    try:
        boxes = find_boxes(likely.iloc[found], worse.iloc[found], most_boxes=1)
    except ImportError:
        result.sentences.append(
            "Boxes in the unknowns were not looked for; `pip install './analysis[discovery]'` "
            "brings what they need."
        )
        return
    except ValueError:  # nothing among the screened unknowns varies on both halves
        return
    told = f"where {policy} is worth less than {reference} ({percent(worse.mean())} of replicas)"
    if not boxes:
        result.sentences.append(f"No box in the unknowns tells {told}.")
        return
    (box,) = boxes
    again = box.measure(likely.iloc[tried], worse.iloc[tried])
    result.sentences.append(_box_words(box, again, float(worse.iloc[tried].mean()), told))
    if not _is_confirmed(again):
        return
    result.pictures.append(
        Picture(
            f"box-{policy}",
            f"Where {policy} is worth less than {reference}",
            str(box),
            lambda canvas: charts.box_chart(
                box.limits, likely, worse, figure=canvas, title=f"{policy} below {reference}"
            ),
            4.2,
            7.0,
        )
    )


def screened(unknowns: pd.DataFrame, loss: pd.Series) -> pd.DataFrame:
    """Keep the 20 unknowns with the strongest rank correlation with a loss."""
    strength = unknowns.corrwith(loss, method="spearman").abs()
    return unknowns[strength.sort_values(ascending=False, kind="stable").index[:_SCREENED]]


def _box_words(box: Box, again: Box, base_rate: float, told: str) -> str:
    """Say what a box is worth on the half of the replicas that did not help to find it."""
    said = ", ".join(number(p, 2) for p in _p_values(again))
    text = (
        f"A box {told}: {box}. On the other half of the replicas, which did not help to find it, "
        f"{again.cases_of_interest} of {again.cases} in it are, of all of that half "
        f"{percent(base_rate)} (p-values of the limits there: {said})"
    )
    if _is_confirmed(again):
        return f"{text}."
    return f"{text}: no more than elsewhere, as far as these replicas tell. The box is no finding."


def _p_values(box: Box) -> np.ndarray:
    values = box.limits[["p_low", "p_high"]].to_numpy(dtype=float).ravel()
    return values[np.isfinite(values)]


def _is_confirmed(again: Box) -> bool:
    """Whether each limit of a box means something on replicas that did not help to find it."""
    return bool((_p_values(again) <= _CHANCE).all())


def who_pays(policies: Mapping[str, xr.Dataset], reference: str) -> Choice:
    """Account for levies, where the reference sells the levied chips without them."""
    result = Choice()
    for policy, ds in policies.items():
        if policy == reference or len(result.pictures) >= _MOST:
            continue
        if not differing_levies(scenario(ds), scenario(policies[reference])):
            continue
        try:
            account = incidence(ds, policies[reference])
        except LevyInReferenceError as error:
            result.sentences.append(f"Who pays the levy under {policy} is not told: {error}.")
            continue
        except ValueError:  # nobody pays one
            continue
        total = account.total.to_series()
        if total["receipts"] <= 0:
            result.sentences.append(
                f"Who pays the levy under {policy} is not told: all levies together bring no more "
                f"than under {reference}."
            )
            continue
        if total["new_sales"] > _MOSTLY_NEW * total["receipts"]:
            result.sentences.append(
                f"Most of what {policy} levies is on chips that are not on offer under "
                f"{reference}, so that no price without the levy says who pays it; compare with "
                "the same policy at a rate of 0."
            )
            continue
        low, high = float(account.pass_through_low), float(account.pass_through_high)
        result.sentences.append(
            f"Of the levy under {policy} on chips that sell anyway, buyers pay "
            f"{percent(float(account.pass_through))} (95% interval {percent(low)} to "
            f"{percent(high)}) through higher prices than under {reference}."
            + _what_else_differs({policy: ds, reference: policies[reference]})
        )
        result.pictures.append(
            Picture(
                f"who-pays-{policy}",
                f"Who pays the levy under {policy}",
                result.sentences[-1],
                on_axes(charts.who_pays, account, title=f"Who pays the levy, {policy}"),
                4.0,
                4.4,
            )
        )
        frame = account[["total", "total_low", "total_high", "share", "share_low", "share_high"]]
        table = frame.to_dataframe()[list(frame.data_vars)]
        table.insert(0, "what", account.description.to_series())
        money = dict.fromkeys(("total", "total_low", "total_high"), _millions)
        shares = dict.fromkeys(("share", "share_low", "share_high"), percent)
        result.tables.append(
            Table(
                f"incidence-{policy}",
                f"Account of the levy under {policy}, against {reference} (million USD; USD in the "
                "CSV)",
                table,
                {**money, **shares},
                folded=True,
            )
        )
    return result


def _what_else_differs(pair: Mapping[str, xr.Dataset]) -> str:
    """Say that more than levies differs between two policies, or nothing."""
    rules = differing_rules(pair)
    others = [str(rule) for rule in rules.index[rules.instrument != "levy"]]
    values = [key for key in differing_values(pair).index if not str(key).startswith("policy.")]
    if not others and not values:
        return ""
    named = ", ".join([*others, *values][:_NAMED])
    more = len(others) + len(values) - _NAMED
    return (
        f" The two differ in more than levies ({named}{f' and {more} more' if more > 0 else ''}): "
        "this is the effect of the whole difference of the rules, not of the levy alone; for that "
        "compare with the same policy at a rate of 0."
    )


def _millions(value: float) -> str:
    return number(value / 1e6)
