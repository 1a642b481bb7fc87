import os
from pathlib import Path

import nbclient
import nbformat
import pytest

import tollgate

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook():
    assert [path.name for path in NOTEBOOKS] == ["ban-or-levy.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    if "TOLLGATE_PROGRAM" not in os.environ:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,  # of a cell, on a machine that is busy with other tests
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()  # raises what a cell raises
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 6
    with tollgate.open(tmp_path / "h200-levy.h5") as ds:
        assert ds.sizes["replica"] == 60
    page = (tmp_path / "ban-or-levy.html").read_text(encoding="utf-8")
    assert "Compared with ban, h200-levy" in page
