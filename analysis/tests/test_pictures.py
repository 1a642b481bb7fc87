import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy import stats
from small_world import small_world

import tollgate
from tollgate import charts, policy_dates, policy_events
from tollgate.charts import _compute, _style
from tollgate.charts._laffer import best_range


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(matplotlib.text.Text)}


def test_dates_of_rules_are_those_of_the_scenario():
    table = policy_dates(small_world())
    found = [(str(row.date.date()), row.event, row.policy) for row in table.itertuples()]
    assert found == [
        ("2025-01-01", "effective", "gate"),
        ("2026-02-01", "announced", "toll"),
        ("2026-04-01", "effective", "toll"),
        ("2026-10-15", "until", "toll"),
    ]


def test_events_are_changes_of_law_during_the_run_that_the_other_run_lacks():
    ds = small_world()
    assert policy_events(ds) == {"2026-04-01": "toll", "2026-10-15": "end of toll"}
    assert policy_events(ds, without=ds) == {}


def test_a_drawn_date_stands_at_the_median_of_its_draws():
    ds = small_world(replicas=3)
    toml = ds.scenario_toml.item().replace(
        "effective = 2026-04-01",
        'effective = { distribution = "uniform", low = 2026-04-01, high = 2026-06-01 }',
    )
    days = [
        (np.datetime64(day) - np.datetime64("1970-01-01")).astype(int)
        for day in ("2026-04-02", "2026-05-05", "2026-05-30")
    ]
    ds = (
        ds.drop_dims("parameter")
        .assign(
            scenario_toml=((), toml), draw=(("replica", "parameter"), np.array([days], float).T)
        )
        .assign_coords(parameter=["policy.toll.effective"])
    )
    assert "2026-05-05" in policy_events(ds)


def test_names_of_dates_that_do_not_fit_become_letters_with_a_key():
    ds = small_world()
    series = ds.levy_receipts.sum("vendor").assign_attrs(ds.levy_receipts.attrs)
    long_name = "a very long name of a rule that no picture of this size can hold in one line"
    for events, expected in (({"2026-05-01": "toll"}, "toll"), ({"2026-05-01": long_name}, "a")):
        figure = Figure(figsize=(4.4, 3))
        ax = charts.fan_chart(series, ax=figure.subplots(), events=events)
        assert expected in texts(figure)
        assert any(long_name in " ".join(text.split()) for text in texts(ax)) == (expected == "a")


def test_compute_is_stacked_to_the_mean_of_all_origins():
    ds = small_world()
    figure = charts.compute_by_origin({"one": ds, "two": ds}, region="there")
    for ax in figure.axes:
        tops = [np.max(area.get_datalim(ax.transData).y1) for area in ax.collections]
        assert max(tops) == pytest.approx(450)  # 3 x (100 + 50) H100e
        assert ax.get_ylim()[1] > 450
    labels = texts(figure)
    assert {"domestic 300", "rented abroad 150"} <= labels


def test_neighbours_of_the_stack_differ_in_grey():
    grey = [_style.luminance(to_rgb(fill)) for fill in _compute._FILLS[:4]]
    assert min(abs(a - b) for i, a in enumerate(grey) for b in grey[:i]) > 0.1


def test_shares_add_up_to_one_and_are_those_of_the_region():
    ds = small_world()
    shares = charts.vendor_shares(ds)
    np.testing.assert_allclose(shares.sum("vendor"), 1)
    here = ds.revenue.sel(region="here")
    expected = here.sel(vendor="far_maker") / here.sum("vendor")
    np.testing.assert_allclose(shares.sel(vendor="far_maker"), expected)
    units = charts.vendor_shares(ds, measure="units")
    np.testing.assert_allclose(units.sel(vendor="home_maker"), 0.75)
    with pytest.raises(ValueError, match="'revenue' or 'units'"):
        charts.vendor_shares(ds, measure="weight")


def test_small_vendors_race_as_others():
    ds = small_world()
    ax = charts.share_race(charts.vendor_shares(ds), lines=1)
    assert any(text.startswith("others ") for text in texts(ax.figure))


def sweep_of(values: np.ndarray, rates: list[float]) -> xr.Dataset:
    """A sweep in which vendor far_maker's levy is given, in billion USD."""
    replicas = values.shape[1]
    parts = []
    for row in values:
        ds = small_world(replicas)
        levy = np.zeros((replicas, 4, 2))
        levy[:, 0, 1] = row * 1e11
        parts.append(ds.assign(levy_receipts=ds.levy_receipts.copy(data=levy)))
    ds = xr.concat(parts, "point", coords="minimal", compat="override", data_vars=["levy_receipts"])
    rate = xr.Variable("point", rates, {"key": "policy.toll.rate"})
    return ds.assign_coords(rate=rate)


def test_a_laffer_curve_has_the_means_their_intervals_and_the_best_rate():
    rng = np.random.default_rng(3)
    rates = [0.4, 0.0, 0.2]  # out of order: the table sorts them
    values = np.array([[2.0], [0.0], [3.0]]) + rng.normal(0, 0.1, (3, 50)) * [[1], [0], [1]]
    table = charts.laffer_table(sweep_of(values, rates))
    np.testing.assert_array_equal(table.index, [0.0, 0.2, 0.4])
    np.testing.assert_allclose(table["mean"], values[[1, 2, 0]].mean(axis=1))
    half = stats.sem(values[2]) * stats.t.ppf(0.975, 49)
    assert table.high[0.2] - table["mean"][0.2] == pytest.approx(half)
    assert table.best_share[0.2] == 1  # 1 billion apart, 100 standard errors
    assert best_range(table) == (0.2, 0.2)
    ax = charts.laffer_curve(table)
    assert any("highest mean at 0.2" in text for text in texts(ax.figure))


def test_rates_that_cannot_be_told_apart_are_all_in_the_range_of_the_best():
    rng = np.random.default_rng(4)
    values = rng.normal(1, 1, (3, 40))
    table = charts.laffer_table(sweep_of(values, [0.1, 0.2, 0.3]))
    low, high = best_range(table)
    assert high > low  # means within a few standard errors of 0.16
    assert table.best_share.sum() == pytest.approx(1)


def test_a_curve_of_what_is_no_sweep_is_refused():
    with pytest.raises(ValueError, match="needs a sweep"):
        charts.laffer_table(small_world())


def test_a_levy_passed_on_whole_is_one_over_one_less_the_rate():
    effect = charts.price_effect(small_world(rate=0.25), small_world(rate=0.0))
    far = effect.sel(chip="far_chip").values
    np.testing.assert_allclose(far, [1, 1 / 0.75, 1 / 0.75, 1])
    by_region = charts.price_effect(small_world(rate=0.25), small_world(rate=0.0), "region")
    assert np.isnan(by_region.sel(chip="home_chip", region="there"))
    assert float(by_region.sel(chip="far_chip", region="there")) == pytest.approx(1)
    ax = charts.ratio_map(effect, neutral=1.0)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["far_chip"]
    assert "1.33" in texts(ax.figure)


def test_numbers_in_a_map_stand_out_from_their_cells():
    table = pd.DataFrame(np.linspace(0, 1, 20).reshape(4, 5))
    ax = charts.ratio_map(table)
    image = ax.collections[0]
    for text in ax.texts:
        if text.get_text().startswith(("Dark", "tollgate")):
            continue
        value = float(text.get_text())
        cell = _style.luminance(image.cmap(value)[:3])
        ink = _style.luminance(to_rgb(text.get_color()))
        contrast = (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05)
        assert contrast > 4.5, value


def test_what_comes_to_a_vendor_goes_from_it_and_the_ways_are_counted():
    flows = charts.supply_flows(small_world())
    into = flows[flows.stage == 0].groupby("target").chips.sum()
    out = flows[flows.stage == 1].groupby("source").chips.sum()
    assert into.to_dict() == {"home_maker": 1200, "far_maker": 400}
    assert out[into.index].to_dict() == into.to_dict()
    ways = flows[flows.stage == 1].groupby("target").chips.sum().to_dict()
    assert ways == {"made at home": 1200, "through customs": 400, "grey route": 160, "seized": 40}
    assert "home_fab or old_fab" in set(flows.source)
    ax = charts.supply_sankey(flows)
    assert any(text.startswith("traders in there") for text in texts(ax.figure))


def comparison(low: float, high: float, **other) -> pd.DataFrame:
    middle = (low + high) / 2
    row = {
        "outcome": "revenue.far_maker",
        "policy": "toll",
        "reference_mean": 10.0,
        "mean": 10 + middle,
        "difference": middle,
        "low": low,
        "high": high,
        "unpaired_low": middle - 5,
        "unpaired_high": middle + 5,
        "probability_greater": 0.7,
        "probability_equal": 0.0,
        "pairs": 50,
        "variance_ratio": 4.0,
        "unit": "billion USD",
    }
    return pd.DataFrame([{**row, **other}]).set_index(["outcome", "policy"])


@pytest.mark.parametrize(("low", "high", "filled"), [(1, 3, True), (-1, 3, False)])
def test_only_what_is_told_apart_is_filled(low, high, filled):
    figure = charts.difference_chart(comparison(low, high), reference="open")
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    drawn = {line.get_markerfacecolor() for line in marks if len(line.get_xdata())}
    assert drawn == ({_style.COLOURS[0]} if filled else {"white"})


def test_the_last_interval_of_convergence_is_students():
    values = xr.DataArray(
        np.random.default_rng(5).normal(2, 1, 40), dims="replica", attrs={"units": "1"}
    )
    ax = charts.convergence_chart(values)
    band = ax.collections[0].get_paths()[0].vertices
    at_the_end = band[band[:, 0] == 40][:, 1]
    low, high = stats.t.interval(0.95, 39, values.mean().item(), stats.sem(values))
    assert at_the_end.min() == pytest.approx(low)
    assert at_the_end.max() == pytest.approx(high)


def test_the_effect_of_a_quarter_is_the_difference_in_its_unit():
    two = {"open": small_world(), "toll": small_world(gain=500_000_000)}
    effect = tollgate.compare_by_quarter(two, "revenue")
    figure = charts.effect_by_quarter(effect)
    quarter, summed = figure.axes
    assert quarter.get_ylabel() == "million USD per quarter"
    # The same numbers but for half a billion a quarter; four quarters make two.
    lines = [
        max((line for line in ax.lines), key=lambda line: len(line.get_xdata()))
        for ax in (quarter, summed)
    ]
    np.testing.assert_allclose(lines[0].get_ydata(), 500)
    assert summed.get_ylabel() == "billion USD"
    np.testing.assert_allclose(lines[1].get_ydata(), [0.5, 1.0, 1.5, 2.0])


def account(**shares) -> xr.Dataset:
    """What `tollgate.incidence` gives, for two quarters."""
    parts = ["receipts", "buyer", "vendor", "new_sales", "nobody"]
    time = pd.date_range("2026-04-01", periods=2, freq="QS")
    amount = np.array([[30, 30], [40, 40], [-10, -10], [0, 0], [5, 5]]) * 1e6
    share = [np.nan, *(shares[part] for part in parts[1:])]
    return xr.Dataset(
        {
            "amount": (("part", "time"), amount),
            "share": ("part", share),
            "share_low": ("part", share),
            "share_high": ("part", share),
            **{f"pass_through{end}": ((), 1.33) for end in ("", "_low", "_high")},
        },
        {"part": parts, "time": time},
        {"replicas": 9, "chips": "far_chip"},
    )


def test_who_pays_stacks_the_parts_and_hangs_gains_below_the_line():
    ax = charts.who_pays(account(buyer=1.14, vendor=-0.29, new_sales=0.0, nobody=0.14))
    tops = max(bar.get_y() + bar.get_height() for bar in ax.patches)
    bottoms = min(bar.get_y() + bar.get_height() for bar in ax.patches)
    assert (tops, bottoms) == (pytest.approx(45), pytest.approx(-10))
    labels = texts(ax.figure)
    assert {"buyers 114%\n(114% to 114%)", "vendors -29%\n(-29% to -29%)"} <= labels
    assert not any("new sales" in label for label in labels)


def test_the_tornado_is_in_order_and_meets_at_the_centre():
    table = pd.DataFrame(
        {"low": [1, 2], "high": [3, 4], "at_low": [5.0, 2.0], "at_high": [5.5, 9.0]},
        index=pd.Index(["narrow", "wide"], name="parameter"),
    )
    table.attrs = {"centre": 5.2, "unit": "billion USD", "outcome": "welfare"}
    ax = charts.tornado_chart(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["wide", "narrow"]
    assert all(patch.get_x() == pytest.approx(5.2) for patch in ax.patches)
    assert {"2.00", "4.00"} <= texts(ax.figure)


def test_a_regret_map_says_how_often_each_policy_is_best():
    regret = pd.DataFrame({"a": [0, 0, 0, 8.0], "b": [1, 2, 3, 0.0]})
    ax = charts.regret_map(regret)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]  # 3 before 8
    assert {"25%, 1.50, 3.00", "75%, 2.00, 8.00"} <= texts(ax.figure)


def test_a_box_chart_counts_what_is_in_the_box():
    parameters = pd.DataFrame({"x": np.arange(10.0), "y": np.arange(10.0)[::-1]})
    limits = pd.DataFrame({"low": [6.0, -np.inf], "high": [np.inf, 3.0]}, index=["x", "y"])
    figure = charts.box_chart(limits, parameters, parameters.x >= 5)
    # in the box are x = 6 to 9: all of interest, of five that are
    assert any("100% are of interest" in text.replace("\n", " ") for text in texts(figure))
    assert any("holds 80% of them" in text.replace("\n", " ") for text in texts(figure))


def test_text_in_any_colour_can_be_read_on_white():
    for colour in _style.COLOURS:
        assert 1.05 / (_style.luminance(_style.ink(colour)) + 0.05) >= 4.5


@pytest.mark.parametrize("width", [_style.WIDE, _style.NARROW])
def test_panels_are_side_by_side_only_where_there_is_room(width):
    figure = Figure(figsize=(width, 5), layout="constrained")
    charts.licence_office(small_world(), figure=figure)
    rows = figure.axes[0].get_subplotspec().get_gridspec().nrows
    assert rows == (1 if width == _style.WIDE else 2)


def test_a_box_that_was_found_can_be_drawn():
    pytest.importorskip("ema_workbench")
    rng = np.random.default_rng(6)
    parameters = pd.DataFrame(rng.random((300, 3)), columns=["a.long.key_of_a_number", "b", "c"])
    planted = (parameters["a.long.key_of_a_number"] > 0.6) & (parameters.b < 0.5)
    (box,) = tollgate.find_boxes(parameters, planted, most_boxes=1)
    figure = charts.box_chart(box.limits, parameters, planted)
    assert {"a.long.key_of_a_number", "b"} <= texts(figure)
    assert "c" not in texts(figure)
    said = next(text for text in texts(figure) if text.startswith("Filled"))
    assert f"the {planted.sum()} cases of interest among 300" in " ".join(said.split())
