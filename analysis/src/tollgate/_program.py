"""Running the program from Python: it simulates, and the dataset of its file comes back."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from tollgate._dataset import open_dataset
from tollgate._errors import TollgateRunError
from tollgate._progress import ProgressLine

_REPLICAS_FAILED = 3
_INTERRUPTED = 130
# After an interrupt the program finishes the replicas in flight and writes its file.
_GRACE_SECONDS = 10

Value = bool | int | float | str | datetime.date | Iterable[Any] | Mapping[str, Any]


def run(
    scenario: str | os.PathLike[str],
    *,
    replicas: int | None = None,
    set: Mapping[str, Value] | None = None,
    seed: int | None = None,
    until: str | datetime.date | None = None,
    threads: int | None = None,
    freeze: Literal["parameters", "noise"] | None = None,
    time_limit: str | None = None,
    until_ci: Mapping[str, float] | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: bool | None = None,
    program: str | os.PathLike[str] | None = None,
    **opening: Any,
) -> xr.Dataset:
    """Run a scenario with the program, and open what it wrote.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or path of a file.
    replicas
        Number of replicas; that of the scenario by default.
    set
        Values of keys, `{"policy.levy.rate": 0.15}`. A distribution is a mapping as in a scenario
        file, `{"distribution": "uniform", "low": 0.1, "high": 0.3, "source": "..."}`.
    seed
        Seed of all randomness. The same seed gives two scenarios the same luck.
    until
        First day after the run, "2028-01-01".
    threads
        All cores by default.
    freeze
        Give all replicas the same "parameters" or the same "noise".
    time_limit
        "90s", "10m" or "1.5h": begin no replica that would end later.
    until_ci
        Half widths by outcome, `{"domestic_share": 0.01}`: end when the medians are known so well.
    output
        File to write and keep. By default the file lies in a temporary folder that is removed when
        Python ends: the dataset is lazy and needs it. Such files add up over a long session (about
        0.1 MB for each replica of five years).
    overwrite, resume
        What to do when there is `output`, or what an earlier run has saved of it. By default an
        existing file is an error.
    progress
        Show how far it is. By default in a notebook and in a terminal.
    program
        Path of the program. By default the environment variable TOLLGATE_PROGRAM says it, or else
        `tollgate` is looked for on PATH.
    **opening
        `money`, `keep_failed`, `chunks` of `tollgate.open`.

    Returns
    -------
    xarray.Dataset
        As from `tollgate.open`.

    Raises
    ------
    TollgateRunError
        When there is no program, or it ends with an error: the message is what the program wrote,
        `status` its exit status.
    KeyboardInterrupt
        When interrupted. The program is told to stop, and has ended when this is raised; with
        `output` given, the replicas that were done are there or can be resumed.

    Warns
    -----
    UserWarning
        When some replicas failed (the program's exit status 3) or a limit ended the run early
        (130): the dataset holds the others.

    """
    command = ["run", os.fspath(scenario)]
    command += _options(
        replicas=replicas,
        seed=seed,
        until=until,
        threads=threads,
        freeze=freeze,
        time_limit=time_limit,
    )
    for outcome, width in (until_ci or {}).items():
        command += ["--until-ci", f"{outcome}={width!r}"]
    command += _sets(set) + ["--overwrite"] * overwrite + ["--resume"] * resume
    return _run(command, output, progress, program, opening)


def sweep(
    file: str | os.PathLike[str],
    *,
    replicas: int | None = None,
    set: Mapping[str, Value] | None = None,
    seed: int | None = None,
    threads: int | None = None,
    time_limit: str | None = None,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: bool | None = None,
    program: str | os.PathLike[str] | None = None,
    **opening: Any,
) -> xr.Dataset:
    """Run a sweep with the program, and open what it wrote.

    Parameters
    ----------
    file
        Name of a shipped sweep, or path of a file.
    replicas
        Number of replicas of each point.
    set
        Values of keys at all points.
    seed, threads, time_limit, output, overwrite, resume, progress, program, **opening
        As for `tollgate.run`.

    Returns
    -------
    xarray.Dataset
        As from `tollgate.open`, with point before replica.

    Raises
    ------
    TollgateRunError, KeyboardInterrupt
        As `tollgate.run`.

    """
    command = ["sweep", os.fspath(file)]
    command += _options(replicas=replicas, seed=seed, threads=threads, time_limit=time_limit)
    command += _sets(set) + ["--overwrite"] * overwrite + ["--resume"] * resume
    return _run(command, output, progress, program, opening)


def _options(**values: object) -> list[str]:
    """Write those that are given: time_limit="10m" is --time-limit 10m."""
    given = {name: value for name, value in values.items() if value is not None}
    return [word for n, value in given.items() for word in (f"--{n.replace('_', '-')}", str(value))]


def _sets(values: Mapping[str, Value] | None) -> list[str]:
    return [word for k, v in (values or {}).items() for word in ("--set", f"{k}={as_toml(v)}")]


def _run(
    command: list[str],
    output: str | os.PathLike[str] | None,
    progress: bool | None,
    program: str | os.PathLike[str] | None,
    opening: Mapping[str, Any],
) -> xr.Dataset:
    path = Path(output) if output is not None else _temporary_file(Path(command[1]).stem)
    command = [*command, "--json", "--output", os.fspath(path)]
    status, words = _call([find_program(program), *command], progress)
    if status in (_REPLICAS_FAILED, _INTERRUPTED) and path.exists():
        warnings.warn(f"{command[0]} {command[1]}: {words}", stacklevel=3)
    elif status != 0:
        raise TollgateRunError(_explained(status, words), status=status, text=words)
    return open_dataset(path, **opening)


def find_program(program: str | os.PathLike[str] | None = None) -> str:
    """Return the path of the program.

    Parameters
    ----------
    program
        Path or name; else TOLLGATE_PROGRAM, else `tollgate` on PATH.

    Raises
    ------
    TollgateRunError
        When there is none there.

    """
    named, where = program, "program"
    if named is None:
        named, where = os.environ.get("TOLLGATE_PROGRAM") or None, "TOLLGATE_PROGRAM"
    if found := shutil.which(os.fspath(named if named is not None else "tollgate")):
        return found
    if named is not None:
        raise TollgateRunError(f"{where} is {os.fspath(named)!r}, which is no program that can run")
    raise TollgateRunError(
        'there is no program `tollgate` on PATH; name it, program="path/to/tollgate", or set the '
        "environment variable TOLLGATE_PROGRAM. `./tollgate build` in a clone of the repository "
        "builds it, and the file ./tollgate there will do"
    )


def as_toml(value: Any) -> str:
    """Write a value as it would stand in a scenario file; text as a bare word.

    Parameters
    ----------
    value
        Truth values, numbers (numpy's too), dates, texts, and lists and mappings of them.

    """
    return value if isinstance(value, str) else _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(
            value, ensure_ascii=False
        )  # a basic string of TOML has the escapes of JSON
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(v)}" for key, v in value.items()) + " }"
    if isinstance(value, Iterable):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    raise TypeError(f"{value!r} of {type(value).__name__} cannot be the value of a key")


def _call(command: list[str], progress: bool | None) -> tuple[int, str]:
    """Run the program to its end; return its exit status and what it said beside its progress."""
    line = ProgressLine(progress)
    words: list[str] = []
    try:
        # A session of its own: Ctrl-C reaches the program once, from here, and not twice.
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise TollgateRunError(f"{command[0]} cannot be run: {error}") from error
    with child:
        try:
            for said in child.stderr or ():
                if not line.show(said.strip()):
                    words.append(said)
            status = child.wait()
        except BaseException:
            _stop(child)
            raise
        finally:
            line.finish()
    return status, "".join(words).strip()


def _stop(child: subprocess.Popen[str]) -> None:
    """Ask the program to end as Ctrl-C does, and kill it if it does not."""
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=_GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # a second Ctrl-C
        child.kill()
        child.wait()


def _explained(status: int, words: str) -> str:
    what = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return f"tollgate {what}" + (f":\n{words}" if words else ", without a word")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """For files that nobody named; removed when Python ends."""
    return tempfile.TemporaryDirectory(prefix="tollgate-")


_numbers = count(1)


def _temporary_file(stem: str) -> Path:
    return Path(_folder().name) / f"{stem}-{next(_numbers)}.h5"
