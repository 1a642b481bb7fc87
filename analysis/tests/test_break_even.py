import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats
from synthetic import span

import tollgate
from tollgate import fieller_interval


@pytest.fixture
def linear(monkeypatch):
    """Two policies with given differences of welfare (billion USD) and compute (H100e)."""

    def make(value, compute):
        def ds(value, compute):
            return xr.Dataset(
                {
                    "welfare": ("replica", np.asarray(value, dtype=float)),
                    "focus_h100e": ("replica", np.asarray(compute, dtype=float)),
                },
                {"replica": range(len(value)), **span()},
                {"seed": 1},
            )

        monkeypatch.setattr("tollgate._break_even.welfare", lambda ds, weights: ds.welfare)
        monkeypatch.setattr("tollgate._break_even.welfare_parts", lambda ds: ds)
        base = np.arange(len(value)) ** 2.0  # common to both, so it drops out
        return {"levy": ds(base + value, base + compute), "ban": ds(base, base)}

    return make


def test_a_hand_worked_break_even(linear):
    # 3 billion USD more welfare for 1 million H100e more: 3,000 USD each.
    answer = tollgate.break_even(linear([2.0, 3, 4], [1.0e6, 0.5e6, 1.5e6]))
    assert answer.cost == pytest.approx(3000)
    np.testing.assert_allclose(answer.per_replica, [2000, 6000, 4e9 / 1.5e6])
    assert (answer.better_below, answer.better_above) == ("levy", "ban")
    assert answer.better_at_zero == "levy"
    assert answer.pairs == 3
    # Signs of W(c): 2 - c/1000, 3 - c/2000, 4 - c/666.7 at c = 2000: 0 (half), +, +.
    assert answer.probability_first_better(2000) == pytest.approx(2.5 / 3)
    assert answer.probability_first_better(1e6) == 0


def test_fieller_by_hand():
    # x = 2, 3, 4 (mean 3, variance 1), y = 10, 11, 12 (mean 11, variance 1), covariance 1; over 3.
    x, y = np.array([2.0, 3, 4]), np.array([10.0, 11, 12])
    t2 = stats.t.ppf(0.975, 2) ** 2 / 3
    a, b, d = 121 - t2, 33 - t2, 9 - t2
    low, high, shape = fieller_interval(x, y)
    root = np.sqrt(b**2 - a * d)
    assert shape == "bounded"
    assert (low, high) == pytest.approx(((b - root) / a, (b + root) / a))
    assert low < 3 / 11 < high


def test_the_ends_are_where_the_t_test_turns():
    rng = np.random.default_rng(1)
    y = 1 + rng.standard_normal(30)
    x = 2 * y + rng.standard_normal(30)
    low, high, _ = fieller_interval(x, y, 0.9)
    for end in (low, high):
        assert stats.ttest_1samp(x - end * y, 0).pvalue == pytest.approx(0.1)


def test_shapes_of_the_set():
    rng = np.random.default_rng(2)
    noise = rng.standard_normal(50)
    noise -= noise.mean()
    other = rng.standard_normal(50)
    other -= other.mean()
    # The denominator is not told from zero, the numerator is: very large costs of either sign.
    low, high, shape = fieller_interval(5 + noise, 0.1 + other)
    assert shape == "outside"
    assert low < 0 < high
    for cost, inside in ((low - 1, True), (high + 1, True), (0.0, False)):
        p = stats.ttest_1samp(5 + noise - cost * (0.1 + other), 0).pvalue
        assert (p > 0.05) == inside
    assert fieller_interval(0.01 + noise, 0.01 + other)[2] == "everything"


def truth_is_in(low, high, shape, truth):
    if shape == "bounded":
        return low <= truth <= high
    return shape == "everything" or truth <= low or truth >= high


@pytest.mark.parametrize(
    ("mean_compute", "draw", "least"),
    [
        # 95% less 4 standard errors of 0.49% over 2,000 experiments; exact for normals, whatever
        # the mean of the denominator, and a little less for skewed ones.
        (1.0, "standard_normal", 0.930),
        (0.1, "standard_normal", 0.930),
        (0.0, "standard_normal", 0.930),
        (1.0, "exponential", 0.915),
    ],
)
def test_the_interval_holds_the_truth(mean_compute, draw, least):
    rng = np.random.default_rng(3)
    truth, n = 2.0, 60
    held = 0
    for _ in range(2000):
        u, v = getattr(rng, draw)(size=(2, n))
        if draw == "exponential":
            u, v = u - 1, v - 1
        y = mean_compute + u
        x = truth * mean_compute + 1.5 * u + v
        held += truth_is_in(*fieller_interval(x, y), truth)
    assert least <= held / 2000 <= 0.970


def test_fieller_and_bootstrap_agree_where_compute_differs_clearly(linear):
    rng = np.random.default_rng(4)
    compute = 1e6 * (1 + 0.2 * rng.standard_normal(300))
    answer = tollgate.break_even(linear(3 + rng.standard_normal(300), compute))
    assert answer.shape == "bounded"
    width = answer.high - answer.low
    assert answer.bootstrap_low == pytest.approx(answer.low, abs=0.15 * width)
    assert answer.bootstrap_high == pytest.approx(answer.high, abs=0.15 * width)


def test_the_order_of_the_policies_does_not_matter(linear):
    rng = np.random.default_rng(5)
    sets = linear(1 + rng.standard_normal(40), -1e6 + 1e5 * rng.standard_normal(40))
    one = tollgate.break_even(sets)
    other = tollgate.break_even(dict(reversed(sets.items())))
    assert one.cost == other.cost
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    assert (one.better_below, one.better_above) == (other.better_below, other.better_above)
    # More welfare and less compute: the levy is better at any cost from 0 up.
    assert one.cost < 0
    assert one.better_above == one.better_at_zero == "levy"
    assert "no cost from 0 up takes from levy that it is worth more" in str(one)


def test_equal_compute_has_no_break_even(linear):
    answer = tollgate.break_even(linear([1.0, 2, 3], [0.0, 0, 0]))
    assert np.isnan(answer.cost)
    assert answer.shape == "everything"
    assert answer.per_replica.isna().all()
    assert answer.better_below == answer.better_above == "levy"
    assert "no security cost changes" in str(answer)


def test_what_cannot_be_bounded_is_said(linear):
    rng = np.random.default_rng(6)
    answer = tollgate.break_even(linear(rng.standard_normal(50), 1e6 * rng.standard_normal(50)))
    assert answer.shape == "everything"
    assert "interval: anything; 50 pairs): the replicas do not settle" in str(answer)
    assert np.isfinite(answer.bootstrap_low)  # which is why the bootstrap only stands beside it


def test_all_pairs_of_policies(linear):
    sets = linear([2.0, 3, 4], [1.0e6, 0.5e6, 1.5e6])
    sets["open"] = sets["levy"].assign(focus_h100e=sets["levy"].focus_h100e + 1e6)
    table = tollgate.break_even_table(sets)
    assert list(table.index) == [("levy", "ban"), ("levy", "open"), ("ban", "open")]
    assert table.cost["levy", "ban"] == pytest.approx(3000)
    assert table.cost["levy", "open"] == 0  # the same welfare, less compute
    assert table.cost["ban", "open"] == pytest.approx(1500)
    with pytest.raises(ValueError, match="between two policies, not 3"):
        tollgate.break_even(sets)


def test_too_few_pairs_are_refused(linear):
    with pytest.raises(ValueError, match="2 pairs"):
        tollgate.break_even(linear([1.0, 2], [1.0, 2]))


def test_at_the_break_even_the_program_s_welfare_is_the_same(ensemble):
    levy = tollgate.open(ensemble)
    # Another policy: half of the levy's receipts, a tenth less compute in the focus region.
    other = levy.assign(
        levy_receipts=levy.levy_receipts // 2,
        compute_h100e=levy.compute_h100e * (1 - 0.1 * (levy.region == "china")),
    )
    answer = tollgate.break_even({"levy": levy, "other": other})
    at_cost = [tollgate.welfare(ds, security_cost=answer.cost).mean() for ds in (levy, other)]
    assert at_cost[0].item() == pytest.approx(at_cost[1].item(), rel=1e-9)
    assert answer.better_below == "levy"


def test_several_runs_opened_as_one_are_split(linear):
    sets = linear([2.0, 3, 4], [1.0e6, 0.5e6, 1.5e6])
    one = xr.concat(sets.values(), "policy").assign_coords(policy=list(sets))
    assert str(tollgate.break_even(one)) == str(tollgate.break_even(sets))
    pd.testing.assert_frame_equal(tollgate.break_even_table(one), tollgate.break_even_table(sets))
