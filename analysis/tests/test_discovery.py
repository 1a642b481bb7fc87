import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tollgate

pytest.importorskip("ema_workbench")


def planted(n=1000, d=10, noise=0.0, seed=1):
    """Cases in 0.6 <= p2 and p5 <= 0.5, of which a share is flipped."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.random((n, d)), columns=[f"p{j}" for j in range(d)])
    y = (x.p2 >= 0.6) & (x.p5 <= 0.5)
    return x, y ^ pd.Series(rng.random(n) < noise, index=x.index)


def test_prim_finds_a_planted_box():
    x, y = planted()
    box = tollgate.find_boxes(x, y, most_boxes=1)[0]
    assert set(box.limits.index) == {"p2", "p5"}
    low, high = box.limits.loc["p2"], box.limits.loc["p5"]
    # The box with most coverage among those of 80%: it may be a little too wide.
    assert 0.5 < low.low < 0.62
    assert low.high == np.inf
    assert 0.48 < high.high < 0.62
    assert high.low == -np.inf
    assert box.density >= 0.8
    assert box.coverage > 0.95
    inside = box.contains(x)
    assert box.cases == inside.sum()
    assert box.cases_of_interest == (inside & y).sum()
    assert box.density == pytest.approx((inside & y).sum() / inside.sum())
    assert box.coverage == pytest.approx((inside & y).sum() / y.sum())
    assert box.mass == inside.mean()


def test_a_pure_box_is_found_when_density_is_to_be_1():
    x, y = planted()
    box = tollgate.find_boxes(x, y, density=1.0, most_boxes=1)[0]
    assert box.density == 1
    assert box.coverage > 0.85  # peeled in steps of 5%
    assert box.limits.low["p2"] >= 0.6 - 1e-12
    assert box.limits.high["p5"] <= 0.5 + 1e-12


def test_a_box_under_noise_holds_on_other_cases():
    x, y = planted(noise=0.1, seed=2)
    box = tollgate.find_boxes(x, y, most_boxes=1)[0]
    assert set(box.limits.index) == {"p2", "p5"}
    again = box.measure(*planted(n=4000, noise=0.1, seed=3))
    # In the planted box 90%, in what may be peeled too little some less.
    assert again.density > 0.75
    assert again.coverage > 0.6  # of all cases of interest a third is noise outside
    pd.testing.assert_frame_equal(again.limits[["low", "high"]], box.limits[["low", "high"]])
    assert (again.limits.min(axis=1) < 1e-6).all() or again.limits.p_low.min() < 1e-6


def test_quasi_p_values_by_hand():
    # 20 cases; p0 >= 10 holds 10, of which 8 are of interest; of all, 10 are.
    x = pd.DataFrame({"p0": np.arange(20.0)})
    y = pd.Series([True] * 2 + [False] * 8 + [True] * 8 + [False] * 2)
    whole = tollgate.Box(
        pd.DataFrame({"low": [10.0], "high": [np.inf]}, index=["p0"]), 0, 0, 0, 0, 0
    )
    box = whole.measure(x, y)
    assert (box.cases, box.cases_of_interest) == (10, 8)
    assert (box.density, box.coverage, box.mass) == (0.8, 0.8, 0.5)
    expected = stats.binom.sf(7, 10, 0.5)
    assert box.limits.p_low["p0"] == pytest.approx(expected)
    assert np.isnan(box.limits.p_high["p0"])


def test_a_second_box_is_sought_in_what_is_left():
    rng = np.random.default_rng(4)
    x = pd.DataFrame(rng.random((1500, 5)), columns=list("abcde"))
    y = (x.a > 0.7) & (x.b > 0.5) | (x.c < 0.2) & (x.d < 0.6)
    boxes = tollgate.find_boxes(x, y, density=0.9)
    assert {frozenset(box.limits.index) for box in boxes[:2]} >= {frozenset("ab"), frozenset("cd")}
    left = ~boxes[0].contains(x)
    assert boxes[1].coverage == pytest.approx(
        (boxes[1].contains(x) & y & left).sum() / (y & left).sum()
    )


def test_limits_that_mean_nothing_are_dropped():
    x, y = planted(n=300, d=40, noise=0.05, seed=5)
    strict = tollgate.find_boxes(x, y, significance=1e-4, most_boxes=1)[0]
    assert set(strict.limits.index) == {"p2", "p5"}
    p = strict.limits[["p_low", "p_high"]].stack()
    assert (p.dropna() <= 1e-4).all()


def test_what_matters_is_found_among_hundreds_of_parameters():
    # As many cases and parameters as an ensemble has; unscreened, noise is peeled off first.
    x, y = planted(n=300, d=300, noise=0.05, seed=6)
    box = tollgate.find_boxes(x, y, most_boxes=1)[0]
    assert {"p2", "p5"} <= set(box.limits.index)
    again = box.measure(*planted(n=4000, d=300, noise=0.05, seed=7))
    assert again.density > 3 * y.mean()


def test_the_trajectory_trades_coverage_for_density():
    x, y = planted()
    trajectory = tollgate.find_boxes(x, y, most_boxes=1)[0].trajectory
    assert trajectory.coverage.iloc[0] == 1
    assert trajectory.density.iloc[0] == pytest.approx(y.mean())
    assert trajectory.density.max() == 1
    assert trajectory.mass.is_monotonic_decreasing


def test_a_parameter_may_have_any_name():
    x, y = planted()
    box = tollgate.find_boxes(x.rename(columns={"p2": "scenario", "p5": "a.b c"}), y, most_boxes=1)[
        0
    ]
    assert set(box.limits.index) == {"scenario", "a.b c"}
    assert "scenario >= 0.5" in str(box)
    assert "of all that are" in str(box)


def test_a_box_that_is_not_dense_enough_is_the_only_one():
    x, y = planted(noise=0.3)
    boxes = tollgate.find_boxes(x, y, density=0.99, least_mass=0.1)
    assert len(boxes) == 1
    assert boxes[0].density < 0.99
    assert boxes[0].density > y.mean()


def test_cases_are_matched_by_their_index():
    x, y = planted()
    some = y.sample(900, random_state=1)
    box = tollgate.find_boxes(x, some, most_boxes=1)[0]
    same = tollgate.find_boxes(x.loc[sorted(some.index)], y.loc[sorted(some.index)], most_boxes=1)[
        0
    ]
    pd.testing.assert_frame_equal(box.limits, same.limits)


def test_a_tree_finds_the_planted_box_too():
    x, y = planted()
    (rule,) = tollgate.classification_rules(x, y)
    assert set(rule.limits.index) == {"p2", "p5"}
    assert rule.limits.low["p2"] == pytest.approx(0.6, abs=0.02)
    assert rule.limits.high["p5"] == pytest.approx(0.5, abs=0.02)
    assert rule.coverage > 0.97
    assert rule.density > 0.97
    assert (rule.limits.min(axis=1) < 1e-6).all()


def test_what_cannot_be_searched_is_refused():
    x, y = planted(n=50)
    with pytest.raises(ValueError, match="0 of 50 cases are of interest"):
        tollgate.find_boxes(x, y & False)
    with pytest.raises(ValueError, match="50 of 50"):
        tollgate.classification_rules(x, y | True)
    with pytest.raises(ValueError, match="have to be numbers, and label are not"):
        tollgate.find_boxes(x.assign(label="a"), y)


def test_draws_of_a_run_can_be_searched(ensemble):
    ds = tollgate.open(ensemble)
    values = tollgate.outcomes(ds, ["domestic_share"]).domestic_share.to_series()
    boxes = tollgate.find_boxes(
        tollgate.draws(ds), values > values.median(), least_mass=0.3, significance=1.0
    )
    assert boxes[0].density >= 0.8  # with hundreds of parameters 8 replicas are easily told apart
    assert set(boxes[0].limits.index) <= set(ds.parameter.values)
