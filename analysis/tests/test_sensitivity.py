import subprocess

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import program
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample
from sweeps import program_points, sweep_dataset

import tollgate
from tollgate._sweep_design import sweep_design
from tollgate._variance import noise_of_means

# Of Ishigami's function with a = 7, b = 0.1 (Sobol & Levitan 1999,
# doi:10.1016/S0010-4655(98)00156-8).
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def ishigami(x1, x2, x3):
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def problem(names, low=-np.pi, high=np.pi):
    return {"num_vars": len(names), "names": names, "bounds": [[low, high]] * len(names)}


def y(ds):
    return ds.y


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_are_salib_s_on_the_same_sample(second_order):
    names = ["x3", "x1", "x2"]
    x = sobol_sample.sample(problem(names), 64, calc_second_order=second_order, seed=1)
    points = pd.DataFrame(x, columns=names)
    values = ishigami(points.x1, points.x2, points.x3).to_numpy()
    replicas = values[:, None] + np.array([-1.0, 0, 1])  # mean over replicas: the values
    ds = sweep_dataset(points, replicas, "saltelli", "points = 64")
    ours = tollgate.sobol_indices(ds, y, resamples=50, seed=3)
    theirs = salib_sobol.analyze(
        problem(names),
        replicas.mean(axis=1),
        calc_second_order=second_order,
        num_resamples=50,
        seed=3,
    )
    assert list(ours.index) == names
    for column in ("S1", "S1_conf", "ST", "ST_conf"):
        np.testing.assert_array_equal(ours[column], theirs[column])
    if second_order:
        np.testing.assert_array_equal(ours.attrs["S2"], theirs["S2"])
        np.testing.assert_array_equal(ours.attrs["S2_conf"], theirs["S2_conf"])
    else:
        assert "S2" not in ours.attrs
    assert ours.attrs["replicas"] == 3
    assert ours.attrs["unit"] == "USD"
    assert ours.attrs["noise"] == pytest.approx(0, abs=1e-12)  # alike at all points


def test_morris_indices_are_salib_s_on_the_same_sample():
    names = ["b", "a", "c"]
    x = morris_sample.sample(problem(names, 0, 1), 12, num_levels=6, seed=2)
    values = 3 * x[:, 0] - 2 * x[:, 1] * x[:, 2]
    ds = sweep_dataset(
        pd.DataFrame(x, columns=names), values[:, None], "morris", "trajectories = 12\nlevels = 6"
    )
    ours = tollgate.morris_indices(ds, y, resamples=50, seed=3)
    theirs = salib_morris.analyze(
        problem(names, 0, 1), x, values, num_levels=6, num_resamples=50, seed=3
    )
    for column in ("mu", "mu_star", "sigma", "mu_star_conf"):
        np.testing.assert_array_equal(ours[column], np.asarray(theirs[column], dtype=float))
    assert ours.mu["b"] == pytest.approx(3)
    assert ours.sigma["b"] == pytest.approx(0, abs=1e-12)
    assert np.isnan(ours.attrs["noise"])


# Numbers that may take any value between; what they mean does not matter here.
FACTORS = """
format = 1
title = "Points"
base = "h200-levy"
[sweep]
replicas = 1
{design}
[factor.x2]
key = "policy.levy.rate"
low = 0.0
high = 0.5
[factor.x3]
key = "demand.wait_value"
low = 0.0
high = 0.5
[factor.x1]
key = "demand.price_sensitivity"
low = 0.5
high = 1.0
"""


@pytest.mark.parametrize("second_order", ["false", "true"])
def test_the_program_s_saltelli_points_give_ishigami_s_indices(tmp_path, second_order):
    n = 4096
    design = f'design = "saltelli"\npoints = {n}\nsecond_order = {second_order}'
    points = program_points(tmp_path, FACTORS.format(design=design))
    low = pd.Series({"x2": 0.0, "x3": 0.0, "x1": 0.5})
    x = ((points - low) / 0.5 * 2 - 1) * np.pi
    values = ishigami(x.x1, x.x2, x.x3).to_numpy()
    ds = sweep_dataset(points, values[:, None], "saltelli", f"points = {n}")
    found = tollgate.sobol_indices(ds, y, resamples=200, seed=1)
    # Four standard errors of the bootstrap, 1.96 of which are S1_conf; wrong columns would be off
    # by 0.13 or more, and so are found.
    for factor in FIRST:
        row = found.loc[factor]
        assert abs(row.S1 - FIRST[factor]) < 4 / 1.96 * row.S1_conf + 1e-3, factor
        assert abs(row.ST - TOTAL[factor]) < 4 / 1.96 * row.ST_conf + 1e-3, factor
    assert found.S1_conf.max() < 0.06
    assert list(points) == ["x2", "x3", "x1"]


def test_the_program_s_morris_points_are_trajectories(tmp_path):
    points = program_points(
        tmp_path, FACTORS.format(design='design = "morris"\ntrajectories = 8\nlevels = 6')
    )
    values = (5 * points.x1 - 3 * points.x2).to_numpy()  # ranges of 0.5
    ds = sweep_dataset(points, values[:, None], "morris", "trajectories = 8\nlevels = 6")
    found = tollgate.morris_indices(ds, y)
    np.testing.assert_allclose(found.mu, [-1.5, 0, 2.5], atol=1e-12)
    np.testing.assert_allclose(found.mu_star, [1.5, 0, 2.5], atol=1e-12)
    np.testing.assert_allclose(found.sigma, 0, atol=1e-12)


def test_a_sweep_of_numbers_dates_and_labels(tmp_path):
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    (tmp_path / "s.toml").write_text(
        FACTORS.format(design='design = "saltelli"\npoints = 4')
        + """
[factor.opening]
key = "policy.beijing_quota.effective"
low = 2026-06-01
high = 2027-06-01
[factor.is_on]
key = "policy.levy.enabled"
values = [true, false]
"""
    )
    subprocess.run(
        [program(), "sweep", "s.toml", "--set", "run.until=2025-11-01", "-q", "-o", "s.h5"],
        check=True,
        cwd=tmp_path,
    )
    with xr.open_dataset(tmp_path / "s.h5", engine="h5netcdf") as ds:
        ds.load()
    design = sweep_design(ds)
    assert list(design.points) == ["x2", "x3", "x1", "opening", "is_on"]
    assert (design.block, design.has_second_order) == (7, False)
    assert design.points.opening.between(20605, 20970).all()  # days since 1970-01-01
    assert set(design.points.is_on) == {0, 1}
    assert ((design.points.is_on == 0) == (ds.is_on.values == "true")).all()
    table = tollgate.sobol_indices(ds, ds.opening.astype("int64") * xr.ones_like(ds.replica))
    assert table.ST["opening"] > 0.1
    assert table.drop("opening").ST.abs().max() == 0


def test_labels_count_along_their_list():
    factors = '[factor.a]\nkey = "a.a"\nvalues = ["low", "mid", "high"]\n'
    labels = ["mid", "low", "high", "low"]
    ds = sweep_dataset(
        pd.DataFrame({"a": labels}), np.zeros((4, 1)), "table", 'file = "t"', factors=factors
    )
    assert list(sweep_design(ds).points.a) == [1, 0, 2, 0]


@pytest.fixture
def saltelli():
    x = sobol_sample.sample(problem(["a", "b"]), 8, calc_second_order=False, seed=1)
    values = x.sum(axis=1)
    return sweep_dataset(
        pd.DataFrame(x, columns=["a", "b"]),
        np.stack([values, values**2, values], axis=1),
        "saltelli",
        "points = 8",
    )


def test_one_replica_may_be_asked_for(saltelli):
    square = tollgate.sobol_indices(saltelli, y, replica=1)
    alone = tollgate.sobol_indices(saltelli.isel(replica=[1]), y)
    pd.testing.assert_frame_equal(square, alone)
    assert square.attrs["replicas"] == 1


def test_the_share_of_noise_is_stated(saltelli):
    # Independent noise of variance 8 in the mean of 2 replicas: 4 of the variance of the points.
    rng = np.random.default_rng(1)
    noisy = rng.standard_normal((4096, 1)) + np.sqrt(8) * rng.standard_normal((4096, 2))
    assert noise_of_means(noisy, crossed=False) == pytest.approx(4, rel=4 * np.sqrt(2 / 4096))
    assert np.isnan(tollgate.sobol_indices(saltelli, y, replica=0).attrs["noise"])


def test_points_out_of_order_are_refused(saltelli):
    turned = saltelli.roll(point=1, roll_coords=True)
    with pytest.raises(ValueError, match="not in the order of Saltelli's design"):
        tollgate.sobol_indices(turned, y)
    with pytest.raises(ValueError, match="28 of the sweep's 32 points"):
        tollgate.sobol_indices(saltelli.isel(point=slice(4, None)), y)
    with pytest.raises(ValueError, match='design = "morris"'):
        tollgate.morris_indices(saltelli, y)


def test_points_that_are_no_trajectories_are_refused():
    points = pd.DataFrame({"a": [0.0, 1, 1], "b": [0.0, 1, 0]})
    ds = sweep_dataset(points, np.arange(3.0)[:, None], "morris", "trajectories = 1")
    with pytest.raises(ValueError, match="no trajectories"):
        tollgate.morris_indices(ds, y)


def test_outcomes_without_numbers_or_variance_are_refused(saltelli):
    holed = saltelli.assign(y=saltelli.y.where(saltelli.point != 3))
    with pytest.raises(ValueError, match="1 points lack some"):
        tollgate.sobol_indices(holed, y)
    with pytest.raises(ValueError, match="the same at all points"):
        tollgate.sobol_indices(saltelli.assign(y=saltelli.y * 0), y)
    some = saltelli.assign(y=saltelli.y.where((saltelli.point != 3) | (saltelli.replica == 1)))
    assert tollgate.sobol_indices(some, y).attrs["replicas"] == 1


def test_an_ensemble_is_no_sweep(stub):
    with pytest.raises(ValueError, match="this is no sweep"):
        tollgate.sobol_indices(xr.Dataset({"y": ("replica", [1.0])}), y)


def test_a_replica_that_is_not_there_is_named_with_those_that_are(saltelli):
    ds = saltelli
    with pytest.raises(ValueError, match="no replica 99; there are 0"):
        tollgate.sobol_indices(ds, y, replica=99)
    bytes_too = ds.assign_attrs(common_noise=ds.attrs["common_noise"].encode())
    one, other = (tollgate.sobol_indices(d, y, resamples=5) for d in (ds, bytes_too))
    assert one.attrs["noise"] == pytest.approx(other.attrs["noise"], nan_ok=True)
