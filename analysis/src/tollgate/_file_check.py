"""What a file is, found out before it is read: ours, whole, of a format that we know."""

from __future__ import annotations

import os
from pathlib import Path

import h5py

from tollgate._errors import TollgateFileError
from tollgate._scenario import text

_FORMAT = 2
_KINDS = ("ensemble", "sweep")
_MOST_NAMED = 5


def check_file(path: Path) -> None:
    """Raise `TollgateFileError` unless `path` is a whole ensemble or sweep that can be read."""
    partial = path.with_name(path.name + ".partial")
    if path.suffix == ".partial" and path.exists():
        partial = path
    if partial.exists() and (partial == path or not path.exists()):
        raise TollgateFileError(
            f"{partial} is what a run that is not finished has saved; complete it with `tollgate "
            f"run ... --resume`, or read what is there after `tollgate recover {partial} -o FILE`"
        )
    if not path.exists():
        raise TollgateFileError(
            f"there is no file {path}; `tollgate run SCENARIO -o {path}` writes one"
        )
    if path.is_dir():
        raise TollgateFileError(_about_folder(path))
    if path.suffix == ".tmp":
        raise TollgateFileError(f"{path} is the unfinished file of a run; wait for its final name")
    if not h5py.is_hdf5(path):
        raise TollgateFileError(f"{path} is no HDF5 file, or was cut short; run the scenario again")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise TollgateFileError(
            f"{path} cannot be read, perhaps it was cut short ({error}); run the scenario again"
        ) from error
    with file:
        _check_marks(file, path)
        _check_shards(file, path)


def _about_folder(path: Path) -> str:
    if any(path.glob("shard-*-of-*.h5*")):
        return (
            f"{path} is a folder with shards of a sweep; `tollgate merge {path} -o FILE` makes one "
            "file of them, `tollgate status` says whether all are there"
        )
    return (
        f"{path} is a folder; name a file in it, or all of them by a pattern: "
        f'tollgate.open("{path / "*.h5"}")'
    )


def _check_marks(file: h5py.File, path: Path) -> None:
    kind = text(file.attrs.get("tollgate_file_type", ""))
    if not kind:
        raise TollgateFileError(
            f"{path} is HDF5 but not an ensemble or sweep written by tollgate; for other netCDF "
            "files there is xarray.open_dataset"
        )
    if "tollgate_format_version" not in file.attrs:
        raise TollgateFileError(
            f"{path} does not say its tollgate_format_version; another program has changed it, "
            "so run the scenario again"
        )
    version = int(file.attrs["tollgate_format_version"])
    if version > _FORMAT:
        raise TollgateFileError(
            f"{path} has file format {version}, this package reads up to {_FORMAT}; "
            "install a newer tollgate package"
        )
    if kind not in _KINDS:
        raise TollgateFileError(
            f"{path} is a file of tollgate of the type {kind!r}; tollgate.open reads "
            f"{' and '.join(_KINDS)} files, and a newer package perhaps this one"
        )
    if shard := text(file.attrs.get("shard", "")):
        raise TollgateFileError(
            f"{path} is shard {shard} of a sweep and holds a part of its points; "
            f"`tollgate merge {path.parent} -o FILE` makes one file of all shards, with --partial "
            "of those that are there"
        )


def _check_shards(file: h5py.File, path: Path) -> None:
    """HDF5 reads a shard that is gone or cut short as missing values, without an error."""
    if "shard_file" not in file:
        return
    wrong = []
    for name, size in zip(file["shard_file"][:], file["shard_bytes"][:], strict=True):
        name = text(name)
        try:
            found = os.stat(path.parent / name).st_size
        except OSError:
            wrong.append(f"  {name}: is not there")
            continue
        if found != size:
            wrong.append(f"  {name}: has {found} bytes, had {size}")
    if wrong:
        more = len(wrong) - _MOST_NAMED
        listed = wrong[:_MOST_NAMED] + ([f"  ... and {more} more"] if more > 0 else [])
        raise TollgateFileError(
            f"{path} maps shards that are not as they were; they would be read as missing values "
            "without a word:\n" + "\n".join(listed) + "\nPut them back, or merge again"
        )
