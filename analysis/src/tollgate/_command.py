"""The commands `tollgate-compare`, `tollgate-report` and `tollgate-plot`."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl

from tollgate._errors import TollgateError, TollgatePairingError

_MISTAKE = 2
_ENDINGS = (".png", ".svg", ".pdf")


def compare_main(arguments: Sequence[str] | None = None) -> int:
    """Print differences between policies: `tollgate compare a.h5 b.h5`."""
    parser = _parser("compare", "Compare policies with the first one, replica by replica")
    _inputs(parser)
    parser.add_argument(
        "--outcome",
        action="append",
        metavar="NAME",
        help="only this outcome, e.g. domestic_share (repeatable); default: the most asked for",
    )
    parser.add_argument("--all", action="store_true", help="every outcome that is not zero")
    parser.add_argument(
        "--unpaired",
        action="store_true",
        help="compare as independent samples, for runs of different seeds",
    )
    parser.add_argument("--csv", metavar="FILE", help="write the table as CSV besides")
    parser.add_argument("--overwrite", action="store_true", help="replace the CSV if it exists")
    return _run(parser, arguments, _compare)


def report_main(arguments: Sequence[str] | None = None) -> int:
    """Write a report: `tollgate report a.h5 b.h5 -o report.html`."""
    parser = _parser("report", "Write a report on policies as one HTML file")
    _inputs(parser)
    parser.add_argument("-o", "--output", default="report.html", metavar="FILE")
    parser.add_argument("--title", help="instead of the policies' names")
    parser.add_argument("--tables", metavar="FOLDER", help="write every table as CSV there besides")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    return _run(parser, arguments, _report)


def plot_main(arguments: Sequence[str] | None = None) -> int:
    """Draw a picture: `tollgate plot compute a.h5 b.h5 -o compute.svg`."""
    from tollgate._plot import KINDS

    parser = _parser("plot", "Draw a picture of one or more runs")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "kinds:\n" + "\n".join(
        f"  {name:<16} {kind.help}" for name, kind in KINDS.items()
    )
    parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help="what to draw, see below")
    _inputs(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="ends in .png, .svg or .pdf; default: KIND.png"
    )
    parser.add_argument(
        "--variable", metavar="NAME", help="of the file, for fan and effect; see `tollgate info`"
    )
    parser.add_argument(
        "--outcome",
        metavar="NAME",
        help="for box, convergence, curve, regret and tornado; box and regret take more of it as "
        "better, unless --minimise is given",
    )
    parser.add_argument(
        "--minimise", action="store_true", help="less of the outcome is better, for box and regret"
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="AXIS=LABEL",
        help="keep a label, e.g. region=china (repeatable; of one axis: each a line); other axes "
        "are summed",
    )
    parser.add_argument("--width", type=float, default=8.0, help="inches; below 5.5 for a column")
    parser.add_argument("--height", type=float, help="inches; default: that of the kind")
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    return _run(parser, arguments, _plot)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m tollgate compare|report|plot ...`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands: dict[str, Callable[[Sequence[str]], int]] = {
        "compare": compare_main,
        "plot": plot_main,
        "report": report_main,
    }
    if given and given[0] in commands:
        return commands[given[0]](given[1:])
    names = ", ".join(commands)
    if given and given[0] in ("-h", "--help"):
        print(f"usage: python -m tollgate {{{names}}} ...\n\nEach of them takes --help.")
        return 0
    said = f"no command {given[0]!r}" if given else "no command"
    print(f"tollgate: {said}; there are {names}", file=sys.stderr)
    return _MISTAKE


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"tollgate {name}", description=description)


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE.h5", help="output of `tollgate run` or `tollgate sweep`"
    )
    parser.add_argument(
        "--reference", metavar="POLICY", help="compare with this policy; default: the first"
    )


def _run(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    command: Callable[[argparse.Namespace], None],
) -> int:
    """Run a command; a mistake of the user is a message and status 2."""
    given = parser.parse_args(arguments)
    mpl.use("Agg")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            command(given)
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (TollgateError, ImportError, OSError, ValueError, KeyError) as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"{parser.prog}: {text}", file=sys.stderr)
        return _MISTAKE
    return 0


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {message}", file=sys.stderr)


def _keep(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already; --overwrite replaces it")


def _compare(given: argparse.Namespace) -> None:
    from tollgate._comparison import compare
    from tollgate._report._answer import key_outcomes
    from tollgate._report._load import load
    from tollgate._terminal import comparison_lines

    if given.csv:
        _keep(Path(given.csv), given.overwrite)
    policies = load(given.files).policies
    reference = given.reference or next(iter(policies), "")
    names = given.outcome or (None if given.all else key_outcomes(policies))
    try:
        table = compare(policies, reference, names, paired=not given.unpaired)
    except TollgatePairingError as error:
        said = str(error).replace("paired=False", "--unpaired")
        raise TollgatePairingError(said) from error
    print("\n".join(comparison_lines(table, reference)))
    if given.csv:
        Path(given.csv).write_text(table.to_csv(lineterminator="\n"), encoding="utf-8")


def _report(given: argparse.Namespace) -> None:
    from tollgate._report import report

    try:
        path = report(
            given.files,
            given.output,
            reference=given.reference,
            title=given.title,
            tables=given.tables,
            overwrite=given.overwrite,
        )
    except FileExistsError as error:
        raise FileExistsError(str(error).replace("overwrite=True", "--overwrite")) from error
    print(f"Written to {path}")


def _plot(given: argparse.Namespace) -> None:
    from tollgate._plot import Options, draw
    from tollgate._report._figures import svg_of

    output = Path(given.output or f"{given.kind}.png")
    if output.suffix not in _ENDINGS:
        raise ValueError(f"{output} should end in {', '.join(_ENDINGS)}")
    _keep(output, given.overwrite)
    for option, inches in (("--width", given.width), ("--height", given.height)):
        if inches is not None and not (math.isfinite(inches) and inches > 0):
            raise ValueError(f"{option} is {inches:g}; allowed are inches above 0")
    options = Options(
        reference=given.reference,
        variable=given.variable,
        outcome=given.outcome,
        minimise=given.minimise,
        select=given.select,
        width=given.width,
        height=given.height,
    )
    try:
        figure = draw(given.kind, given.files, options)
    except TollgatePairingError as error:  # no picture is drawn of independent samples
        raise TollgatePairingError(re.sub(r"; paired=False[^;]*", "", str(error))) from error
    if output.suffix == ".svg":
        output.write_bytes(svg_of(figure))
    else:
        metadata = {"CreationDate": None} if output.suffix == ".pdf" else None
        figure.savefig(output, dpi=150, bbox_inches="tight", metadata=metadata)
    print(f"Written to {output}")
