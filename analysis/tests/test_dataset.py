import json
import subprocess

import h5py
import numpy as np
import pytest
import xarray as xr
from conftest import program

import tollgate

DIMS = {
    "replica",
    "time",
    "vendor",
    "chip",
    "buyer",
    "region",
    "workload",
    "origin",
    "supplier",
    "instrument",
    "review_stage",
    "parameter",
}


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_xarray_opens_the_file_with_no_code_of_ours(ensemble, engine):
    with xr.open_dataset(ensemble, engine=engine) as ds:
        assert set(ds.sizes) == DIMS
        assert list(ds.workload.values) == ["training", "inference"]
        assert "nvidia" in ds.vendor.values
        assert np.issubdtype(ds.time.dtype, np.datetime64)
        assert str(ds.time.values[0])[:10] == "2026-01-01"  # end of 2025Q4
        for name, variable in ds.data_vars.items():
            assert variable.attrs.get("long_name"), name
            if {"replica", "time"} <= set(variable.dims):
                assert variable.attrs["units"], name
                assert variable.attrs["description"], name


def test_money_is_whole_cents_unless_dollars_are_asked_for(ensemble):
    cents = tollgate.open(ensemble)
    usd = tollgate.open(ensemble, money="usd")
    assert cents.revenue.dtype == np.int64
    assert cents.revenue.attrs["units"] == "cents"
    assert usd.revenue.attrs["units"] == "USD"
    np.testing.assert_allclose(usd.revenue.values * 100, cents.revenue.values)
    assert usd.units_cleared.dtype == np.int64


def test_quarters_name_the_time_axis(ensemble):
    ds = tollgate.open(ensemble)
    assert list(ds.quarter.values) == ["2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4"]


def test_scenario_and_draws_come_with_the_file(ensemble):
    ds = tollgate.open(ensemble)
    assert tollgate.scenario(ds)["policy"]["levy"]["rate"] == 0.25
    frame = tollgate.draws(ds)
    assert frame.shape == (8, ds.sizes["parameter"])
    assert frame.notna().all().all()
    assert (frame.nunique() > 1).mean() > 0.9


def test_headline_equals_what_the_program_prints(ensemble, tmp_path):
    out = subprocess.run(
        [
            program(),
            "run",
            "h200-levy",
            "--replicas",
            "8",
            "--until",
            "2027-01-01",
            "--json",
            "-o",
            str(tmp_path / "again.h5"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    printed = {row["name"]: row for row in json.loads(out.stdout)["headline"]}
    ours = tollgate.headline(tollgate.open(ensemble))
    assert "levy_receipts" in ours.index and "domestic_share" in ours.index
    assert set(ours.index) <= set(printed)
    families = ("revenue", "levy_receipts", "compute", "domestic_share")
    assert {name for name in printed if name.startswith(families)} <= set(ours.index)
    for name in ours.index:
        for column in ("median", "p05", "p95"):
            assert ours.loc[name, column] == pytest.approx(printed[name][column], rel=1e-12), name
    dollars = tollgate.headline(tollgate.open(ensemble, money="usd"))
    np.testing.assert_allclose(dollars["median"].astype(float), ours["median"].astype(float))


def test_failed_replicas_are_left_out_with_a_warning(ensemble, tmp_path):
    path = tmp_path / "failed.h5"
    path.write_bytes(ensemble.read_bytes())
    with h5py.File(path, "r+") as file:
        file["replica_status"][3] = 2
    with pytest.warns(UserWarning, match="1 of 8 replicas"):
        ds = tollgate.open(path)
    assert list(ds.replica.values) == [0, 1, 2, 4, 5, 6, 7]
    assert tollgate.open(path, keep_failed=True).sizes["replica"] == 8


def test_dask_chunks_are_lazy(ensemble):
    ds = tollgate.open(ensemble, chunks={"replica": 2})
    assert ds.revenue.chunks is not None


def test_wrong_files_say_what_they_are(tmp_path, foreign, stub):
    with pytest.raises(tollgate.TollgateFileError, match=r"there is no file .* writes one"):
        tollgate.open(tmp_path / "missing.h5")
    with pytest.raises(tollgate.TollgateFileError, match="not an ensemble"):
        tollgate.open(foreign)
    text = tmp_path / "text.h5"
    text.write_text("hello")
    with pytest.raises(tollgate.TollgateFileError, match="no HDF5 file"):
        tollgate.open(text)
    unfinished = tmp_path / "out.h5.1-2.tmp"
    unfinished.write_bytes(stub.read_bytes())
    with pytest.raises(tollgate.TollgateFileError, match="unfinished"):
        tollgate.open(unfinished)
    (tmp_path / "cut.h5.partial").write_bytes(b"tollgat1")
    for name in ("cut.h5", "cut.h5.partial"):
        with pytest.raises(tollgate.TollgateFileError, match=r"--resume.*tollgate recover"):
            tollgate.open(tmp_path / name)
    with h5py.File(stub, "r+") as file:
        file.attrs["tollgate_format_version"] = 3
    with pytest.raises(tollgate.TollgateFileError, match="file format 3"):
        tollgate.open(stub)
    with h5py.File(stub, "r+") as file:
        del file.attrs["tollgate_format_version"]
    with pytest.raises(tollgate.TollgateFileError, match="changed it"):
        tollgate.open(stub)


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_cut_files_are_refused(ensemble, tmp_path, share):
    whole = ensemble.read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(tollgate.TollgateFileError, match="cut short"):
        tollgate.open(cut)


def test_other_kinds_of_money_are_refused(ensemble):
    with pytest.raises(ValueError, match="money"):
        tollgate.open(ensemble, money="euro")
