"""Details of the report: what of many policies is said, and with which words and units."""

import matplotlib
import pandas as pd
from small_world import small_world
from test_pictures import comparison
from test_report_words import say

from tollgate import charts, policy_events
from tollgate._report import _assumptions, _sections

matplotlib.use("Agg")


def test_only_some_of_many_policies_are_put_in_words():
    many = pd.concat(
        comparison(1, 3).rename(index={"toll": f"toll_{i}"}, level="policy") for i in range(10)
    )
    text = say(many)
    assert "toll_3 raises" in text
    assert "toll_4 raises" not in text
    assert "6 more policies, toll_4 to toll_9, are in the table only." in text
    assert "more policies" not in say(many.iloc[:5])


def test_sources_of_what_only_others_assume_are_listed_too():
    two = {"low": small_world(rate=0.1), "high": small_world(rate=0.25)}
    toml = (
        two["high"]
        .scenario_toml.item()
        .replace(
            "[policy.toll]",
            "[policy.cap]\n"
            'instrument = "volume_cap"\n'
            'units = { distribution = "uniform", low = 1, high = 2, source = "a hearing", '
            'confidence = "low" }\n\n[policy.toll]',
        )
    )
    two["high"] = two["high"].assign(scenario_toml=((), toml))
    table = _assumptions.assumptions_of(two, "low").set_index(["policy", "key"])
    alone = _assumptions.assumptions(two["low"])
    assert list(table.loc["low"].index) == list(alone.key)
    assert list(table.loc["high"].index) == [
        *("policy.cap.instrument", "policy.cap.units", "policy.toll.rate")
    ]
    units = table.loc[("high", "policy.cap.units")]
    assert (units.source, units.confidence, bool(units.drawn)) == ("a hearing", "low", True)


def test_rules_that_differ_in_their_source_alone_are_not_called_different():
    two = {"one": small_world(), "two": small_world()}
    toml = two["two"].scenario_toml.item().replace("a law", "another paper on the same law")
    two["two"] = two["two"].assign(scenario_toml=((), toml))
    assert _assumptions.differing_rules(two).empty


def test_the_words_for_an_effect_have_the_unit_of_the_picture():
    two = {"one": small_world(), "two": small_world(gain=30e6)}
    effects = _sections._effects(two, "one", comparison(1, 3))
    said = next(p.alt for p in effects if p.name == "effect-revenue")
    assert "million USD per quarter: two +30.0." in said


def test_a_levy_is_named_first_among_the_rules_of_a_day():
    ds = small_world()
    more = "".join(
        f'\n[policy.{name}]\ninstrument = "ban"\neffective = 2026-04-01\n'
        for name in ("a_list", "b_list", "c_list")
    )
    ds = ds.assign(scenario_toml=((), ds.scenario_toml.item() + more))
    assert policy_events(ds)["2026-04-01"] == "toll, a_list and 2 more"


def test_many_panels_of_compute_go_into_rows_that_leave_room():
    runs = {f"policy {i}": small_world() for i in range(11)}
    figure = charts.compute_by_origin(runs)
    figure.draw_without_rendering()
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert len(shown) == 11
    inches = [ax.get_position().width * figure.get_figwidth() for ax in shown]
    assert min(inches) > 0.8
