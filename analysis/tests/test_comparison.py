"""Paired comparisons: known answers, coverage, and what is refused."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from small_world import small_world
from synthetic import receipts_of

import tollgate
from tollgate._intervals import bootstrap_interval, mean_interval, welch_interval

EXPERIMENTS = 1000


def luck(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two policies with a skewed common part: the second is 3e8 USD higher on average."""
    rng = np.random.default_rng(seed)
    common = rng.lognormal(22, 0.8, n)
    return common, common + 3e8 + rng.normal(0, 5e8, n)


def test_the_paired_interval_covers_the_truth_in_95_of_100_experiments():
    """1,000 experiments, each with luck of its own.

    The number that cover is binomial(1000, 0.95): 950 with a standard deviation of 6.9. The
    tolerance of 2.58 of them, 18, would raise a false alarm in 1% of seeds; this seed is fixed.
    """
    covered = 0
    for experiment in range(EXPERIMENTS):
        a, b = luck(experiment, 30)
        table = tollgate.compare(
            {"a": receipts_of(a), "b": receipts_of(b)}, names=["levy_receipts"]
        )
        low, high = table.loc[("levy_receipts", "b"), ["low", "high"]]
        covered += low <= 0.3 <= high
    assert abs(covered - 950) <= 18


def test_the_cumulated_interval_covers_the_truth_too():
    """Quarters that hang together: sums of random walks, 400 experiments, so 380 +- 2.58 x 4.4."""
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        walk = rng.normal(1e9, 1e8, (20, 4)).cumsum(axis=1)
        effect = rng.normal(2e7, 1e7, (20, 1)) * np.ones((20, 4))  # the same in all quarters
        result = tollgate.compare_by_quarter(
            {"a": receipts_of(walk), "b": receipts_of(walk + effect)}, "levy_receipts"
        )
        last = result.isel(policy=0, time=-1)
        covered += bool(last.cumulated_low <= 8e9 <= last.cumulated_high)  # 4 x 2e7 USD in cents
    assert abs(covered - 380) <= 11


def test_a_run_compared_with_itself_differs_by_exactly_nothing():
    ds = receipts_of(luck(1, 25)[0])
    row = tollgate.compare({"a": ds, "b": ds}, names=["levy_receipts"]).loc[("levy_receipts", "b")]
    for column in ("difference", "low", "high", "probability_greater"):
        assert row[column] == 0, column
    assert row.probability_equal == 1
    assert row.variance_ratio == np.inf
    by_quarter = tollgate.compare_by_quarter({"a": ds, "b": ds}, "levy_receipts")
    for name in ("difference", "low", "high", "cumulated", "cumulated_low", "cumulated_high"):
        assert (by_quarter[name] == 0).all(), name


def test_numbers_worked_out_by_hand():
    """Differences 1, 2, 3, 6: mean 3, variance 14/3, t(3) at 97.5% is 3.182446."""
    a = receipts_of(np.array([10, 20, 30, 40]) * 1e9)
    b = receipts_of(np.array([11, 22, 33, 46]) * 1e9)
    row = tollgate.compare({"a": a, "b": b}, names=["levy_receipts"]).iloc[0]
    assert (row.reference_mean, row["mean"], row.difference) == (25, 28, 3)
    half = 3.182446305284263 * np.sqrt(14 / 3 / 4)
    assert row.low == pytest.approx(3 - half)
    assert row.high == pytest.approx(3 + half)
    assert row.probability_greater == 1
    assert row.probability_low == pytest.approx(4 / (4 + stats.norm.ppf(0.975) ** 2))
    assert row.pairs == 4
    # Sums of squares about the means: a 500, b 674
    assert row.variance_ratio == pytest.approx((500 + 674) / 14)
    welch = stats.ttest_ind([11, 22, 33, 46], [10, 20, 30, 40], equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert row.unpaired_low == pytest.approx(interval.low)
    assert row.unpaired_high == pytest.approx(interval.high)
    assert row.unit == "billion USD"


def test_by_quarter_and_cumulated_by_hand():
    a = receipts_of(np.array([[1, 1], [2, 2]]) * 1.0)
    b = receipts_of(np.array([[2, 3], [3, 6]]) * 1.0)
    result = tollgate.compare_by_quarter({"a": a, "b": b}, "levy_receipts").sel(policy="b")
    np.testing.assert_allclose(result.difference, [100, 300])
    np.testing.assert_allclose(result.cumulated, [100, 400])
    assert result.low[0] == result.high[0] == 100
    # Second quarter 200 and 400, cumulated 300 and 500: standard error 100, t(1) is 12.7062
    np.testing.assert_allclose(result.low[1], 300 - 1270.62047, rtol=1e-6)
    np.testing.assert_allclose(result.cumulated_high[1], 400 + 1270.62047, rtol=1e-6)
    assert result.difference.attrs["units"] == "cents"


def test_levels_are_not_cumulated_and_functions_are_taken():
    a, b = receipts_of([1.0, 2.0]), receipts_of([2.0, 4.0])

    def level(ds: xr.Dataset) -> xr.DataArray:
        return ds.levy_receipts.sum("vendor").assign_attrs(cell_methods="time: point", units="1")

    result = tollgate.compare_by_quarter({"a": a, "b": b}, level)
    assert "cumulated" not in result and "difference" in result
    with pytest.raises(ValueError, match="select or sum the others away"):
        tollgate.compare_by_quarter({"a": a, "b": b}, lambda ds: ds.levy_receipts)


def test_pairs_are_those_replicas_that_both_have():
    a = receipts_of(np.arange(5) * 1e9).isel(replica=[0, 1, 3, 4])
    b = receipts_of(np.arange(5) * 1e9 + 2e9).isel(replica=[4, 2, 1, 0])
    row = tollgate.compare({"a": a, "b": b}, names=["levy_receipts"]).iloc[0]
    assert row.pairs == 3
    assert (row.difference, row.low, row.high) == (2, 2, 2)


def test_the_bootstrap_agrees_with_student_where_both_are_right():
    values = np.random.default_rng(3).normal(5, 2, 400)
    t, bca = mean_interval(values, 0.95), bootstrap_interval(values, 0.95)
    # Ends differ by the noise of 9,999 resamples, about 3% of the half width of 0.2
    np.testing.assert_allclose(t, bca, atol=0.03)
    assert bootstrap_interval(values, 0.95) == bca
    assert bootstrap_interval(np.full(5, 2.0), 0.95) == (2, 2)
    a, b = luck(1, 40)
    table = tollgate.compare(
        {"a": receipts_of(a), "b": receipts_of(b)}, names=["levy_receipts"], interval="bca"
    )
    assert table.low.iloc[0] < table.difference.iloc[0] < table.high.iloc[0]


def test_the_unpaired_interval_is_welchs():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 1, 12), rng.normal(1, 3, 30)
    theirs = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.9)
    np.testing.assert_allclose(welch_interval(a, b, 0.9), [theirs.low, theirs.high])


def test_what_does_not_share_its_luck_is_refused_with_the_reason():
    a = receipts_of([1.0, 2.0, 3.0])
    for attrs, reason in (
        ({"seed": 2}, r"differ in seed \(1 and 2\)"),
        ({"sampling": "sobol"}, r"sampling design \(plain and sobol\)"),
        ({"frozen": "noise"}, "what is frozen"),
        ({"common_noise": "false"}, "noise of its own"),
    ):
        with pytest.raises(tollgate.TollgatePairingError, match=reason) as refusal:
            tollgate.compare({"a": a, "b": a.assign_attrs(attrs)}, names=["levy_receipts"])
        assert "paired=False" in str(refusal.value)
    lhs = a.assign_attrs(sampling="lhs")
    with pytest.raises(tollgate.TollgatePairingError, match="number of replicas"):
        tollgate.compare(
            {"a": lhs, "b": lhs.assign_attrs(replicas_planned=7)}, names=["levy_receipts"]
        )
    longer = receipts_of(np.ones((3, 2)))
    with pytest.raises(tollgate.TollgatePairingError, match="2025Q4 to 2026Q1"):
        tollgate.compare({"a": a, "b": longer}, names=["levy_receipts"])
    with pytest.raises(tollgate.TollgatePairingError, match="no replica in common"):
        tollgate.compare({"a": a, "b": a.assign_coords(replica=[5, 6, 7])}, names=["levy_receipts"])


def test_draws_that_differ_give_away_that_luck_is_not_shared():
    a = receipts_of([1.0, 2.0])

    def drawing(values):
        draw = xr.DataArray(np.array(values), dims=("replica", "parameter"))
        return a.drop_vars("parameter").assign(draw=draw).assign_coords(parameter=["x", "y", "z"])

    same = drawing([[1.0, 2, 3], [4, 5, 6]])
    one_changed = drawing([[1.0, 2, 30], [4, 5, 60]])  # a policy with another distribution for z
    moved = drawing([[1.0, 20, 30], [4, 50, 60]])
    assert (
        tollgate.compare({"a": same, "b": one_changed}, names=["levy_receipts"]).pairs.iloc[0] == 2
    )
    with pytest.raises(tollgate.TollgatePairingError, match="only 1 of the 3 parameters"):
        tollgate.compare({"a": same, "b": moved}, names=["levy_receipts"])


def test_unpaired_comparisons_are_welchs_and_count_no_pairs():
    a, b = receipts_of([1e9, 2e9, 3e9]), receipts_of([2e9, 3e9, 7e9], seed=2)
    row = tollgate.compare({"a": a, "b": b}, names=["levy_receipts"], paired=False).iloc[0]
    theirs = stats.ttest_ind([2, 3, 7], [1, 2, 3], equal_var=False).confidence_interval()
    np.testing.assert_allclose([row.low, row.high], [theirs.low, theirs.high])
    # Of 9 pairs 6 are greater and 2 equal
    assert row.probability_greater == pytest.approx(6 / 9)
    assert row.probability_equal == pytest.approx(2 / 9)
    assert row.pairs == 0
    assert np.isnan(row.variance_ratio)


def test_mistakes_in_the_arguments_are_told():
    a = receipts_of([1.0, 2.0])
    with pytest.raises(KeyError, match="no policy 'c'; there are a, b"):
        tollgate.compare({"a": a, "b": a}, reference="c")
    with pytest.raises(ValueError, match="two policies or more"):
        tollgate.compare({"a": a})
    with pytest.raises(ValueError, match="level"):
        tollgate.compare({"a": a, "b": a}, level=95)
    with pytest.raises(ValueError, match="interval"):
        tollgate.compare({"a": a, "b": a}, interval="z")
    with pytest.raises(KeyError, match="no outcome nope"):
        tollgate.compare({"a": a, "b": a}, names=["nope"])
    stacked = xr.concat([a, a], dim="point")
    with pytest.raises(ValueError, match="by_policy"):
        tollgate.compare({"a": stacked, "b": a})


def test_runs_of_different_programs_are_compared_with_a_warning():
    a = receipts_of([1.0, 2.0], tollgate_version="0.1.0", git_commit="abc")
    b = a.assign_attrs(git_commit="def")
    with pytest.warns(UserWarning, match=r"'?b'? is of version 0\.1\.0 \(def\)"):
        tollgate.compare({"a": a, "b": b}, names=["levy_receipts"])


def test_one_name_is_one_outcome():
    two = {"a": receipts_of(luck(1, 9)[0]), "b": receipts_of(luck(1, 9)[1])}
    table = tollgate.compare(two, names="levy_receipts")
    assert list(table.index) == [("levy_receipts", "b")]
    assert list(tollgate.outcomes(two["a"], "levy_receipts")) == ["levy_receipts"]


def test_cents_and_dollars_are_not_compared():
    cents = receipts_of(luck(1, 9)[0])
    dollars = cents.assign(levy_receipts=(cents.levy_receipts / 100).assign_attrs(units="USD"))
    for two in ({"a": cents, "b": dollars}, {"a": cents, "c": cents, "b": dollars}):
        with pytest.raises(ValueError, match=r"different units \(USD and cents\)"):
            tollgate.compare_by_quarter(two, "levy_receipts")


def test_prices_are_not_summed_over_chips():
    worlds = {name: small_world(rate=rate) for name, rate in (("a", 0.1), ("b", 0.25))}
    two = {
        name: ds.assign(
            price=ds.price.astype("float32").assign_attrs(ds.price.attrs),
            compute_h100e=ds.compute_h100e.astype("float32").assign_attrs(ds.compute_h100e.attrs),
        )
        for name, ds in worlds.items()
    }
    with pytest.raises(ValueError, match="a sum over chip, region means nothing"):
        tollgate.compare_by_quarter(two, "price")
    one = tollgate.compare_by_quarter(
        two, lambda ds: ds.price.sel(chip="far_chip", region="here", drop=True)
    )
    np.testing.assert_allclose(
        one.difference[0], [0, 1000 / 0.75 - 1000 / 0.9, 1000 / 0.75 - 1000 / 0.9, 0], rtol=1e-6
    )
    assert (tollgate.compare_by_quarter(two, "compute_h100e").difference == 0).all()


def test_a_headline_is_of_one_run():
    ds = receipts_of(luck(1, 9)[0])
    for dim in ("policy", "point"):
        both = xr.concat([ds, ds], dim, data_vars="all")
        with pytest.raises(ValueError, match=f"{dim}.*tollgate.by_policy"):
            tollgate.headline(both)
