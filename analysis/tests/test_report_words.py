import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_world import small_world
from test_pictures import comparison

from tollgate import Box
from tollgate._break_even import break_even_words
from tollgate._format import beside, number, percent, signed
from tollgate._report import _assumptions, _decisions, _diagnostics
from tollgate._report._answer import answer, key_outcomes, verdict
from tollgate._report._tables import Table
from tollgate._terminal import comparison_lines

LONG = {"revenue.far_maker": "Revenue of far_maker", "domestic_share": "Domestic share"}


def say(table: pd.DataFrame, **other) -> str:
    return answer(table, "open", LONG, period="2026-01-01 to 2027-01-01", **other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (4326.4, "4330"),
        (38.71, "38.7"),
        (0.05134, "0.0513"),
        (9.996, "10.0"),
        (-2.5, "-2.50"),
        (1e-12, "0"),
        (math.nan, "-"),
    ],
)
def test_numbers_have_three_digits_that_matter(value, text):
    assert number(value) == text


def test_signs_and_shares():
    assert [signed(2.5), signed(-2.5), signed(0)] == ["+2.50", "-2.50", "0"]
    assert [percent(0), percent(0.001), percent(0.5), percent(0.999), percent(1)] == [
        *("0%", "<1%", "50%", ">99%", "100%")
    ]


def test_two_means_beside_each_other_show_their_difference():
    assert [beside(3836.1606, 3.2188), beside(3839.3794, 3.2188)] == ["3836.16", "3839.38"]
    assert beside(0, 0.9) == "0"


def test_a_difference_is_called_one_only_where_the_interval_excludes_zero():
    text = say(comparison(1, 3))
    assert "Compared with open, toll raises revenue of far_maker by 2.00 billion USD" in text
    assert "or 20% (1.00 to 3.00; in 70% of replicas)" in text
    assert "told apart" not in text
    text = say(comparison(-3, -1))
    assert (
        "toll lowers revenue of far_maker by 2.00 billion USD or 20% (1.00 to 3.00; in 30%" in text
    )


@pytest.mark.parametrize(("low", "high"), [(-1, 3), (0, 3), (-3, 0)])
def test_what_the_interval_does_not_tell_apart_is_neither_a_difference_nor_none(low, high):
    text = say(comparison(low, high))
    assert "No outcome looked at here tells toll from open." in text
    assert "Not to be told apart with this many replicas: revenue of far_maker" in text
    assert "does not mean that there is no difference" in text
    assert "raises" not in text
    assert "lowers" not in text
    row = comparison(low, high).reset_index().iloc[0]
    assert verdict(row) == "not told apart"


def test_only_equal_replicas_are_called_the_same():
    text = say(comparison(0, 0, probability_equal=1.0, probability_greater=0.0))
    assert "The same in every replica: revenue of far_maker." in text
    # An interval of no width around zero is not enough.
    text = say(comparison(0, 0, probability_equal=0.5))
    assert "The same in every replica" not in text


def test_smaller_effects_that_are_not_named_are_counted():
    table = pd.concat([comparison(1, 3), comparison(0.1, 0.3, outcome="domestic_share")])
    text = say(table, most=1)
    assert "revenue of far_maker" in text
    assert "domestic share" not in text
    assert "The table has 1 smaller effects that are told apart." in text


def test_no_percentage_is_given_of_next_to_nothing():
    assert "%" not in say(comparison(1, 3, reference_mean=0.1)).split("(1.00")[0]


def test_few_pairs_are_said_to_be_few():
    assert "With 12 pairs the intervals are rough" in say(comparison(1, 3, pairs=12))
    assert "rough" not in say(comparison(1, 3))


def break_even(**other):
    from tollgate import BreakEven

    empty = pd.Series(dtype=float)
    values = {
        "policies": ("toll", "gate"),
        "cost": 2000.0,
        "low": 1000.0,
        "high": 3000.0,
        "shape": "bounded",
        "level": 0.95,
        "bootstrap_low": 1000.0,
        "bootstrap_high": 3000.0,
        "better_below": "toll",
        "better_above": "gate",
        "better_at_zero": "toll",
        "pairs": 50,
        "per_replica": empty,
        "welfare_difference": empty,
        "compute_difference": empty,
    }
    return BreakEven(**{**values, **other})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, "toll is worth more below it, gate above."),
        ({"cost": -2e3, "low": -3e3, "high": -1e3}, "no cost from 0 up takes from toll"),
        ({"cost": -1e3, "low": -3e3, "high": 1e3}, "do not settle which is worth more at no cost"),
        ({"shape": "outside", "low": -9, "high": 9}, "do not settle whether some cost changes"),
        ({"shape": "outside", "low": 5, "high": 9}, "do not settle which is worth more at no cost"),
        (
            {"shape": "everything", "low": -math.inf, "high": math.inf},
            "do not settle which is worth more at no cost",
        ),
        ({"cost": math.nan}, "leave the same compute"),
    ],
)
def test_a_break_even_says_no_more_than_its_interval(other, said):
    assert said in break_even_words(break_even(**other))
    assert said in str(break_even(**other))


def test_the_terminal_table_fits_80_columns_and_marks_what_is_told_apart():
    table = pd.concat(
        [
            comparison(1, 3),
            comparison(-1, 3, outcome="revenue_somewhere.a_vendor_with_a_long_name"),
        ]
    )
    lines = comparison_lines(table, "a_reference_with_a_long_name")
    assert max(map(len, lines)) <= 80
    starred = [line for line in lines if line.rstrip().endswith("x") and " * " in line]
    assert len(starred) == 1
    assert "+2.00" in starred[0]


def test_key_outcomes_are_chosen_by_what_the_runs_hold():
    two = {"one": small_world(), "two": small_world(rate=0.1)}
    names = key_outcomes(two)
    assert names[0] == "levy_receipts"
    assert {"revenue_here.far_maker", "revenue_here.home_maker", "grey_units.here"} <= set(names)
    assert "write_down" not in names  # zero throughout


def test_assumptions_name_value_source_and_confidence():
    table = _assumptions.assumptions(small_world()).set_index("key")
    drawn = table.loc["vendor.home_maker.preference"]
    assert drawn.value == "uniform low 0, high 1"
    assert (drawn.source, drawn.drawn, drawn.unit) == ("a coin", True, "1")
    inherited = table.loc["vendor.home_maker.headquarters"]
    assert (inherited.source, inherited.confidence, inherited.basis) == (
        *("made up", "low", "assumption"),
    )


def test_what_differs_between_scenarios_is_listed_and_nothing_else():
    two = {"low": small_world(rate=0.1), "high": small_world(rate=0.25)}
    values = _assumptions.differing_values(two)
    assert values.to_dict("index") == {"policy.toll.rate": {"low": "0.1", "high": "0.25"}}
    rules = _assumptions.differing_rules(two)
    assert list(rules.index) == ["toll"]
    assert rules.loc["toll", "high"] == "from 2026-04-01 to 2026-10-15; rate 0.25"


def test_what_adds_up_has_no_error_and_what_does_not_has_its_size():
    ds = small_world()
    with xr.set_options(keep_attrs=True):
        broken = ds.assign(levy_remitted=ds.levy_remitted + 3)
    table = _diagnostics.conservation_table({"whole": ds, "broken": broken})
    assert (table.whole == 0).all()
    # 3 cents a quarter too much, four quarters on end
    assert table.broken["levies charged = remitted + owed (cents)"] == 12


def test_the_standard_error_falls_as_one_over_the_root_of_replicas():
    few, many = small_world(25), small_world(100)
    table = _diagnostics.convergence_table({"few": few, "many": many}, ["revenue.far_maker"])
    errors = table.standard_error.droplevel("outcome")
    # Of a sum of uniform numbers; sd of the ratio of standard deviations is about 0.16.
    assert errors["few"] / errors["many"] == pytest.approx(2, rel=0.5)
    row = table.loc[("revenue.far_maker", "many")]
    assert row.replicas_for_1_percent == math.ceil(100 * (row.relative / 0.01) ** 2)


def test_a_table_keeps_its_numbers_in_the_csv_and_rounds_them_in_the_page():
    frame = pd.DataFrame({"x": [1.23456789]}, index=pd.Index(["<a>"], name="name"))
    table = Table("t", "Caption", frame, {"x": number})
    assert table.csv == "name,x\n<a>,1.23456789\n"
    assert table.body == [["<a>", "1.23"]]
    assert table.is_number == [False, True]


@pytest.mark.parametrize(("name", "confirmed"), [("planted", True), ("noise", False)])
def test_a_box_that_fails_on_the_other_half_is_no_finding(monkeypatch, name, confirmed):
    """240 replicas; the policy is worse where `planted` is above 0.7, whatever `noise` is."""
    rng = np.random.default_rng(3)
    draws = rng.random((240, 2))
    ds = xr.Dataset(
        {"draw": (("replica", "parameter"), draws)},
        {"replica": range(240), "parameter": ["planted", "noise"]},
    )
    worse = draws[:, 0] > 0.7
    values = pd.DataFrame({"toll": -1.0 * worse, "gate": -0.5})
    limits = pd.DataFrame(
        {"low": [0.8], "high": [math.inf], "p_low": [0.001], "p_high": [math.nan]}, index=[name]
    )
    box = Box(limits, 0.5, 0.9, 0.1, 12, 11)
    monkeypatch.setattr(_decisions, "find_boxes", lambda *args, **options: [box])
    result = _decisions.Choice()
    _decisions._box(result, ds, "toll", "gate", values)
    (sentence,) = result.sentences
    assert f"of all of that half {percent(worse[1::2].mean())} (p-values" in sentence
    assert ("no more than elsewhere" not in sentence) == confirmed
    assert len(result.pictures) == confirmed
