"""Running the program from Python: what it is asked, what it says, and how it is stopped."""

import datetime
import io
import os
import signal
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest
from conftest import program

import tollgate
from tollgate._program import as_toml
from tollgate._progress import ProgressLine

SHORT = {"replicas": 2, "until": "2026-01-01", "threads": 1}


@pytest.fixture
def real():
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")


def pretender(tmp_path: Path, script: str) -> Path:
    """Make a program that does what the test needs; the output file is "$out"."""
    path = tmp_path / "pretender"
    path.write_text(f"#!/bin/bash\nfor out; do :; done\n{script}\n")  # --output is the last
    path.chmod(0o755)
    return path


def test_a_run_comes_back_as_a_dataset(real):
    ds = tollgate.run(
        "h200-levy",
        seed=5,
        set={"policy.levy.rate": 0.15, "policy.levy.effective": datetime.date(2026, 2, 1)},
        money="usd",
        **SHORT,
    )
    assert ds.sizes["replica"] == 2
    assert ds.attrs["seed"] == 5
    assert ds.revenue.attrs["units"] == "USD"
    levy = tollgate.scenario(ds)["policy"]["levy"]
    assert (levy["rate"], levy["effective"]) == (0.15, datetime.date(2026, 2, 1))


def test_a_named_output_is_kept_and_not_written_over(real, tmp_path):
    output = tmp_path / "kept.h5"
    tollgate.run("ban", output=output, **SHORT)
    before = output.read_bytes()
    with pytest.raises(tollgate.TollgateRunError, match=r"kept\.h5") as refusal:
        tollgate.run("ban", output=output, **SHORT)
    assert refusal.value.status == 2
    assert output.read_bytes() == before
    assert tollgate.run("ban", output=output, overwrite=True, **SHORT).sizes["replica"] == 2


def test_a_sweep_comes_back_with_points(real, tmp_path):
    file = tmp_path / "rates.toml"
    file.write_text(
        'format = 1\nbase = "h200-levy"\n[factor.rate]\nkey = "policy.levy.rate"\n'
        "values = [0, 0.5]\n"
    )
    ds = tollgate.sweep(file, replicas=2, threads=1, set={"run.until": "2026-01-01"})
    assert dict(ds.rate.to_series()) == {0: 0, 1: 0.5}
    assert ds.sizes["replica"] == 2


def test_the_programs_mistakes_are_exceptions_with_its_text(real):
    with pytest.raises(tollgate.TollgateRunError, match="did you mean 'h200-levy'") as mistake:
        tollgate.run("h200-levi")
    assert mistake.value.status == 2
    assert mistake.value.text in str(mistake.value)
    with pytest.raises(tollgate.TollgateRunError, match=r"policy\.levy\.rats"):
        tollgate.run("h200-levy", set={"policy.levy.rats": 1}, **SHORT)


def test_without_a_program_the_error_says_where_to_get_it(monkeypatch, tmp_path):
    monkeypatch.delenv("TOLLGATE_PROGRAM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(tollgate.TollgateRunError, match="TOLLGATE_PROGRAM") as missing:
        tollgate.run("ban")
    assert missing.value.status is None
    monkeypatch.setenv("TOLLGATE_PROGRAM", str(tmp_path / "gone"))
    with pytest.raises(tollgate.TollgateRunError, match=r"TOLLGATE_PROGRAM is .*gone"):
        tollgate.run("ban")
    with pytest.raises(tollgate.TollgateRunError, match=r"program is .*nowhere"):
        tollgate.run("ban", program=tmp_path / "nowhere")


def test_the_program_is_found_by_argument_then_variable_then_path(monkeypatch, tmp_path):
    for name in ("argument", "variable", "path"):
        (tmp_path / name).mkdir()
        found = pretender(tmp_path / name, f"echo from {name} >&2; exit 1")
        found.rename(found.with_name("tollgate"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:{os.environ['PATH']}")
    monkeypatch.setenv("TOLLGATE_PROGRAM", str(tmp_path / "variable" / "tollgate"))
    with pytest.raises(tollgate.TollgateRunError, match="from argument"):
        tollgate.run("ban", program=tmp_path / "argument" / "tollgate")
    with pytest.raises(tollgate.TollgateRunError, match="from variable"):
        tollgate.run("ban")
    monkeypatch.delenv("TOLLGATE_PROGRAM")
    with pytest.raises(tollgate.TollgateRunError, match="from path"):
        tollgate.run("ban")


@pytest.mark.parametrize(("status", "words"), [(3, "replica 1 failed"), (130, "time limit")])
def test_part_of_the_replicas_comes_with_a_warning(ensemble, tmp_path, status, words):
    fake = pretender(tmp_path, f'cp {ensemble} "$out"; echo "{words}" >&2; exit {status}')
    with pytest.warns(UserWarning, match=words):
        ds = tollgate.run("ban", program=fake)
    assert ds.sizes["replica"] == 8


def test_a_program_that_is_killed_or_silent_is_told(tmp_path):
    with pytest.raises(tollgate.TollgateRunError, match="killed by signal 9") as killed:
        tollgate.run("ban", program=pretender(tmp_path, "kill -9 $$"))
    assert killed.value.status == -9
    with pytest.raises(tollgate.TollgateRunError, match="status 1, without a word"):
        tollgate.run("ban", program=pretender(tmp_path, "exit 1"))


@pytest.fixture
def interrupts():
    """SIGINT as in a terminal: what is started in the background of a script ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_stops_the_program_and_waits_for_it(tmp_path):
    """The pretender notes that it was asked to stop, and has ended when the exception comes."""
    notes = tmp_path / "notes"
    fake = pretender(
        tmp_path,
        f'trap "echo stopped >> {notes}; exit 130" INT\necho $$ > {notes}\n'
        "while true; do sleep 0.05; done",
    )

    def interrupt() -> None:
        for _ in range(2000):
            if notes.exists() and notes.read_text():
                break
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        tollgate.run("ban", program=fake)
    thread.join()
    pid, said = notes.read_text().split()
    assert said == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_files_that_nobody_named_go_when_python_ends(real):
    code = (
        "import tollgate; ds = tollgate.run('ban', replicas=2, until='2026-01-01', threads=1); "
        "print(ds.encoding['source']); revenue = ds.revenue; del ds; print(revenue.sum().item())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    path, total = said.stdout.split()
    assert float(total) > 0  # lazy, and read after the dataset was gone
    assert not Path(path).parent.exists()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.15, "0.15"),
        (np.float64(0.15), "0.15"),
        (np.int64(3), "3"),
        (True, "true"),
        (datetime.date(2026, 2, 1), "2026-02-01"),
        ("sobol", "sobol"),
        (["a", 'b"c'], '["a", "b\\"c"]'),
        ({"distribution": "uniform", "low": 0}, '{ distribution = "uniform", low = 0 }'),
    ],
)
def test_values_are_written_as_in_a_scenario(value, written):
    assert as_toml(value) == written


def test_values_of_no_kind_are_refused():
    with pytest.raises(TypeError, match="cannot be the value of a key"):
        as_toml(None)


LINE = "40 of 200 replicas, 20 per second, 8 s left"


def test_progress_is_told_from_other_words(capsys):
    line = ProgressLine(is_wanted=True)
    assert line.show(LINE)
    assert not line.show("error: something else")
    assert capsys.readouterr().err == LINE + "\n"
    assert ProgressLine(is_wanted=False).show(LINE)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_one_line_that_goes(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    line = ProgressLine()
    line.show(LINE)
    line.finish()
    assert terminal.getvalue() == f"\r\033[K{LINE}\r\033[K"


def test_a_notebook_shows_one_line_that_is_renewed(monkeypatch):
    shown = []
    handle = types.SimpleNamespace(update=lambda text: shown.append(("update", text)))

    def display(text, display_id):
        assert display_id
        shown.append(("display", text))
        return handle

    shell = types.SimpleNamespace(kernel=object())
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.Pretty = str
    ipython.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    line = ProgressLine()
    line.show(LINE)
    line.show(LINE.replace("40", "80"))
    line.finish()
    assert shown == [("display", LINE), ("update", LINE.replace("40", "80")), ("update", "")]


def test_progress_of_the_program_comes_through(tmp_path, ensemble, capsys):
    fake = pretender(tmp_path, f'echo "{LINE}" >&2; cp {ensemble} "$out"')
    tollgate.run("ban", program=fake, progress=True)
    assert capsys.readouterr().err == LINE + "\n"
