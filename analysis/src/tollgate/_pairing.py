"""Whether runs share their luck replica by replica, and which replicas they share."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import xarray as xr

from tollgate._errors import TollgatePairingError
from tollgate._scenario import factors, text

# What runs must agree in to have the same luck, and what files without it had.
_SHARED = {
    "seed": ("seed", ""),
    "sampling": ("sampling design", "plain"),
    "frozen": ("what is frozen", "nothing"),
}


def by_policy(ds: xr.Dataset, factor: str | None = None) -> dict[str, xr.Dataset]:
    """Split several runs, or the points of a sweep, into one dataset for each policy.

    Parameters
    ----------
    ds
        With the dimension policy, from `tollgate.open` of several files; or a sweep. If other
        factors vary too, select their values first: `ds.where(ds.wait == 0.5, drop=True)`, or
        `ds.isel(point=ds.wait == 0.5)`, which keeps integers.
    factor
        Of a sweep: its values name the policies. By default the factor of scenarios, or else the
        only factor.

    Returns
    -------
    dict of str to xarray.Dataset
        With dimension replica, in the order of the file. A number names its policy as
        `rate=0.25`.

    Raises
    ------
    ValueError
        When there is nothing to split by, or a value of the factor has more than one point.

    """
    if "policy" in ds.dims:
        return {str(name): ds.sel(policy=name) for name in ds.policy.values}
    if "point" not in ds.dims:
        raise ValueError("this is one run; by_policy splits a sweep, or several runs opened as one")
    keys = factors(ds)
    if factor is None:
        scenarios = [name for name, key in keys.items() if key == ""] or list(keys)
        if len(scenarios) != 1:
            raise ValueError(f"say which factor names the policies: {', '.join(keys)}")
        factor = scenarios[0]
    if factor not in keys:
        raise ValueError(f"there is no factor {factor!r}; there are {', '.join(keys)}")
    result: dict[str, xr.Dataset] = {}
    for point, value in enumerate(ds[factor].values):
        name = _name(factor, value)
        if name in result:
            raise ValueError(
                f"{factor} = {value} has more than one point; select values of the other factors "
                f"first ({', '.join(k for k in keys if k != factor) or 'none varies'}): "
                "ds.isel(point=ds.FACTOR == VALUE)"
            )
        result[name] = ds.isel(point=point)
    return result


def _name(factor: str, value: object) -> str:
    if isinstance(value, (str, bytes)):
        return text(value)
    if isinstance(value, np.datetime64):
        return f"{factor}={np.datetime_as_string(value, unit='D')}"
    return f"{factor}={value:g}"


def as_policies(datasets: Mapping[str, xr.Dataset] | xr.Dataset) -> dict[str, xr.Dataset]:
    """Give datasets by name, whatever they come in, without dimensions that are not compared."""
    result = by_policy(datasets) if isinstance(datasets, xr.Dataset) else dict(datasets)
    for name, ds in result.items():
        if not isinstance(ds, xr.Dataset):
            raise TypeError(
                f"{name!r} is {ds!r} of type {type(ds).__name__}, not a dataset; open a file with "
                "tollgate.open(path)"
            )
    if len(result) < 2:
        raise ValueError(f"a comparison needs two policies or more, not {len(result)}")
    for name, ds in result.items():
        over = [dim for dim in ("policy", "point") if dim in ds.dims]
        if over:
            raise ValueError(
                f"{name!r} has the dimension {over[0]}; tollgate.by_policy splits it, or select "
                f"with .sel({over[0]}=...)"
            )
    return result


def why_unpaired(a: xr.Dataset, b: xr.Dataset) -> str:
    """Say what keeps replica i of one run from having the luck of replica i of the other.

    Returns
    -------
    str
        Empty when they are paired.

    """
    for name, (what, default) in _SHARED.items():
        one, other = (text(ds.attrs.get(name, default)) for ds in (a, b))
        if one != other:
            return f"they differ in {what} ({one} and {other})"
    for ds in (a, b):
        if text(ds.attrs.get("common_noise", "true")) != "true":
            return "each point of the sweep has noise of its own (common_noise = false)"
    if text(a.attrs.get("sampling", "plain")) == "lhs":
        one, other = (int(ds.attrs["replicas_planned"]) for ds in (a, b))
        if one != other:
            return f"draws by lhs depend on the number of replicas ({one} and {other})"
    if not shared_replicas(a, b).size:
        return "they have no replica in common"
    return _different_draws(a, b)


def _different_draws(a: xr.Dataset, b: xr.Dataset) -> str:
    """Look at the proof: parameters that both draw are the same in the same replica."""
    if "draw" not in a or "draw" not in b:
        return ""
    replicas = shared_replicas(a, b)[:8]
    keys = np.intersect1d(a.parameter.values, b.parameter.values)
    one, other = (ds.draw.sel(replica=replicas, parameter=keys).values for ds in (a, b))
    drawn = ~(np.isnan(one) | np.isnan(other)).any(axis=0)
    same = (one == other).all(axis=0) & drawn
    # A policy may give a parameter another distribution, and so another number; not most of them.
    if drawn.any() and same.sum() < 0.5 * drawn.sum():
        return (
            f"only {same.sum()} of the {drawn.sum()} parameters that both draw are the same "
            "(sobol: a key that is uncertain in one alone moves all behind it)"
        )
    return ""


def shared_replicas(a: xr.Dataset, b: xr.Dataset) -> np.ndarray:
    """Return the numbers of the replicas that both have."""
    return np.intersect1d(a.replica.values, b.replica.values)


def check_paired(name_a: str, a: xr.Dataset, name_b: str, b: xr.Dataset, *, hint: str) -> None:
    """Raise `TollgatePairingError` unless two runs share their luck and their quarters."""
    check_period(name_a, a, name_b, b)
    if reason := why_unpaired(a, b):
        raise TollgatePairingError(
            f"{name_a!r} and {name_b!r} cannot be compared replica by replica: {reason}; {hint}"
        )
    warn_of_versions({name_a: a, name_b: b})


def warn_of_versions(runs: Mapping[str, xr.Dataset]) -> None:
    """Warn when programs of different versions have made the runs."""
    made_by = {
        name: f"{ds.attrs.get('tollgate_version', '?')} ({ds.attrs.get('git_commit', '?')})"
        for name, ds in runs.items()
    }
    if len(set(made_by.values())) > 1:
        warnings.warn(
            "what differs may be the program: "
            + ", ".join(f"{name} is of version {version}" for name, version in made_by.items()),
            stacklevel=4,
        )


def check_period(name_a: str, a: xr.Dataset, name_b: str, b: xr.Dataset) -> None:
    """Raise `TollgatePairingError` unless two runs have the same quarters."""
    if not np.array_equal(a.time.values, b.time.values):
        spans = [f"{ds.quarter.values[0]} to {ds.quarter.values[-1]}" for ds in (a, b)]
        raise TollgatePairingError(
            f"{name_a!r} runs over {spans[0]}, {name_b!r} over {spans[1]}; run both over the same "
            "time, or select the quarters that both have"
        )
