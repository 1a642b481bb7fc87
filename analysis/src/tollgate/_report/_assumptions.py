"""Assumptions of scenarios as tables: every value with its source, and what differs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import xarray as xr

from tollgate._scenario import scenario, text

_ABOUT = ("source", "basis", "confidence", "note")
_COLUMNS = ["key", "value", "drawn", "unit", "basis", "confidence", "source"]
# Keys that say how a run is made, not what world it is of.
_NOT_THE_WORLD = ("format", "title", "description", "run.replicas", "run.seed", "run.sampling")
_DATES, _WORDS = ("effective", "until"), ("from", "to")
_LONGEST = 60  # characters of a value in the table of rules


def assumptions(ds: xr.Dataset) -> pd.DataFrame:
    """List every value of the resolved scenario with where it is from.

    Parameters
    ----------
    ds
        From `tollgate.open`, of one run.

    Returns
    -------
    pandas.DataFrame
        Columns key, value (as text; of a distribution its kind and numbers), drawn (whether each
        replica draws it), unit (of drawn ones), basis, confidence, source. What a value does not
        say itself it takes from the table that it stands in, as in the scenario file.

    """
    units: dict[str, str] = {}
    sources: dict[str, str] = {}
    if "draw" in ds:
        keys = [str(key) for key in ds.parameter.values]
        units = dict(zip(keys, map(text, ds.parameter_unit.values), strict=True))
        sources = dict(zip(keys, map(text, ds.parameter_source.values), strict=True))
    rows = []
    for key, value, about in _walk(scenario(ds)):
        rows.append(
            {
                "key": key,
                "value": describe(value),
                "drawn": isinstance(value, Mapping) and "distribution" in value,
                "unit": units.get(key, ""),
                "basis": about.get("basis", ""),
                "confidence": about.get("confidence", ""),
                "source": sources.get(key) or about.get("source", ""),
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


def assumptions_of(policies: Mapping[str, xr.Dataset], reference: str) -> pd.DataFrame:
    """List every value of one scenario, and those that others have besides or otherwise.

    Returns
    -------
    pandas.DataFrame
        Columns as of `assumptions`, and before them policy, the first whose value it is. Values of
        the reference come first. What is about the run or the text and not the world
        (`differing_values`) is listed of the reference only.

    """
    order = [reference, *(name for name in policies if name != reference)]
    tables = [assumptions(policies[name]).assign(policy=name) for name in order]
    tables[1:] = [table[~table.key.isin(_NOT_THE_WORLD)] for table in tables[1:]]
    # What makes a value another one; where it is from may be said in other words.
    rows = pd.concat(tables).drop_duplicates(["key", "value", "drawn"], ignore_index=True)
    return rows[["policy", *_COLUMNS]]


def differing_values(policies: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """List the keys at which scenarios differ.

    Returns
    -------
    pandas.DataFrame
        Index key, a column of values as text for each policy, "-" where it has no such key.

    """
    tables = {
        name: {key: describe(value) for key, value, _ in _walk(scenario(ds))}
        for name, ds in policies.items()
    }
    keys = dict.fromkeys(key for table in tables.values() for key in table)
    rows = {
        key: {name: table.get(key, "-") for name, table in tables.items()}
        for key in keys
        if key not in _NOT_THE_WORLD and len({table.get(key) for table in tables.values()}) > 1
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(tables))
    frame.index.name = "key"
    return frame


def differing_rules(policies: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """List the rules that not all policies have alike, with their dates.

    Returns
    -------
    pandas.DataFrame
        Index rule; columns instrument, one for each policy ("from 2026-01-15 to 2026-08-21; rate
        0.25", "-" where the rule is not there or not enabled) and source. Beside its dates a rule
        has the keys at which those that are in force differ. Rules of which nothing but the
        source or a note differs are left out.

    """
    rules = {name: scenario(ds).get("policy", {}) for name, ds in policies.items()}
    rows = {}
    for rule in sorted({rule for there in rules.values() for rule in there}):
        versions = [there.get(rule, {"enabled": False}) for there in rules.values()]
        told = _told(versions)
        if all(cell == told[0] for cell in told):
            continue
        known = next(version for version in versions if "instrument" in version)
        rows[rule] = {
            "instrument": known["instrument"],
            **dict(zip(rules, told, strict=True)),
            "source": known.get("source", ""),
        }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["instrument", *rules, "source"])
    frame.index.name = "rule"
    return frame


def describe(value: Any) -> str:
    """Write a value, or a distribution, on one line."""
    if isinstance(value, Mapping):
        if "distribution" in value:
            numbers = [
                f"{name} {describe(part)}"
                for name, part in value.items()
                if name != "distribution" and name not in _ABOUT
            ]
            return " ".join([str(value["distribution"]), ", ".join(numbers)])
        return describe(value["value"])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(describe(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return str(value)


def _walk(
    table: Mapping[str, Any], prefix: str = "", about: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield (key, value, source and so on) of every value of a nested scenario."""
    own = {name: table[name] for name in _ABOUT if isinstance(table.get(name), str)}
    about = {**(about or {}), **own}
    for name, value in table.items():
        if name in _ABOUT:
            continue
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and ("distribution" in value or "value" in value):
            said = {part: value[part] for part in _ABOUT if part in value}
            yield key, value, {**about, **said}
        elif isinstance(value, Mapping):
            yield from _walk(value, f"{key}.", about)
        else:
            yield key, value, about


def _told(versions: list[Mapping[str, Any]]) -> list[str]:
    """Write each version of a rule: its dates, and the keys at which those in force differ."""
    known = [
        {key: describe(value) for key, value, _ in _walk(version)} if _in_force(version) else None
        for version in versions
    ]
    in_force = [version for version in known if version is not None]
    differing = [
        key
        for key in dict.fromkeys(key for version in in_force for key in version)
        if key not in (*_DATES, "enabled") and len({version.get(key) for version in in_force}) > 1
    ]
    return [
        "-"
        if version is None
        else "; ".join(
            [_dates(version), *(f"{key} {_cut(version.get(key, '-'))}" for key in differing)]
        )
        for version in known
    ]


def _in_force(rule: Mapping[str, Any]) -> bool:
    return rule.get("enabled") is not False and "instrument" in rule


def _dates(rule: Mapping[str, str]) -> str:
    parts = [f"{word} {rule[key]}" for word, key in zip(_WORDS, _DATES, strict=True) if key in rule]
    return " ".join(parts) or "in force"


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}..."
