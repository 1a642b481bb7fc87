import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sweeps import sweep_dataset
from synthetic import receipts_of, span

import tollgate
from tollgate._variance import _sums, _sums_without_a_row


def crossed(rng, n, m, parameters, noise, both, draw=None):
    """Points x replicas with the given variances."""
    draw = draw or rng.standard_normal
    return (
        np.sqrt(parameters) * draw((n, 1))
        + np.sqrt(noise) * draw((1, m))
        + np.sqrt(both) * draw((n, m))
    )


def as_sweep(values, common_noise, design="sobol"):
    points = pd.DataFrame({"x": np.arange(len(values), dtype=float)})
    return sweep_dataset(points, values, design, common_noise=common_noise)


def shares(values, common_noise=True, **kwargs):
    return tollgate.variance_shares(
        as_sweep(values, common_noise), {"y": lambda ds: ds.y}, **kwargs
    ).loc["y"]


def test_a_hand_worked_nested_table():
    # Means 2, 5, 8: between 2 x 9 = 18. Within: 2, 2, 8 / 3 = 4. Parameters (18 - 4) / 2 = 7.
    row = shares(np.array([[1.0, 3], [4, 6], [6, 10]]), common_noise=False)
    assert row.variance == pytest.approx(11)
    assert row.parameters == pytest.approx(7 / 11)
    assert row.noise == pytest.approx(4 / 11)
    assert np.isnan(row.both)
    assert (row.points, row.replicas, row.unit) == (3, 2, "USD")


def test_a_hand_worked_crossed_table():
    # Row means 2, 5, 8, mean 5; columns 11/3, 19/3; rows 36, columns 32/3, total 150 + 48 - 150.
    row = shares(np.array([[1.0, 3], [4, 6], [6, 10]]))
    both = (198 - 150 - 36 - 32 / 3) / 2
    parameters, noise = (18 - both) / 2, (32 / 3 - both) / 3
    assert row.variance == pytest.approx(parameters + noise + both)
    assert row.parameters == pytest.approx(parameters / row.variance)
    assert row.noise == pytest.approx(noise / row.variance)
    assert row.both == pytest.approx(both / row.variance)
    assert np.isnan(row.parameters_low)  # two replicas of common noise say nothing of their spread


@pytest.mark.parametrize("draw", ["standard_normal", "exponential"])
@pytest.mark.parametrize(("common_noise", "truth"), [(True, [5, 3, 2]), (False, [5, 5])])
def test_components_are_without_bias(draw, common_noise, truth):
    # The means over 400 tables are within 4 standard errors of the truth, normal or skewed.
    rng = np.random.default_rng(1)
    noise, both = (3, 2) if common_noise else (0, 5)
    tables = [
        crossed(rng, 8, 5, 5, noise, both, lambda s: getattr(rng, draw)(size=s)) for _ in range(400)
    ]
    found = np.array([_sums(y).components(common_noise)[: len(truth)] for y in tables])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - truth) < 4 * error).all()


def test_leaving_out_a_row_at_once_is_leaving_it_out():
    y = np.random.default_rng(2).standard_normal((7, 5))
    fast = _sums_without_a_row(y)
    for k in range(7):
        slow = _sums(np.delete(y, k, axis=0))
        assert fast.rows[k] == pytest.approx(slow.rows)
        assert fast.columns[k] == pytest.approx(slow.columns)
        assert fast.rest[k] == pytest.approx(slow.rest)


@pytest.mark.parametrize(
    ("n", "m", "common_noise", "truth"),
    [
        (64, 4, False, {"parameters": 0.5, "noise": 0.5}),
        (64, 4, False, {"parameters": 0.05, "noise": 0.95}),
        (40, 24, True, {"parameters": 0.5, "noise": 0.3, "both": 0.2}),
        (40, 24, True, {"parameters": 0.9, "noise": 0.02, "both": 0.08}),
    ],
)
def test_intervals_hold_the_known_shares(n, m, common_noise, truth):
    # Of 300 intervals of 95%, 90% to 99.5% hold the truth: 95% less 4 standard errors of 1.26%,
    # and more above, because an approximate interval may be a little wide.
    rng = np.random.default_rng(3)
    held = dict.fromkeys(truth, 0)
    for _ in range(300):
        noise, both = (truth["noise"], truth["both"]) if common_noise else (0, truth["noise"])
        row = shares(crossed(rng, n, m, truth["parameters"], noise, both), common_noise)
        for name, share in truth.items():
            held[name] += row[f"{name}_low"] <= share <= row[f"{name}_high"]
    for name, times in held.items():
        assert 0.90 <= times / 300 <= 0.995, name


def test_several_ensembles_are_points():
    rng = np.random.default_rng(4)
    table = crossed(rng, 12, 6, 5, 3, 2)
    sets = [
        xr.Dataset(
            {"y": ("replica", row, {"units": "USD"})}, {"replica": range(6), **span()}, {"seed": 1}
        )
        for row in table
    ]
    row = tollgate.variance_shares(sets, {"y": lambda ds: ds.y}).loc["y"]
    expected = shares(table)
    pd.testing.assert_series_equal(row, expected)
    longer = sets[1].drop_vars(["time", "quarter"]).assign_coords(span("2026-07-01"))
    with pytest.raises(tollgate.TollgatePairingError, match="'ensemble 1' over 2026Q1 to 2026Q2"):
        tollgate.variance_shares([sets[0], longer, *sets[2:]], {"y": lambda ds: ds.y})
    sets[0].attrs["seed"] = 2
    with pytest.raises(ValueError, match="different seeds"):
        tollgate.variance_shares(sets, {"y": lambda ds: ds.y})


def test_only_the_first_points_of_saltelli_blocks_are_a_sample():
    rng = np.random.default_rng(5)
    a, b = rng.random((16, 2)), rng.random((16, 2))
    blocks = [[a, np.c_[b[:, 0], a[:, 1]], np.c_[a[:, 0], b[:, 1]], b]]
    points = pd.DataFrame(np.stack(blocks[0], axis=1).reshape(-1, 2), columns=["x", "z"])
    values = rng.standard_normal((64, 3))
    ds = sweep_dataset(points, values, "saltelli", "points = 16")
    row = tollgate.variance_shares(ds, {"y": lambda ds: ds.y}).loc["y"]
    pd.testing.assert_series_equal(row, shares(values[::4]))


def test_replicas_without_a_number_are_left_out_everywhere():
    table = np.random.default_rng(6).standard_normal((9, 5))
    holed = table.copy()
    holed[4, 2] = np.nan
    pd.testing.assert_series_equal(shares(holed), shares(np.delete(table, 2, axis=1)))


def test_what_does_not_vary_has_no_shares():
    row = shares(np.full((5, 3), 0.1))
    assert np.isnan(row.parameters)
    assert row.points == 5


@pytest.mark.parametrize("design", ["morris", "one_at_a_time"])
def test_designs_that_are_no_sample_are_refused(design):
    ds = as_sweep(np.zeros((4, 4)), True, design)
    with pytest.raises(ValueError, match="no sample of the factors"):
        tollgate.variance_shares(ds, {"y": lambda ds: ds.y})


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="2 points x 5 replicas are too few"):
        shares(np.zeros((2, 5)))


def frozen_runs(rng, n, parameters, noise):
    p, e = np.sqrt(parameters) * rng.standard_normal(n), np.sqrt(noise) * rng.standard_normal(n)
    values = {"nothing": p + e, "noise": p + e[0], "parameters": e}
    return [
        xr.Dataset(
            {"y": ("replica", y, {"units": "USD"})},
            {"replica": range(n), **span()},
            {"seed": 1, "frozen": what},
        )
        for what, y in values.items()
    ]


def test_frozen_runs_share_out_the_variance():
    # Of 300 intervals of 95%, 90% to 99% hold the truth.
    rng = np.random.default_rng(7)
    held = np.zeros(3)
    for _ in range(300):
        row = tollgate.frozen_variance_shares(
            *frozen_runs(rng, 100, 0.8, 0.2), {"y": lambda ds: ds.y}
        ).loc["y"]
        for k, (name, share) in enumerate({"parameters": 0.8, "noise": 0.2, "rest": 0}.items()):
            held[k] += row[f"{name}_low"] <= share <= row[f"{name}_high"]
        assert row.parameters + row.noise + row.rest == pytest.approx(1)
    assert (held >= 0.90 * 300).all()
    assert (held <= 0.99 * 300).all()


def test_the_jackknife_of_frozen_runs_is_that_by_hand():
    free, noise_frozen, parameters_frozen = frozen_runs(np.random.default_rng(8), 10, 1, 1)
    row = tollgate.frozen_variance_shares(
        free, noise_frozen, parameters_frozen, {"y": lambda ds: ds.y}
    ).loc["y"]
    y, p = free.y.values, noise_frozen.y.values
    assert row.parameters == pytest.approx(p.var(ddof=1) / y.var(ddof=1))
    logs = [np.log(np.delete(p, k).var() / np.delete(y, k).var()) for k in range(10)]
    width = 2.262157 * np.sqrt(9 * np.var(logs))  # Student's t with 9 degrees of freedom
    assert np.log(row.parameters_high / row.parameters) == pytest.approx(width, rel=1e-5)


def test_frozen_runs_in_another_order_are_refused():
    free, noise_frozen, parameters_frozen = frozen_runs(np.random.default_rng(9), 5, 1, 1)
    with pytest.raises(ValueError, match="has frozen parameters where it should have frozen noise"):
        tollgate.frozen_variance_shares(free, parameters_frozen, noise_frozen)
    longer = noise_frozen.drop_vars(["time", "quarter"]).assign_coords(span("2026-07-01"))
    with pytest.raises(tollgate.TollgatePairingError, match="'noise frozen' over 2026Q1 to 2026Q2"):
        tollgate.frozen_variance_shares(free, longer, parameters_frozen)
    noise_frozen.attrs["seed"] = 2
    with pytest.raises(ValueError, match="different seeds"):
        tollgate.frozen_variance_shares(free, noise_frozen, parameters_frozen)


def test_one_name_is_one_outcome():
    rng = np.random.default_rng(10)
    sets = [receipts_of(rng.normal(1e9, 1e8, 6)) for _ in range(4)]
    one = tollgate.variance_shares(sets, "levy_receipts")
    pd.testing.assert_frame_equal(one, tollgate.variance_shares(sets, ["levy_receipts"]))
