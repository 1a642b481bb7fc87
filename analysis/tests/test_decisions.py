import numpy as np
import pandas as pd
import pytest
import xarray as xr
from synthetic import span

import tollgate

# Four states, three policies.
VALUES = pd.DataFrame({"a": [10.0, 4, 8, 2], "b": [6.0, 6, 6, 6], "c": [9.0, 1, 9, 3]})


def test_regret_by_hand():
    expected = {"a": [0.0, 2, 1, 4], "b": [4.0, 0, 3, 0], "c": [1.0, 5, 0, 3]}
    pd.testing.assert_frame_equal(tollgate.regret(VALUES), pd.DataFrame(expected))
    costs = {"a": [4.0, 3, 2, 0], "b": [0.0, 5, 0, 4], "c": [3.0, 0, 3, 1]}
    pd.testing.assert_frame_equal(tollgate.regret(VALUES, maximise=False), pd.DataFrame(costs))


def test_robust_choice_by_hand():
    table = tollgate.robust_choice(VALUES, risk_aversion=0.3, threshold=5)
    assert list(table["mean"]) == [6, 6, 5.5]
    np.testing.assert_allclose(table.sd**2, [40 / 3, 0, 17])
    assert list(table.worst) == [2, 6, 1]
    assert list(table.maximum_regret) == [4, 4, 5]
    np.testing.assert_allclose(table.regret_95, [3.7, 3.85, 4.7])  # 0.85 between the largest two
    assert list(table.mean_regret) == [1.75, 1.75, 2.25]
    np.testing.assert_allclose(table.certainty_equivalent, [4, 6, 5.5 - 2.55])
    assert list(table.satisfied) == [0.5, 1, 0.5]
    assert list(table.best) == [0.25, 0.5, 0.25]
    assert list(table.efficient) == [False, True, False]
    picks = tollgate.chosen(table)
    assert picks.to_dict() == {
        "mean": "a",  # of equal ones the first
        "worst": "b",
        "maximum_regret": "a",
        "regret_95": "a",
        "mean_regret": "a",
        "certainty_equivalent": "b",
        "satisfied": "b",
        "best": "b",
    }


def test_less_may_be_better():
    table = tollgate.robust_choice(VALUES, maximise=False, risk_aversion=0.3, threshold=5)
    mirrored = tollgate.robust_choice(-VALUES, risk_aversion=0.3, threshold=-5)
    for column in ("mean", "worst", "certainty_equivalent"):
        np.testing.assert_allclose(table[column], -mirrored[column])
    for column in ("sd", "maximum_regret", "satisfied", "best"):
        np.testing.assert_allclose(table[column], mirrored[column])
    assert list(table.worst) == [10, 6, 9]
    assert list(table.satisfied) == [0.5, 0, 0.5]
    pd.testing.assert_series_equal(tollgate.chosen(table), tollgate.chosen(mirrored))


def test_without_a_threshold_nothing_is_satisfied():
    table = tollgate.robust_choice(VALUES)
    assert table.satisfied.isna().all()
    assert "satisfied" not in tollgate.chosen(table)
    np.testing.assert_array_equal(table.certainty_equivalent, table["mean"])


def test_the_least_maximum_regret_is_not_the_best_mean():
    values = pd.DataFrame({"bold": [100.0, 0, 100], "careful": [60.0, 50, 60]})
    picks = tollgate.chosen(tollgate.robust_choice(values))
    assert picks["mean"] == "bold"
    assert picks["maximum_regret"] == "careful"  # 40 against 50
    assert picks["worst"] == "careful"


def test_stability_is_that_of_the_resamples():
    # Difference of means 0.3 with standard error 0.1: a leads in 99.87% of the resamples, within 4
    # standard errors of 0.11%.
    rng = np.random.default_rng(1)
    gap = rng.standard_normal(400)
    gap = (gap - gap.mean()) / gap.std() * 2 + 0.3
    values = pd.DataFrame({"a": gap, "b": 0.0})
    table = tollgate.choice_stability(values, resamples=1000)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    assert table.loc["mean", "a"] == pytest.approx(0.9987, abs=0.005)
    assert table.loc["worst", "b"] == 1
    assert "satisfied" not in table.index
    same = tollgate.choice_stability(-values, maximise=False, resamples=1000)
    pd.testing.assert_frame_equal(table, same)


def run(values, seed=1, replicas=None, until="2026-04-01"):
    replicas = range(len(values)) if replicas is None else replicas
    return xr.Dataset(
        {"y": ("replica", values, {"units": "billion USD"})},
        {"replica": list(replicas), **span(until)},
        {"seed": seed},
    )


def y(ds):
    return ds.y


def test_policies_are_paired_by_replica():
    sets = {"a": run([1.0, 2, 3, 4]), "b": run([5.0, np.nan, 7], replicas=[1, 2, 3])}
    values = tollgate.policy_values(sets, y)
    assert values.index.to_list() == [1, 3]
    assert values.to_dict("list") == {"a": [2, 4], "b": [5, 7]}
    assert values.attrs["unit"] == "billion USD"
    assert tollgate.regret(values).attrs["unit"] == "billion USD"


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="differ in seed"):
        tollgate.policy_values({"a": run([1.0]), "b": run([1.0], seed=2)}, y)
    with pytest.raises(tollgate.TollgatePairingError, match="'b' over 2026Q1 to 2026Q2"):
        tollgate.policy_values({"a": run([1.0]), "b": run([1.0], until="2026-07-01")}, y)
    with pytest.raises(TypeError, match=r"'b' is 'ban.h5' of type str.*tollgate.open"):
        tollgate.policy_values({"a": run([1.0]), "b": "ban.h5"}, y)
    with pytest.raises(ValueError, match="no replica in common"):
        tollgate.policy_values({"a": run([1.0]), "b": run([1.0], replicas=[7])}, y)
    with pytest.raises(ValueError, match="'a' has the dimension point"):
        tollgate.policy_values({"a": run([1.0]).expand_dims("point"), "b": run([1.0])}, y)
    with pytest.raises(ValueError, match="some values are no numbers"):
        tollgate.regret(VALUES.where(VALUES < 10))
    with pytest.raises(ValueError, match="two policies"):
        tollgate.robust_choice(VALUES[["a"]])
    with pytest.raises(ValueError, match="risk_aversion is -1"):
        tollgate.robust_choice(VALUES, risk_aversion=-1)
