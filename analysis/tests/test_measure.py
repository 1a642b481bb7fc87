"""The script that renews docs/performance.md, on the smallest world."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/performance.md"
SCRIPT = REPOSITORY / "tests/performance/measure.py"


def text_of(page: str) -> str:
    """What people have written."""
    page = re.sub(r"(<!-- table: .*? -->).*?(<!-- /table -->)", r"\1\2", page, flags=re.DOTALL)
    return re.sub(r"(<!--\w+-->).*?(<!--/-->)", r"\1\2", page)


def test_measured_values_and_tables_are_renewed_in_place(tmp_path):
    named = os.environ.get("TOLLGATE_PROGRAM")
    if named is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    page = tmp_path / "performance.md"
    shutil.copy(PAGE, page)
    small_world = REPOSITORY / "tests/performance/small_world.toml"
    command = [sys.executable, SCRIPT, Path(named).parents[1], "--quick", "--update", page]
    command += ["--scenario", small_world, "--only", "machine", "main_job", "memory"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "nowhere in the document" not in ran.stderr
    renewed = page.read_text()
    assert re.search(r"<!--machine-->.*\d cores.*<!--/-->", renewed)
    assert re.search(r"<!--first_result-->[\d.]+ s: (yes|\*\*no\*\*)<!--/-->", renewed)
    assert re.search(r"<!-- table: memory -->\n\n\| replicas.*\n.*\n\| 1,000 \|", renewed)
    for kept in ("hold_1000", "simpy"):  # not measured
        mark = f"<!--{kept}-->.*?<!--/-->"
        assert re.search(mark, renewed)[0] == re.search(mark, PAGE.read_text())[0]
    assert text_of(renewed) == text_of(PAGE.read_text())
