"""Which levies two scenarios differ in, and which chips they are on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def levied_chips(with_levy: Mapping[str, Any], without: Mapping[str, Any]) -> set[str]:
    """Chips that levies touch, of the levies in which two scenarios differ (of all if in none).

    Parameters
    ----------
    with_levy, without
        Resolved scenarios, of `tollgate.scenario`.

    Returns
    -------
    set of str
        By what the scenario says of the chip; dates and destinations are not looked at, and a
        limit of something that the scenario does not say of a chip excludes it.

    """
    rules = differing_levies(with_levy, without) or levies(with_levy)
    return {
        chip
        for chip, keys in with_levy["chip"].items()
        if any(touches(rule, chip, keys) for rule in rules.values())
    }


def differing_levies(
    with_levy: Mapping[str, Any], without: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Levies of a scenario that another has not, or not alike, by name.

    Parameters
    ----------
    with_levy, without
        Resolved scenarios, of `tollgate.scenario`.

    """
    others = without.get("policy", {})
    return {n: p for n, p in levies(with_levy).items() if others.get(n) != p}


def levies(resolved: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Levies of a scenario that are enabled, by name."""
    return {
        n: p
        for n, p in resolved.get("policy", {}).items()
        if p.get("instrument") == "levy" and p.get("enabled", True)
    }


# Limits of rules, and the key of the chip with its scale in the unit of the limit.
_LIMITS = {
    "tpp": ("tpp", 1.0),
    "performance_density": ("performance_density", 1.0),
    "dram_bandwidth_gbs": ("dram_bandwidth_tbs", 1000.0),
    "io_bandwidth_gbs": ("io_bandwidth_gbs", 1.0),
}


def touches(rule: Mapping[str, Any], chip: str, keys: Mapping[str, Any]) -> bool:
    """Whether a rule is on a chip, by what the scenario says of it."""
    for limit, mine in (("chips", chip), ("vendors", keys.get("vendor"))):
        if rule.get(limit) and mine not in rule[limit]:
            return False
    for limit, (key, scale) in _LIMITS.items():
        if limit not in rule:
            continue
        value = keys.get(key)
        value = value.get("value") if isinstance(value, dict) else value
        low, high = (rule[limit].get(end) for end in ("low", "high"))
        if value is None or any(isinstance(end, dict) for end in (low, high)):
            return False
        if not (low is None or value * scale >= low) or not (high is None or value * scale <= high):
            return False
    return True
