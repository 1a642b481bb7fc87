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
_NAMES_SHOWN = 4


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
        Index rule; columns instrument, one for each policy ("from 2026-01-15 to 2026-08-21", "-"
        where the rule is not there or not enabled) and source.

    """
    rules = {name: scenario(ds).get("policy", {}) for name, ds in policies.items()}
    rows = {}
    for rule in sorted({rule for there in rules.values() for rule in there}):
        versions = [there.get(rule, {"enabled": False}) for there in rules.values()]
        if all(version == versions[0] for version in versions):
            continue
        known = next(version for version in versions if "instrument" in version)
        rows[rule] = {
            "instrument": known["instrument"],
            **{name: _dates(version) for name, version in zip(rules, versions, strict=True)},
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


def _dates(rule: Mapping[str, Any]) -> str:
    if rule.get("enabled") is False or "instrument" not in rule:
        return "-"
    parts = [
        f"{word} {describe(rule[key])}"
        for word, key in (("from", "effective"), ("to", "until"))
        if key in rule
    ]
    return " ".join(parts) or "in force"
