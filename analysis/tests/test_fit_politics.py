"""The fit of political hazards: known generators come back, and standard errors mean what they say.

Statistical tests have fixed seeds; each tolerance says how often it would be missed by chance.
"""

import importlib.util
import math
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "scenarios/files/reference"


def load_tool():
    path = REPOSITORY / "scenarios/tools/fit_politics.py"
    spec = importlib.util.spec_from_file_location("fit_politics", path)
    tool = importlib.util.module_from_spec(spec)
    sys.modules["fit_politics"] = tool  # dataclasses look their module up
    spec.loader.exec_module(tool)
    return tool


tool = load_tool()

CYCLE = {("a", "b"): 0.8, ("b", "c"): 2.0, ("b", "a"): 0.5, ("c", "a"): 1.2}


def elections(years: int) -> list:
    """Half a year in every two counts as 1, half a year as 0.5."""
    on = [tool.Interval(2.0 * i, 2 * i + 0.5, "election", 1.0) for i in range(years // 2)]
    half = [tool.Interval(2 * i + 1.0, 2 * i + 1.5, "election", 0.5) for i in range(years // 2)]
    return on + half


def test_a_rate_is_moves_over_years_with_its_standard_error():
    chain = tool.Chain("x", [0.0, 2.0, 3.0, 7.0, 7.5, 10.0], ["a", "b", "a", "b", "a"])
    rates = {(r.origin, r.destination): r for r in tool.fit_rates(chain)}
    assert chain.years_in("a") == 8.5
    assert rates["a", "b"].rate == pytest.approx(2 / 8.5)
    assert rates["a", "b"].standard_error == pytest.approx(math.sqrt(2) / 8.5)
    assert rates["b", "a"].rate == pytest.approx(2 / 1.5)
    assert rates["b", "a"].distribution["sigma"] == pytest.approx(1 / math.sqrt(2), abs=1e-3)


def test_newton_gives_the_closed_form_without_covariates():
    chain = tool.simulate(CYCLE, "a", 0, 300, np.random.default_rng(1))
    for pair in CYCLE:
        closed = next(r for r in tool.fit_rates(chain) if (r.origin, r.destination) == pair)
        fit = tool.fit_hazard(tool.segments(chain, *pair, []))
        assert fit.is_identified
        assert math.exp(fit.estimate[0]) == pytest.approx(closed.rate, rel=1e-9)
        assert fit.standard_error[0] == pytest.approx(closed.standard_error / closed.rate, rel=1e-6)


def test_newton_gives_the_closed_form_for_a_covariate_that_is_on_or_off():
    covariates = [tool.Interval(3.0 * i, 3 * i + 1, "summit", 1.0) for i in range(100)]
    effects = {("a", "b"): {"summit": 0.9}}
    chain = tool.simulate(CYCLE, "a", 0, 300, np.random.default_rng(2), covariates, effects)
    data = tool.segments(chain, "a", "b", ["summit"])
    fit = tool.fit_hazard(data)
    on = data.covariates[:, 0] == 1
    moves = [data.moves[~on].sum(), data.moves[on].sum()]
    years = [data.years[~on].sum(), data.years[on].sum()]
    assert sum(years) == pytest.approx(chain.years_in("a"))
    ratio = moves[1] / years[1] / (moves[0] / years[0])
    assert fit.estimate[1] == pytest.approx(math.log(ratio), rel=1e-8)
    assert fit.standard_error[1] == pytest.approx(math.sqrt(1 / moves[0] + 1 / moves[1]), rel=1e-6)


def test_a_long_history_gives_its_generator_back():
    chain = tool.simulate(CYCLE, "a", 0, 2000, np.random.default_rng(3))
    for rate in tool.fit_rates(chain):
        # 4 standard errors in 4 rates: missed by chance about once in 4,000.
        assert abs(rate.rate - CYCLE[rate.origin, rate.destination]) < 4 * rate.standard_error
        assert rate.standard_error < 0.1 * rate.rate  # so that the line above says something


def test_a_long_history_gives_the_effect_of_a_covariate_back():
    effects = {("a", "b"): {"election": 1.0}, ("b", "c"): {"election": -0.7}}
    chain = tool.simulate(CYCLE, "a", 0, 2000, np.random.default_rng(4), elections(2000), effects)
    for pair, rate in CYCLE.items():
        fit = tool.fit_hazard(tool.segments(chain, *pair, ["election"]))
        truth = [math.log(rate), effects.get(pair, {}).get("election", 0.0)]
        # 4 standard errors in 8 numbers: missed by chance about once in 2,000.
        assert np.all(np.abs(fit.estimate - truth) < 4 * fit.standard_error)
        assert np.all(fit.standard_error < 0.25)


def test_intervals_of_95_percent_cover_the_truth_that_often():
    fits, covered = 200, np.zeros(2)
    effects = {("a", "b"): {"election": 0.8}}
    generator = np.random.default_rng(5)
    for _ in range(fits):
        chain = tool.simulate(CYCLE, "a", 0, 120, generator, elections(120), effects)
        fit = tool.fit_hazard(tool.segments(chain, "a", "b", ["election"]))
        assert fit.is_identified
        truth = np.array([math.log(0.8), 0.8])
        covered += np.abs(fit.estimate - truth) < tool.NORMAL_95 * fit.standard_error
    # Binomial: standard deviation 1.5 points, 4 of them are missed by chance about once in 16,000.
    tolerance = 4 * math.sqrt(0.95 * 0.05 / fits)
    assert np.all(np.abs(covered / fits - 0.95) < tolerance)


def test_a_simulated_stay_is_exponential():
    chain = tool.simulate(
        {("a", "b"): 2.0, ("b", "a"): 0.5}, "a", 0, 4000, np.random.default_rng(6)
    )
    stays = np.diff(chain.times)[:-1]
    for regime, rate in (("a", 2.0), ("b", 0.5)):
        sample = np.sort(stays[np.array(chain.regimes[:-1]) == regime])
        cdf = 1 - np.exp(-rate * sample)
        n = len(sample)
        distance = max((cdf - np.arange(n) / n).max(), (np.arange(1, n + 1) / n - cdf).max())
        assert distance < 2.23 / math.sqrt(n)  # missed by chance once in 10,000


def test_what_was_never_seen_has_a_bound_and_what_is_unknown_a_stand_in():
    # a and b are visited twice, c is never.
    chain = tool.Chain("x", [0.0, 2.0, 3.0, 7.0, 10.0], ["a", "b", "a", "b"])
    possible = [("b", "d"), ("a", "d"), ("d", "a"), ("d", "b"), ("b", "a")]
    rates = {
        (r.origin, r.destination): r
        for r in tool.fit_rates(chain, possible, tool.mean_rate([chain]))
    }
    assert rates["b", "a"].basis == "seen"
    assert rates["a", "d"].basis == "bound"  # d was never entered, from wherever: ten years
    assert rates["a", "d"].rate == pytest.approx(3 / 10)
    assert math.isnan(rates["a", "d"].standard_error)
    assert rates["a", "d"].distribution == {"distribution": "uniform", "low": 0, "high": 0.3}
    assert rates["d", "a"].basis == "stand-in"
    assert rates["d", "a"].rate == pytest.approx(3 / 10 / 2)  # three moves in ten years, two ways
    # A destination that was entered from elsewhere: only the years in the origin count.
    chain = tool.Chain("x", [0.0, 2.0, 3.0, 5.0, 10.0], ["a", "b", "c", "a"])
    rates = {(r.origin, r.destination): r for r in tool.fit_rates(chain, [("b", "a")])}
    assert rates["b", "a"].rate == pytest.approx(3 / 1.0)


def test_at_the_bound_of_the_rule_of_three_a_move_is_missed_once_in_twenty():
    years, histories = 5.0, 4000
    generator = np.random.default_rng(7)
    rates = {("a", "b"): tool.RULE_OF_THREE / years}
    missed = sum(
        not tool.simulate(rates, "a", 0, years, generator).moves() for _ in range(histories)
    )
    # Binomial, 4 standard deviations: missed by chance about once in 16,000.
    assert abs(missed / histories - 0.05) < 4 * math.sqrt(0.05 * 0.95 / histories)


def test_an_effect_that_runs_to_infinity_is_not_identified():
    covariates = [tool.Interval(1.9, 2.1, "summit", 1.0), tool.Interval(6.9, 7.1, "summit", 1.0)]
    chain = tool.Chain("x", [0.0, 2.0, 3.0, 7.0, 7.5], ["a", "b", "a", "b"], covariates)
    assert not tool.fit_hazard(tool.segments(chain, "a", "b", ["summit"])).is_identified
    assert not tool.fit_hazard(tool.segments(chain, "a", "c", ["summit"])).is_identified
    assert tool.fit_hazard(tool.segments(chain, "a", "b", [])).is_identified


def test_a_cut_knows_nothing_of_what_comes_after_it():
    chain = tool.Chain("x", [0.0, 2.0, 3.0, 7.0, 10.0], ["a", "b", "a", "b"])
    early = chain.cut(5.0)
    assert early.times == [0.0, 2.0, 3.0, 5.0]
    assert early.regimes == ["a", "b", "a"]
    assert chain.cut(11.0) is chain


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("2022-01-01,x,a\n2021-01-01,x,b\n", "out of order"),
        ("2022-01-01,x,a\n2023-01-01,x,a\n", "changes nothing"),
        ("2022-01-01,x,a\n", "no row 'end'"),
        ("2022-01-01,x,a\n2023-01-01,x,end\n2024-01-01,x,b\n", "comes after its end"),
    ],
)
def test_a_history_that_is_wrong_is_refused(tmp_path, rows, complaint):
    path = tmp_path / "history.csv"
    path.write_text("date,chain,regime\n" + rows)
    with pytest.raises(SystemExit, match=complaint):
        tool.load_history(str(path))


def arguments(*more: str) -> list[str]:
    moves = str(REFERENCE / "politics_moves.csv")
    return [str(REFERENCE / "politics_history.csv"), "--moves", moves, *more]


def test_the_tables_of_the_documentation_are_those_that_the_fit_prints(capsys):
    text = (REPOSITORY / "docs/model.md").read_text()
    tool.main(arguments("--until", "2024-12-31"))
    assert capsys.readouterr().out in text
    tool.main(arguments("--covariates", str(REFERENCE / "politics_covariates.csv")))
    for table in capsys.readouterr().out.split("\n\n"):
        assert table.strip() in text


def test_the_blind_scenario_has_the_transitions_that_the_fit_prints(capsys):
    tool.main(arguments("--until", "2024-12-31", "--toml"))
    fitted = tomllib.loads(capsys.readouterr().out)["transition"]
    with open(REPOSITORY / "scenarios/files/policies/history-blind.toml", "rb") as file:
        shipped = tomllib.load(file)["transition"]
    assert shipped.keys() == fitted.keys()
    for name, transition in fitted.items():
        assert {key: shipped[name][key] for key in transition} == transition


def test_simulated_histories_check_the_standard_errors(capsys):
    tool.main(arguments("--simulate", "50"))
    printed = capsys.readouterr().out
    rows = re.findall(r"\| washington \| selling \| shut \|.*%", printed)
    assert len(rows) == 1
    tool.main(arguments("--simulate", "50"))
    assert capsys.readouterr().out == printed  # the seed is fixed
