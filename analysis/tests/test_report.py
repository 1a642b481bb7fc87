import base64
import io
import re
import shutil
import subprocess
import sys

import h5py
import matplotlib
import pandas as pd
import pytest

import tollgate
from tollgate._command import main
from tollgate._plot import KINDS

matplotlib.use("Agg")


@pytest.fixture
def written(report_with_tables):
    return report_with_tables, report_with_tables.read_text(encoding="utf-8")


def test_the_page_holds_everything_and_asks_for_nothing(written):
    _, page = written
    assert "<script" not in page
    addresses = re.findall(r'(?:src|srcset|href)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "default-src 'none'" in page


def test_the_page_says_how_it_was_made(written, ban_and_levy):
    _, page = written
    with tollgate.open(ban_and_levy[0]) as ds:
        for key in ("command_line", "git_commit", "tollgate_version"):
            assert str(ds.attrs[key]) in page
    assert "tollgate report ban.h5 h200-levy.h5" in page


def test_every_table_in_the_page_is_also_a_csv_in_the_folder(written):
    path, page = written
    links = dict(re.findall(r'href="(data:text/csv[^"]*)" download="([^"]*)"', page))
    names = set(links.values())
    folder = path.parent / "tables"
    assert {file.name for file in folder.iterdir()} == names
    assert {"comparison.csv", "assumptions.csv", "conservation.csv", "replicas.csv"} <= names
    for address, name in links.items():
        content = base64.b64decode(address.split(",", 1)[1])
        assert content == (folder / name).read_bytes(), name
        assert not pd.read_csv(io.BytesIO(content)).empty


def test_the_numbers_are_those_of_the_comparison(written, ban_and_levy):
    path, _ = written
    runs = {file.stem: tollgate.open(file) for file in ban_and_levy}
    expected = tollgate.compare(runs)
    table = pd.read_csv(path.parent / "tables" / "differences.csv", index_col=[0, 1])
    columns = ["difference", "low", "high", "unpaired_low", "variance_ratio"]
    pd.testing.assert_frame_equal(table[columns], expected[columns], check_dtype=False)


def test_chips_and_cents_add_up(written):
    path, _ = written
    table = pd.read_csv(path.parent / "tables" / "conservation.csv", index_col=0)
    assert (table == 0).all(axis=None)


def test_the_same_files_make_the_same_page(written, ban_and_levy, tmp_path):
    _, page = written
    again = tollgate.report(ban_and_levy, tmp_path / "report.html")
    assert again.read_text(encoding="utf-8") == page


def test_a_report_on_one_policy_compares_nothing(ban_and_levy, tmp_path):
    path = tollgate.report(ban_and_levy[:1], tmp_path / "one.html")
    page = path.read_text(encoding="utf-8")
    assert "With one policy there is nothing to compare" in page
    assert "Compared with" not in page


def test_runs_of_different_seeds_are_compared_as_independent_samples(ban_and_levy, tmp_path):
    from conftest import program

    other = tmp_path / "other.h5"
    options = ["--replicas", "6", "--until", "2027-01-01", "--seed", "2", "-q", "-o", str(other)]
    subprocess.run([program(), "run", "h200-levy", *options], check=True)
    path = tollgate.report([ban_and_levy[0], other], tmp_path / "r.html")
    page = path.read_text(encoding="utf-8")
    assert "Compared as independent samples" in page
    assert "they differ in seed (1 and 2)" in page
    assert "share no luck" in page


def test_an_output_that_is_there_stays_unless_told_otherwise(ban_and_levy, tmp_path, capsys):
    path = tmp_path / "report.html"
    path.write_text("mine")
    files = [str(ban_and_levy[0])]
    assert main(["report", *files, "-o", str(path)]) == 2
    assert path.read_text() == "mine"
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert main(["report", *files, "-o", str(path), "--overwrite"]) == 0
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_compare_prints_80_columns_and_writes_the_csv(ban_and_levy, tmp_path, capsys):
    csv = tmp_path / "table.csv"
    assert main(["compare", *map(str, ban_and_levy), "--all", "--csv", str(csv)]) == 0
    printed = capsys.readouterr().out
    assert "h200-levy against ban, means of 12 pairs of replicas" in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert "domestic_share" in printed
    assert set(pd.read_csv(csv).policy) == {"h200-levy"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "{ban}"], "a comparison needs two policies or more, not 1"),
        (["compare", "{ban}", "nowhere.h5"], "there is no file nowhere.h5"),
        (["compare", "{ban}", "{ban}"], "is named twice"),
        (["compare", "{ban}", "{levy}", "--reference", "gate"], "gate"),
        (["compare", "{ban}", "{levy}", "--outcome", "luck"], "no outcome luck"),
        (["report", "{ban}", "--reference", "gate"], "no policy is called 'gate'; there are ban"),
        (["plot", "prices", "{ban}"], "prices needs 2 policies, there is 1"),
        (["plot", "fan", "{ban}", "--variable", "luck"], "no series 'luck'; there are"),
        (["plot", "fan", "{ban}", "--select", "region"], "should be AXIS=LABEL"),
        (["plot", "fan", "{ban}", "--variable", "price"], "--select chip=LABEL"),
        (["plot", "fan", "{ban}", "-o", "x.gif"], "x.gif should end in .png, .svg, .pdf"),
        (["plot", "curve", "{ban}"], "curve needs the file of one sweep"),
    ],
)
def test_a_mistake_is_status_2_and_a_message(arguments, said, ban_and_levy, tmp_path, capsys):
    ban, levy = map(str, ban_and_levy)
    given = [argument.format(ban=ban, levy=levy) for argument in arguments]
    if "-o" not in given and given[0] != "compare":
        given += ["-o", str(tmp_path / "out.html" if given[0] == "report" else tmp_path / "o.png")]
    assert main(given) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"box", "curve", "who-pays"}))
def test_each_kind_of_picture_is_drawn_from_files(kind, ban_and_levy, tmp_path):
    path = tmp_path / "picture.svg"
    assert main(["plot", kind, *map(str, ban_and_levy), "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"<?xml")
    assert len(path.read_bytes()) > 10_000


def test_a_picture_has_the_same_bytes_each_time(ban_and_levy, tmp_path):
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        assert main(["plot", "compute", *map(str, ban_and_levy), "-o", str(path)]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_package_is_a_program_too(ban_and_levy):
    done = subprocess.run(
        [sys.executable, "-m", "tollgate", "march"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no command 'march'; there are compare, plot, report" in done.stderr


def test_a_sweep_over_scenarios_that_keeps_quarters_alone_can_be_reported(tmp_path, capsys):
    from conftest import program

    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    sweep = tmp_path / "two.toml"
    sweep.write_text(
        'format = 1\ntitle = "Two"\nbase = "h200-levy"\n'
        '[sweep]\nreplicas = 6\ndesign = "grid"\nkeep = "quarterly"\n'
        '[factor.policy]\nscenarios = ["ban", "h200-levy"]\n'
        "[set]\nrun.until = 2026-10-01\n"
    )
    file = tmp_path / "two.h5"
    subprocess.run([program(), "sweep", str(sweep), "-q", "-o", str(file)], check=True)
    path = tmp_path / "two.html"
    assert main(["report", str(file), "-o", str(path)]) == 0
    assert "h200-levy against ban" in path.read_text(encoding="utf-8")
    assert capsys.readouterr().err == ""


def test_a_sweep_over_one_number_makes_a_curve_and_its_values_are_policies(tmp_path):
    from conftest import program

    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    sweep = tmp_path / "rates.toml"
    sweep.write_text(
        'format = 1\ntitle = "Rates"\nbase = "h200-levy"\n'
        '[sweep]\nreplicas = 6\ndesign = "grid"\n'
        '[factor.rate]\nkey = "policy.levy.rate"\nlow = 0.0\nhigh = 0.4\nsteps = 2\n'
        "[set]\nrun.until = 2026-12-01\n"
    )
    file = tmp_path / "rates.h5"
    subprocess.run([program(), "sweep", str(sweep), "-q", "-o", str(file)], check=True)
    page = tollgate.report([file], tmp_path / "rates.html").read_text(encoding="utf-8")
    assert 'id="curve-rates"' in page
    assert "rate=0.4 against rate=0" in page
    assert main(["plot", "curve", str(file), "-o", str(tmp_path / "curve.png")]) == 0


def test_replicas_that_failed_are_counted_and_left_out(ban_and_levy, tmp_path):
    broken = tmp_path / "broken.h5"
    shutil.copy(ban_and_levy[0], broken)
    with h5py.File(broken, "a") as file:
        file["replica_status"][3] = 2
    report = tollgate.report([broken, ban_and_levy[1]], tmp_path / "r.html", tables=tmp_path / "t")
    page = report.read_text(encoding="utf-8")
    assert "broken.h5: 1 failed, 0 not run." in page
    assert "from 11 pairs of replicas" in page
    table = pd.read_csv(tmp_path / "t" / "replicas.csv", index_col=0)
    assert table.complete.to_dict() == {"ban": 11, "h200-levy": 12}
    assert table["failed in file"].to_dict() == {"ban": 1, "h200-levy": 0}
