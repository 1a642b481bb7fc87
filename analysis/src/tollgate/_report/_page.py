"""Putting a report together and writing it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

import jinja2
import pandas as pd
import xarray as xr

from tollgate._comparison import compare
from tollgate._errors import TollgateFileError
from tollgate._format import beside, number, percent, signed, unit
from tollgate._outcomes import headline, outcomes
from tollgate._pairing import why_unpaired
from tollgate._policy_dates import run_dates
from tollgate._report import _assumptions, _diagnostics
from tollgate._report._answer import answer, key_outcomes, verdict
from tollgate._report._decisions import Choice, choice, who_pays
from tollgate._report._load import Inputs, load
from tollgate._report._sections import convergence_pictures, pictures
from tollgate._report._tables import Table

_NAMED = 4  # policies in a title
_PROVENANCE = (
    "command_line",
    "scenario_name",
    "tollgate_version",
    "git_commit",
    "seed",
    "created",
)


def report(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    reference: str | None = None,
    title: str | None = None,
    tables: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a report on policies as one HTML file that needs nothing else.

    Parameters
    ----------
    paths
        A file of `tollgate run` or `tollgate sweep`, or several. The policies in them are compared
        with the first one; a sweep over one number adds its curve.
    output
        The file to write.
    reference
        Name of the policy to compare with instead.
    title
        Instead of the policies' names.
    tables
        Folder in which every table is written as CSV besides; made when missing. The page offers
        the same files.
    overwrite
        Replace what is there.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    FileExistsError
        When the output, or a table, is there and `overwrite` is not given. Nothing is written then.
    TollgateFileError
        When an input cannot be used.
    ValueError
        When no policy has the name of the reference, or periods differ.

    """
    output = Path(output)
    _keep(output, overwrite)
    inputs = load(paths, quiet=True)  # the page says in its own words what failed
    page, csv = build(inputs, reference=reference, title=title, output=output.name)
    files = {output: page}
    if tables is not None:
        files |= {Path(tables) / f"{table.name}.csv": table.csv for table in csv}
    for path in files:
        _keep(path, overwrite)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return output


def _keep(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already; overwrite=True replaces it")


def build(
    inputs: Inputs,
    *,
    reference: str | None = None,
    title: str | None = None,
    output: str = "report.html",
) -> tuple[str, list[Table]]:
    """Make the page and its tables, without writing anything."""
    policies = inputs.policies
    if not policies:
        raise TollgateFileError(
            "there is no policy to report on; give a file of `tollgate run` besides the sweeps"
        )
    reference = reference or next(iter(policies))
    if reference not in policies:
        raise ValueError(f"no policy is called {reference!r}; there are {', '.join(policies)}")
    policies = {reference: policies[reference], **policies}
    names = key_outcomes(policies)
    long_names = _long_names(policies)
    comparison, full, paired, why_not = _compare(policies, reference, names)
    start, until = run_dates(policies[reference])
    period = f"{start:%Y-%m-%d} to {until:%Y-%m-%d}"
    text = ""
    if len(comparison):
        most = {2: 8, 3: 4}.get(len(policies), 2)
        order = {name: place for place, name in enumerate(policies)}
        by_policy = comparison.sort_index(
            level="policy", key=lambda p: p.map(order), kind="stable", sort_remaining=False
        )
        text = answer(by_policy, reference, long_names, period=period, paired=paired, most=most)
    tables = _tables(inputs, policies, reference, names, long_names, comparison, full)
    levy, choosing = Choice(), Choice()
    if paired and len(policies) > 1:
        levy, choosing = who_pays(policies, reference), choice(policies, reference)
    tables += levy.tables + choosing.tables
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = resources.files("tollgate._report").joinpath("report.html.jinja").read_text("utf-8")
    others = [name for name in policies if name != reference]
    page = environment.from_string(template).render(
        title=title or " against ".join([_listed(others), reference] if others else [reference]),
        answer=text or _alone(policies[reference], reference, period),
        period=period,
        policies=policies,
        reference=reference,
        why_not_paired=why_not,
        tables={table.name: table for table in tables},
        pictures=pictures(policies, reference, comparison, inputs.curves),
        levy=levy,
        choosing=choosing,
        convergence=convergence_pictures(policies, reference, comparison) if paired else [],
        sources=inputs.sources,
        confidence=_confidence(tables),
        command=_command(inputs, reference, output, title),
        failed=[source for source in inputs.sources if source.failed or source.not_run],
        versions=sorted({source.attrs.get("git_commit", "") for source in inputs.sources}),
    )
    return page, tables


def _compare(
    policies: Mapping[str, xr.Dataset], reference: str, names: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, bool, str]:
    """Compare, replica by replica where the runs share their luck."""
    if len(policies) < 2:
        empty = pd.DataFrame()
        return empty, empty, True, ""
    why_not = _why_not_paired(policies, reference)
    paired = not why_not
    full = compare(policies, reference, paired=paired)
    known = full.index.get_level_values("outcome")
    chosen = [name for name in names if name in known]
    return full.loc[chosen], full, paired, why_not


def _why_not_paired(policies: Mapping[str, xr.Dataset], reference: str) -> str:
    """Say what keeps the first policy that cannot be compared replica by replica from it."""
    for name, ds in policies.items():
        if name != reference and (reason := why_unpaired(policies[reference], ds)):
            return f"{reference} and {name} do not share their luck: {reason}"
    return ""


def _long_names(policies: Mapping[str, xr.Dataset]) -> dict[str, str]:
    result: dict[str, str] = {}
    for ds in policies.values():
        result |= {name: values.attrs["long_name"] for name, values in outcomes(ds).items()}
    return result


def _listed(names: list[str]) -> str:
    """Name some, and count the rest where there are many."""
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def _alone(ds: xr.Dataset, name: str, period: str) -> str:
    """Give the answer of a report on one policy: what it brings, compared with nothing."""
    table = headline(ds)
    table = table.loc[[key for key in key_outcomes({name: ds}) if key in table.index]]
    said = [
        f"{label}: {number(row['median'])} {unit(row.unit)}".strip()
        + f" (90% of replicas: {number(row.p05)} to {number(row.p95)})"
        for label, row in table.loc[
            [n for n in key_outcomes({name: ds}) if n in table.index]
        ].iterrows()
    ]
    return (
        f"Under {name}, over {period}, medians of {ds.sizes['replica']} replicas are: "
        f"{'; '.join(said)}. With one policy there is nothing to compare: this is what comes about "
        "in the model, not what the policy brings about."
    )


_DIFFERENCE_FORMATS = {
    "reference_mean": number,
    "mean": number,
    "difference": signed,
    "low": signed,
    "high": signed,
    "unpaired_low": signed,
    "unpaired_high": signed,
    "probability_greater": percent,
    "variance_ratio": lambda value: f"{number(value, 2)} x" if value == value else "-",
    "unit": unit,
}


def _tables(
    inputs: Inputs,
    policies: Mapping[str, xr.Dataset],
    reference: str,
    names: list[str],
    long_names: Mapping[str, str],
    comparison: pd.DataFrame,
    full: pd.DataFrame,
) -> list[Table]:
    result = []
    if len(comparison):
        result += [
            Table(
                "comparison",
                f"Means, differences and 95% intervals against {reference}",
                comparison,
                shown=_readable(comparison, reference, long_names),
            ),
            Table(
                "differences",
                f"Every outcome against {reference}, with the interval that independent runs would "
                "have given",
                full,
                _DIFFERENCE_FORMATS,
                (
                    "reference_mean",
                    "mean",
                    "difference",
                    "low",
                    "high",
                    "unpaired_low",
                    "unpaired_high",
                    "probability_greater",
                    "variance_ratio",
                    "unit",
                ),
                folded=True,
            ),
        ]
    heads = {name: headline(ds) for name, ds in policies.items()}
    head = pd.concat(heads, names=["policy", "outcome"]).swaplevel()
    order = [(o, p) for o in dict.fromkeys(head.index.get_level_values(0)) for p in policies]
    head = head.reindex([key for key in order if key in head.index])
    head.index.names = ["outcome", "policy"]
    result.append(
        Table(
            "headline",
            "Medians and 90% of replicas, each policy by itself",
            head,
            {"median": number, "p05": number, "p95": number, "unit": unit},
            folded=True,
        )
    )
    if len(policies) > 1:
        result += [
            Table(
                "rules",
                "Rules that differ",
                _assumptions.differing_rules(policies),
            ),
            Table(
                "differing-keys",
                "Every value that differs",
                _assumptions.differing_values(policies),
                folded=True,
            ),
        ]
    everything = _assumptions.assumptions_of(policies, reference)
    drawn = everything[everything.drawn].drop(columns="drawn").set_index("key")
    besides = ", and what the others have besides or otherwise" if len(policies) > 1 else ""
    result += [
        Table(
            "drawn",
            f"What each replica draws ({reference}{besides})",
            drawn,
            folded=True,
        ),
        Table("assumptions", f"Every value of {reference} with its source{besides}", everything),
        Table(
            "replicas",
            "Replicas and pricing games",
            _diagnostics.replica_table(inputs.sources, policies),
            {"largest residual": lambda value: f"{value:.1e}" if value == value else "-"},
        ),
        Table(
            "conservation",
            "Largest error of what has to add up, checked again on the files",
            _diagnostics.conservation_table(policies),
        ),
        Table(
            "convergence",
            "How well means are known",
            _diagnostics.convergence_table(policies, names),
            {
                "mean": number,
                "standard_error": number,
                "relative": lambda value: percent(value) if value == value else "-",
                "first_half": number,
                "second_half": number,
                "halves_z": lambda value: f"{value:+.1f}" if value == value else "-",
                "replicas_for_1_percent": lambda v: f"{v:.0f}" if v == v else "-",
                "unit": unit,
            },
        ),
    ]
    if len(comparison) and (comparison.pairs > 0).all():
        result.append(
            Table(
                "effective",
                "What pairing bought: independent replicas that would be as good",
                _diagnostics.effective_pairs(comparison),
                {
                    "pairs": lambda v: f"{v:.0f}",
                    "variance_ratio": lambda v: f"{number(v, 2)} x" if v == v else "-",
                    "effective": lambda v: f"{v:.0f}" if v == v and v != float("inf") else "-",
                },
            )
        )
    provenance = pd.DataFrame(
        [
            {"file": source.path.name, **{key: source.attrs.get(key, "") for key in _PROVENANCE}}
            for source in inputs.sources
        ]
    ).set_index("file")
    result.append(Table("provenance", "Files that this report is made from", provenance))
    return result


def _readable(
    comparison: pd.DataFrame, reference: str, long_names: Mapping[str, str]
) -> pd.DataFrame:
    """Write the comparison of the key outcomes for people, in words and rounded numbers."""
    rows = []
    for (outcome, policy), row in comparison.iterrows():
        row = pd.Series({**row, "outcome": outcome, "policy": policy})
        rows.append(
            {
                "outcome": f"{long_names[outcome]}{', ' if unit(row.unit) else ''}{unit(row.unit)}",
                "policy": policy,
                reference: beside(row.reference_mean, row.difference),
                "mean": beside(row["mean"], row.difference),
                "difference": signed(row.difference),
                "95% interval": f"{signed(row.low)} to {signed(row.high)}",
                "higher in": percent(row.probability_greater),
                "verdict": verdict(row),
            }
        )
    frame = pd.DataFrame(rows).set_index(["outcome", "policy"])
    if frame.index.get_level_values("policy").nunique() == 1:
        (policy,) = frame.index.get_level_values("policy").unique()
        return frame.droplevel("policy").rename(columns={"mean": policy})
    return frame


def _confidence(tables: list[Table]) -> str:
    """Count the drawn values by how sure their sources are."""
    (drawn,) = (table.frame for table in tables if table.name == "drawn")
    counts = drawn.confidence.replace("", "not stated").value_counts()
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _command(inputs: Inputs, reference: str, output: str, title: str | None) -> str:
    files = [source.path.name for source in inputs.sources]
    words = ["tollgate", "report", *files, "--reference", reference, "-o", output]
    return shlex.join([*words, "--title", title] if title else words)
