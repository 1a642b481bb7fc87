"""Reading the files that a report is made from, and what they say about themselves."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr

from tollgate._dataset import COMPLETE, FAILED, NOT_RUN, open_dataset
from tollgate._errors import TollgateFileError
from tollgate._outcomes import outcomes
from tollgate._pairing import by_policy
from tollgate._scenario import factors, is_sweep, text


@dataclass(frozen=True)
class Source:
    """A file: its attributes as text, and how many replicas of it came to what end."""

    path: Path
    attrs: dict[str, str]
    complete: int
    failed: int
    not_run: int
    policies: tuple[str, ...]


@dataclass
class Inputs:
    """What a report is made from: runs by the name of their policy, and sweeps over a number."""

    policies: dict[str, xr.Dataset] = field(default_factory=dict)
    curves: dict[str, xr.Dataset] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)


def load(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, quiet: bool = False
) -> Inputs:
    """Open ensembles and sweeps, and give each policy a name.

    A policy has the name of its scenario, or of its file where two scenarios are named alike. A
    sweep over scenarios is split into its policies; a sweep over one number makes a curve, and, if
    nothing else is given, a policy of each value.

    Parameters
    ----------
    paths
        A file, or several.
    quiet
        Do not warn of replicas that failed and are left out; for a caller that says it itself.

    Raises
    ------
    TollgateFileError
        When a file cannot be used, keeps summaries only, or the same policy comes twice.

    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    inputs = Inputs()
    found: list[tuple[str, Path, xr.Dataset]] = []
    names_of: dict[Path, list[str]] = {}
    for path in map(Path, paths):
        if path in names_of:
            raise TollgateFileError(f"{path} is named twice; a policy is compared with others")
        names_of[path] = []
        with _silence() if quiet else nullcontext():
            ds = open_dataset(path)
        _check_keeps_replicas(ds, path)
        if not is_sweep(ds):
            found.append((text(ds.attrs["scenario_name"]), path, ds))
        elif "" in factors(ds).values():
            found += [(name, path, part) for name, part in by_policy(ds).items()]
        elif len(factors(ds)) == 1 and np.issubdtype(_only_factor(ds).dtype, np.number):
            inputs.curves[path.stem] = ds
        else:
            raise TollgateFileError(
                f"{path} is a sweep over {', '.join(factors(ds))}; runs, sweeps over scenarios and "
                "sweeps over one number can be used here; tollgate.sobol_indices, morris_indices "
                "and tornado are for the others"
            )
    if not found and len(inputs.curves) == 1:
        ((_, ds),) = inputs.curves.items()
        (path,) = names_of
        found = [(name, path, part) for name, part in by_policy(ds).items()]
    count = [name for name, _, _ in found]
    for name, path, ds in found:
        label = path.stem if count.count(name) > 1 else name
        if label in inputs.policies:
            raise TollgateFileError(
                f"{path} holds the policy {label!r}, which another file holds too; rename one of "
                "the files, or leave one out"
            )
        inputs.policies[label] = ds
        names_of[path].append(label)
    inputs.sources = [_source(path, tuple(names)) for path, names in names_of.items()]
    return inputs


@contextmanager
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_keeps_replicas(ds: xr.Dataset, path: Path) -> None:
    try:
        outcomes(ds, ())
    except ValueError as error:
        raise TollgateFileError(f"{path}: {error}") from error


def _only_factor(ds: xr.Dataset) -> xr.DataArray:
    (name,) = factors(ds)
    return ds[name]


def _source(path: Path, policies: tuple[str, ...]) -> Source:
    with open_dataset(path, keep_failed=True) as ds:
        status = ds.replica_status.values
        attrs = {str(key): text(value) for key, value in ds.attrs.items()}
    return Source(
        path=path,
        attrs=attrs,
        complete=int((status == COMPLETE).sum()),
        failed=int((status == FAILED).sum()),
        not_run=int(np.sum(status == NOT_RUN)),
        policies=policies,
    )
