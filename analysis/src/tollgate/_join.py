"""Several runs as one dataset: the same world and the same luck under different policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from tollgate._errors import TollgateFileError
from tollgate._pairing import warn_of_versions
from tollgate._scenario import is_sweep, text

# What runs must agree in, and how the message names it.
_SHARED = {
    "seed": "seed",
    "sampling": "sampling design",
    "frozen": "what is frozen",
    "focus_region": "focus region",
    "reference_region": "reference region",
}
_FIXED_AXES = {"region": "regions", "workload": "workloads", "origin": "origins"}
_DEFAULTS = {"sampling": "plain", "frozen": "nothing"}  # of files older than the attribute
_HINT = (
    "open them one by one, {name: tollgate.open(file)}, and tollgate.compare says what of them "
    "can be compared"
)


def join(
    parts: Sequence[xr.Dataset], paths: Sequence[Path], names: Sequence[str] | None = None
) -> xr.Dataset:
    """Put runs of different scenarios side by side, with a new dimension policy.

    Parameters
    ----------
    parts
        Ensembles, opened with dask.
    paths
        Where each comes from, for messages and as names of last resort.
    names
        Of the policies.

    Returns
    -------
    xarray.Dataset
        See `open_dataset`.

    Raises
    ------
    TollgateFileError
        When they do not fit together; the message says what differs, file by file.

    """
    _check_kinds(parts, paths)
    for what, values in _what_must_agree(parts).items():
        if len(set(values)) > 1:
            raise TollgateFileError(
                f"these files differ in {what}: "
                + ", ".join(f"{p} has {v}" for p, v in zip(paths, values, strict=True))
                + f"; {_HINT}"
            )
    labels = list(names) if names is not None else _names(parts, paths)
    repeated = [name for name, n in Counter(labels).items() if n > 1]
    if repeated:
        raise TollgateFileError(
            f"two policies are named {repeated[0]!r}; give names by a mapping: "
            'tollgate.open({"mild": "a.h5", "harsh": "b.h5"})'
        )
    warn_of_versions({str(path): part for path, part in zip(paths, parts, strict=True)})
    replicas = _shared_replicas(parts, paths)
    axes = sorted({str(d) for part in parts for d in part.dims} - {"replica", "time"})
    union = {
        axis: _union([part[axis].values for part in parts if axis in part.dims]) for axis in axes
    }
    aligned = [
        part.sel(replica=replicas).reindex(
            {axis: labels_ for axis, labels_ in union.items() if axis in part.dims},
            fill_value={name: _fill(variable) for name, variable in part.variables.items()},
        )
        for part in parts
    ]
    along_policy = [
        name
        for name, variable in aligned[0].data_vars.items()
        if "replica" in variable.dims or name == "scenario_toml"
    ]
    described = _descriptions(aligned)
    joined = xr.concat(
        [part.drop_vars(described)[_common(aligned, along_policy)] for part in aligned],
        xr.DataArray(labels, dims="policy", name="policy", attrs={"long_name": "Policy"}),
        coords="minimal",
        compat="override",
        join="override",
        combine_attrs="drop_conflicts",
    )
    return joined.assign_coords(described)


def _check_kinds(parts: Sequence[xr.Dataset], paths: Sequence[Path]) -> None:
    sweeps = [str(path) for part, path in zip(parts, paths, strict=True) if is_sweep(part)]
    if sweeps:
        raise TollgateFileError(
            f"{', '.join(sweeps)}: a sweep cannot be joined with other files; open it alone, and "
            "tollgate.by_policy gives its points or scenarios by name"
        )
    seen: dict[tuple[str, str], Path] = {}
    for part, path in zip(parts, paths, strict=True):
        mark = (text(part.scenario_toml.values.item()), str(part.attrs.get("seed")))
        if mark in seen:
            raise TollgateFileError(
                f"{seen[mark]} and {path} are runs of the same scenario with the same seed; name "
                "one of them only"
            )
        seen[mark] = path


def _what_must_agree(parts: Sequence[xr.Dataset]) -> dict[str, list[str]]:
    """Values of each file, by what they are."""
    table = {"the period": [f"{p.quarter.values[0]} to {p.quarter.values[-1]}" for p in parts]}
    for name, what in _SHARED.items():
        table[what] = [str(p.attrs.get(name, _DEFAULTS.get(name, "none"))) for p in parts]
    for axis, what in _FIXED_AXES.items():
        table[what] = [" ".join(map(str, p[axis].values)) for p in parts]
    if any(value == "lhs" for value in table["sampling design"]):
        table["the number of replicas, on which draws by lhs depend"] = [
            str(p.attrs.get("replicas_planned")) for p in parts
        ]
    return table


def _names(parts: Sequence[xr.Dataset], paths: Sequence[Path]) -> list[str]:
    names = [text(part.attrs.get("scenario_name", "")) for part in parts]
    return names if len(set(names)) == len(names) else [path.stem for path in paths]


def _shared_replicas(parts: Sequence[xr.Dataset], paths: Sequence[Path]) -> np.ndarray:
    shared = parts[0].replica.values
    for part in parts[1:]:
        shared = np.intersect1d(shared, part.replica.values)
    if not shared.size:
        raise TollgateFileError(f"no replica is in all of {', '.join(map(str, paths))}; {_HINT}")
    return shared


def _union(axes: Sequence[np.ndarray]) -> list[str]:
    """Labels of all, in the order in which they are first met."""
    return list(dict.fromkeys(str(label) for axis in axes for label in axis))


def _fill(variable: xr.Variable) -> object:
    if variable.dtype.kind in "iu":
        return 0
    return "" if variable.dtype.kind in "OSUT" else np.nan


def _common(parts: Sequence[xr.Dataset], names: Sequence[object]) -> list[object]:
    return [name for name in names if all(name in part for part in parts)]


def _descriptions(parts: Sequence[xr.Dataset]) -> dict[str, xr.Variable]:
    """Units and sources of the parameters, of the first file that has each."""
    found: dict[str, xr.Variable] = {}
    for name in ("parameter_unit", "parameter_source"):
        columns = [part[name] for part in parts if name in part.coords]
        if not columns:
            continue
        values = columns[0].values.astype(object)
        for column in columns[1:]:
            values = np.where(values == "", column.values.astype(object), values)
        found[name] = xr.Variable(("parameter",), values.astype(str), columns[0].attrs)
    return found
