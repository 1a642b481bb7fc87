"""What the commands say and draw of sweeps, of other seeds, and of mistakes."""

import shlex
import shutil
import subprocess
import sys
from html import unescape

import h5py
import matplotlib
import pytest
from conftest import program

import tollgate
from tollgate._command import main
from tollgate._report._load import load

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Write a small sweep: `sweep(keep, factor)`."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    folder = tmp_path_factory.mktemp("sweeps")

    def write(name: str, keep: str, factor: str):
        toml = folder / f"{name}.toml"
        toml.write_text(
            f'format = 1\ntitle = "{name}"\nbase = "h200-levy"\n'
            f'[sweep]\nreplicas = 4\ndesign = "grid"\nkeep = "{keep}"\n{factor}\n'
            "[set]\nrun.until = 2026-04-01\n"
        )
        file = folder / f"{name}.h5"
        if not file.exists():
            subprocess.run([program(), "sweep", str(toml), "-q", "-o", str(file)], check=True)
        return file

    return write


SCENARIOS = '[factor.policy]\nscenarios = ["ban", "h200-levy"]'
RATES = '[factor.rate]\nkey = "policy.levy.rate"\nlow = 0.0\nhigh = 0.4\nsteps = 9'


@pytest.fixture(scope="module")
def other_seed(tmp_path_factory):
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    path = tmp_path_factory.mktemp("seed") / "other.h5"
    options = ["--replicas", "4", "--until", "2027-01-01", "--seed", "2", "-q", "-o", str(path)]
    subprocess.run([program(), "run", "h200-levy", *options], check=True)
    return path


@pytest.mark.parametrize(
    "command", [["compare"], ["report"], ["plot", "fan"], ["plot", "prices"]], ids=" ".join
)
def test_a_sweep_of_summaries_is_refused_with_what_it_has_instead(command, sweep, tmp_path, capsys):
    file = sweep("summaries", "summary", SCENARIOS)
    output = [] if command == ["compare"] else ["-o", str(tmp_path / "x.svg")]
    assert main([*command, str(file), *output]) == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert "keeps summaries of each point" in said


@pytest.mark.parametrize("kind", ["prices", "prices-by-region", "pass-through", "supply"])
def test_pictures_by_chip_need_series_by_chip(kind, sweep, tmp_path, capsys):
    file = sweep("quarters", "quarterly", SCENARIOS)
    assert main(["plot", kind, str(file), "-o", str(tmp_path / "x.svg")]) == 2
    assert 'series by chip, which the file does not keep; run the sweep anew with keep = "all"' in (
        capsys.readouterr().err
    )


def test_policies_of_a_sweep_are_lines_of_one_fan(sweep, tmp_path):
    file = sweep("quarters", "quarterly", SCENARIOS)
    assert main(["plot", "fan", str(file), "-o", str(tmp_path / "x.svg")]) == 0


def test_more_lines_than_colours_are_refused(sweep, tmp_path, capsys):
    file = sweep("rates", "quarterly", RATES)
    assert main(["plot", "effect", str(file), "-o", str(tmp_path / "x.svg")]) == 2
    assert "8 lines are too many; give at most 7 policies" in capsys.readouterr().err


def test_failed_replicas_are_said(ban_and_levy, tmp_path, capsys):
    broken = tmp_path / "broken.h5"
    shutil.copy(ban_and_levy[0], broken)
    with h5py.File(broken, "a") as file:
        file["replica_status"][3] = 2
    assert main(["compare", str(broken), str(ban_and_levy[1])]) == 0
    assert "warning: 1 of 12 replicas" in capsys.readouterr().err
    output = str(tmp_path / "r.html")
    assert main(["report", str(broken), str(ban_and_levy[1]), "-o", output]) == 0
    assert capsys.readouterr().err == ""  # the page says it


def test_one_path_is_one_file(ban_and_levy):
    for path in (ban_and_levy[0], str(ban_and_levy[0])):
        assert list(load(path).policies) == ["ban"]


def test_runs_of_other_seeds_are_told_the_option_of_the_command(
    ban_and_levy, other_seed, tmp_path, capsys
):
    files = [str(ban_and_levy[0]), str(other_seed)]
    assert main(["compare", *files]) == 2
    said = capsys.readouterr().err
    assert "--unpaired compares them" in said
    assert "paired=False" not in said
    assert main(["compare", *files, "--unpaired"]) == 0
    printed = capsys.readouterr().out
    assert "Fewer" not in printed
    assert "share of replicas" not in printed
    assert "taken at random" in " ".join(printed.split())
    assert main(["plot", "effect", *files, "-o", str(tmp_path / "x.svg")]) == 2
    assert "paired=False" not in capsys.readouterr().err
    page = tollgate.report(files, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "ban and h200-levy do not share their luck: they differ in seed (1 and 2)" in page
    assert "paired=False" not in page


@pytest.mark.parametrize("inches", [["--width", "0"], ["--width=-3"], ["--height", "nan"]])
def test_a_picture_has_a_size(inches, ban_and_levy, tmp_path, capsys):
    given = ["plot", "fan", str(ban_and_levy[0]), *inches, "-o", str(tmp_path / "x.svg")]
    assert main(given) == 2
    assert "allowed are inches above 0" in capsys.readouterr().err


def test_what_is_not_installed_is_named_without_a_traceback(
    ban_and_levy, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis", None)
    given = ["plot", "box", *map(str, ban_and_levy), "--outcome", "compute_china"]
    assert main([*given, "-o", str(tmp_path / "x.svg")]) == 2
    assert "EMA Workbench" in capsys.readouterr().err


def test_regret_of_what_should_be_little_says_so(ban_and_levy, tmp_path):
    given = ["plot", "regret", *map(str, ban_and_levy), "--outcome", "grey_units.china"]
    more, less = tmp_path / "more.svg", tmp_path / "less.svg"
    assert main([*given, "-o", str(more)]) == 0
    assert main([*given, "--minimise", "-o", str(less)]) == 0
    assert more.read_bytes() != less.read_bytes()


def test_the_command_of_the_report_makes_the_same_page(ban_and_levy, tmp_path, monkeypatch):
    for path in ban_and_levy:
        shutil.copy(path, tmp_path / f"a {path.name}")
    monkeypatch.chdir(tmp_path)
    files = [f"a {path.name}" for path in ban_and_levy]
    page = tollgate.report(files, "my report.html", title="Ban & levy, twice").read_text("utf-8")
    (line,) = (line for line in unescape(page).splitlines() if "tollgate report 'a" in line)
    _, *words = shlex.split(line.replace("<pre>", "").replace("</pre>", ""))
    assert main([*words, "--overwrite"]) == 0
    assert (tmp_path / "my report.html").read_text("utf-8") == page
