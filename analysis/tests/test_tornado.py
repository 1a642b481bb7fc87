import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from sweeps import sweep_dataset

import tollgate


def y(ds):
    return ds.y


def made_up(draws, values):
    n, d = draws.shape
    return xr.Dataset(
        {"y": ("replica", values, {"units": "USD"}), "draw": (("replica", "parameter"), draws)},
        coords={"replica": range(n), "parameter": [f"p{j}" for j in range(d)]},
    )


def test_one_factor_at_a_time_by_hand():
    points = pd.DataFrame({"a": [1.0, 0, 4, 1, 1], "b": [5.0, 5, 5, 3, 9]})
    values = np.array([[10.0, 20], [9, 21], [16, 30], [11, 22], [12, 23]])
    table = tollgate.tornado(sweep_dataset(points, values, "one_at_a_time"), y)
    assert list(table.index) == ["a", "b"]
    a, b = table.loc["a"], table.loc["b"]
    assert (a.low, a.high, a.at_low, a.at_high) == (0, 4, 15, 23)
    assert (b.low, b.high, b.at_low, b.at_high) == (3, 9, 16.5, 17.5)
    assert a.difference == 8  # of 7 and 9: standard error 1, t(1) 12.706
    assert a.difference_low == pytest.approx(8 - 12.7062, abs=1e-4)
    assert a.difference_high == pytest.approx(8 + 12.7062, abs=1e-4)
    assert b.difference_low == b.difference_high == 1  # the noise drops out
    assert table.attrs == {
        "outcome": "y",
        "unit": "USD",
        "centre": 15.0,
        "method": "one at a time",
    }


def test_the_centre_counts_when_it_is_the_lowest_value():
    points = pd.DataFrame({"a": [1.0, 2, 3]})
    ds = sweep_dataset(points, np.array([[5.0, 5], [6, 6], [8, 8]]), "one_at_a_time")
    row = tollgate.tornado(ds, y).loc["a"]
    assert (row.low, row.high, row.difference) == (1, 3, 3)


def test_labels_stand_by_their_outcome():
    points = pd.DataFrame({"a": ["m", "x", "z"]})
    ds = sweep_dataset(points, np.array([[5.0, 5], [9, 9], [1, 1]]), "one_at_a_time")
    row = tollgate.tornado(ds, y).loc["a"]
    assert (row.low, row.high, row.difference) == ("z", "x", 8)


def test_pairs_without_a_number_are_left_out():
    points = pd.DataFrame({"a": [1.0, 2]})
    values = np.array([[1.0, 2, 3], [3, np.nan, 7]])
    row = tollgate.tornado(sweep_dataset(points, values, "one_at_a_time"), y).loc["a"]
    assert (row.replicas, row.difference) == (2, 3)


def test_two_factors_changed_at_once_are_refused():
    points = pd.DataFrame({"a": [1.0, 2], "b": [1.0, 2]})
    with pytest.raises(ValueError, match="more than one factor"):
        tollgate.tornado(sweep_dataset(points, np.zeros((2, 2)), "one_at_a_time"), y)
    with pytest.raises(ValueError, match="design grid does not change one factor alone"):
        tollgate.tornado(sweep_dataset(points, np.zeros((2, 2)), "grid"), y)


def test_tails_of_an_ensemble_by_hand():
    x = np.arange(10.0)
    table = tollgate.tornado(made_up(x[:, None], x**2), y, tail=0.2)
    row = table.loc["p0"]
    assert (row.low, row.high) == (0.5, 8.5)
    assert (row.at_low, row.at_high, row.difference) == (0.5, 72.5, 72)
    # Welch by hand: variances 0.5 and 144.5 over 2 each.
    freedom = 72.5**2 / (0.25**2 + 72.25**2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(72.5)
    assert row.difference_low == pytest.approx(72 - half)
    assert row.rank_correlation == pytest.approx(1)
    assert table.attrs["method"] == "tails"
    assert table.attrs["centre"] == 28.5


def test_tails_find_the_parameters_that_matter():
    # Of 40 parameters two matter. By Benjamini and Hochberg at 1% the others are found wrongly in
    # at most 1% of seeds; this one is fixed.
    rng = np.random.default_rng(1)
    draws = rng.random((400, 40))
    values = 5 * draws[:, 7] - 3 * draws[:, 20] + rng.standard_normal(400)
    table = tollgate.tornado(made_up(draws, values), y)
    assert list(table.index[:2]) == ["p7", "p20"]
    assert set(table.index[table.adjusted_p_value < 0.01]) == {"p7", "p20"}
    # Mean of a linear effect between the tails: 0.8 of its slope, within 4 standard errors.
    error = (table.difference_high - table.difference_low) / (2 * 1.96)
    assert abs(table.difference["p7"] - 4) < 4 * error["p7"]
    assert abs(table.difference["p20"] + 2.4) < 4 * error["p20"]


def test_points_of_a_hypercube_are_a_sample_of_the_factors():
    x = np.linspace(0, 1, 20)
    values = np.stack([x, 3 * x], axis=1)  # mean over replicas 2 x
    ds = sweep_dataset(pd.DataFrame({"a": x}), values, "lhs")
    row = tollgate.tornado(ds, y, tail=0.1).loc["a"]
    assert row.difference == pytest.approx(2 * (x[-2:].mean() - x[:2].mean()))


def test_equal_draws_stand_together_and_constant_ones_are_left_out():
    draws = np.column_stack([np.repeat([0.0, 1], 10), np.ones(20)])
    table = tollgate.tornado(made_up(draws, np.arange(20.0)), y)
    assert list(table.index) == ["p0"]
    assert table.loc["p0"].replicas == 10
    assert table.loc["p0"].difference == 10


def test_too_few_replicas_for_a_tail_are_refused():
    with pytest.raises(ValueError, match="of 9 replicas holds 1"):
        tollgate.tornado(made_up(np.zeros((9, 1)), np.zeros(9)), y)


def test_an_ensemble_of_the_program(ensemble):
    table = tollgate.tornado(tollgate.open(ensemble), "domestic_share", tail=0.3)
    assert table.attrs["unit"] == "1"
    assert len(table) > 200
    assert table.difference.abs().is_monotonic_decreasing


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((0, 90, 10), 1, 2), ((10, 90, 0), 0, 1), ((6, 88, 6), 0, 2)],
)
def test_tails_of_an_unknown_with_few_values_share_no_replica(counts, low, high):
    """The outcome is three times the unknown, without noise: difference 3 x (high - low)."""
    values = np.repeat([0.0, 1, 2], counts)
    noise = np.tile([1.0, -1], 50)[:100]
    row = tollgate.tornado(made_up(values[:, None], 3 * values + noise), y).loc["p0"]
    assert (row.low, row.high) == (low, high)
    assert row.difference == pytest.approx(3 * (high - low))


def test_a_tail_of_one_replica_has_no_interval():
    values = np.repeat([0.0, 1, 2], (1, 98, 1))
    row = tollgate.tornado(made_up(values[:, None], values), y).loc["p0"]
    assert (row.difference, row.replicas) == (2, 1)
    assert np.isnan([row.difference_low, row.difference_high]).all()
