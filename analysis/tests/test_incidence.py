"""Who pays a levy: accounts worked out by hand, and that every dollar adds up."""

import numpy as np
import pytest
import xarray as xr
from conftest import program
from synthetic import SCENARIO, run_of

import tollgate
from tollgate._levies import levied_chips
from tollgate._report._decisions import who_pays
from tollgate._sales import sales_of

CHINA, HOME = ("levied", "china"), ("levied", "us")
PROFIT_PARTS = (
    "margin",
    "lost_sales",
    "opened_sales",
    "redirected",
    "other_sales",
    "other_prices",
    "unit_costs",
    "other",
)


def without_levy(**changes) -> xr.Dataset:
    """100 levied chips a quarter in China at 10 USD (cost 4), 50 at home at 9, 20 free ones at 5.

    Two replicas, two quarters, all the same.
    """
    two = np.ones((2, 2))
    units = {CHINA: 100 * two, HOME: 50 * two, ("free", "china"): 20 * two}
    prices = {CHINA: 10 * two, HOME: 9 * two, ("free", "china"): 5 * two}
    return run_of(units | changes.pop("units", {}), prices | changes.pop("prices", {}), **changes)


def with_levy(**changes) -> xr.Dataset:
    """80 chips are left in China at 12 USD, 25% levied; 10 of the others go home, 5 more are free.

    The price of the free ones rises to 6.
    """
    two = np.ones((2, 2))
    units = {CHINA: 80 * two, HOME: 60 * two, ("free", "china"): 25 * two}
    prices = {CHINA: 12 * two, HOME: 9 * two, ("free", "china"): 6 * two}
    levy = changes.pop("levy", {"home": 0.25 * 80 * 12 * two})
    return run_of(
        units | changes.pop("units", {}), prices | changes.pop("prices", {}), levy, **changes
    )


def totals(result: xr.Dataset) -> dict[str, float]:
    return dict(zip(result.part.values.tolist(), result.total.values.tolist(), strict=True))


def test_the_account_worked_out_by_hand():
    """Per quarter: the levy is 240, prices bring 2 x 80 = 160 of it, the vendor bears 80.

    The 20 lost sales would have paid 0.25 x 20 x 10 = 50 and earned 20 x (10 - 4) = 120; 10 of
    the chips earn (9 - 4) each at home; 5 more free chips earn 5 x (5 - 2) = 15, and the dearer
    free chips 25 x 1 = 25.
    """
    result = tollgate.incidence(with_levy(), without_levy())
    of = totals(result)
    quarters = 2
    expected = {
        "receipts": 240,
        "buyer": 160,
        "vendor": 80,
        "new_sales": 0,
        "nobody": 50,
        "margin": -80,
        "lost_sales": -120,
        "opened_sales": 0,
        "redirected": 50,
        "other_sales": 15,
        "other_prices": 25,
        "unit_costs": 0,
        "other": 0,
        "profit_change": -80 - 120 + 50 + 15 + 25,
        "rivals": 0,
    }
    for part, usd in expected.items():
        assert of[part] == pytest.approx(quarters * usd, abs=1e-9), part
    share = result.share.sel(part=["buyer", "vendor", "nobody"]).values
    np.testing.assert_allclose(share, [160 / 290, 80 / 290, 50 / 290])
    assert result.share.sum() == pytest.approx(1)
    assert result.pass_through.item() == pytest.approx(160 / 240)
    np.testing.assert_allclose(result.amount.sel(part="buyer"), [160, 160])
    np.testing.assert_allclose(result.lost_units, [20, 20])
    np.testing.assert_allclose(result.redirected_units, [10, 10])
    assert (result.attrs["vendors"], result.attrs["chips"]) == ("home", "levied")
    # All replicas alike: no width
    np.testing.assert_allclose(result.total_low, result.total, atol=1e-9)


def test_a_levy_passed_on_whole_leaves_the_vendor_whole():
    """At 10 / (1 - 0.25) the vendor keeps 10 of each chip still sold, and loses the others."""
    two = np.ones((2, 2))
    price = 10 / 0.75
    run = with_levy(prices={CHINA: price * two}, levy={"home": 0.25 * 80 * price * two})
    result = tollgate.incidence(run, without_levy())
    assert result.pass_through.item() == pytest.approx(1, abs=1e-4)  # cents
    assert totals(result)["vendor"] == pytest.approx(0, abs=0.04)


def test_a_price_that_stays_leaves_it_to_the_vendor():
    two = np.ones((2, 2))
    run = with_levy(prices={CHINA: 10 * two}, levy={"home": 0.25 * 80 * 10 * two})
    result = tollgate.incidence(run, without_levy())
    assert totals(result)["buyer"] == 0
    assert totals(result)["vendor"] == 2 * 200
    assert result.pass_through.item() == 0


def test_a_duty_on_top_of_the_price_is_the_buyers():
    """25% on top of a price that falls to 9: the buyer pays 180 more and 80 less."""
    two = np.ones((2, 2))
    charge = {"home": 0.25 * 80 * 9 * two}
    run = with_levy(prices={CHINA: 9 * two}, levy=charge, duty=charge)
    of = totals(tollgate.incidence(run, without_levy()))
    assert of["receipts"] == pytest.approx(2 * 180)
    assert of["buyer"] == pytest.approx(2 * (180 - 80))
    assert of["vendor"] == pytest.approx(2 * 80)


def test_a_sale_that_the_levy_kills_is_paid_by_nobody():
    """In the second replica nothing is sold: the rate of the first says what was forgone."""
    sold = np.array([[80.0, 80], [0, 0]])
    run = with_levy(units={CHINA: sold}, levy={"home": 0.25 * 12 * sold})
    account = tollgate.incidence_by_replica(run, without_levy())
    np.testing.assert_allclose(account.nobody, [[50, 50], [250, 250]])
    np.testing.assert_allclose(account.lost_sales, [[-120, -120], [-600, -600]])
    np.testing.assert_allclose(account.buyer, [[160, 160], [0, 0]])


def test_against_a_ban_sales_are_new_and_no_price_says_who_pays():
    two = np.ones((2, 2))
    ban = without_levy(units={CHINA: 0 * two}, prices={CHINA: np.nan * two})
    of = totals(tollgate.incidence(with_levy(), ban))
    assert of["receipts"] == of["new_sales"] == pytest.approx(2 * 240)
    assert of["buyer"] == of["vendor"] == of["nobody"] == of["lost_sales"] == 0
    assert of["opened_sales"] == pytest.approx(2 * (80 * (12 - 4) - 240))


def test_seized_chips_are_other():
    two = np.ones((2, 2))
    of = totals(tollgate.incidence(with_levy(seized={CHINA: 3 * two}), without_levy()))
    assert of["other"] == pytest.approx(-2 * 3 * 4)
    assert of["unit_costs"] == pytest.approx(0, abs=1e-9)


def random_runs(seed: int) -> tuple[xr.Dataset, xr.Dataset]:
    rng = np.random.default_rng(seed)
    places = [(c, r) for c in ("levied", "free", "local") for r in ("us", "china")]

    def table(low, high):
        return {place: rng.uniform(low, high, (6, 5)) for place in places}

    def units():
        sold = {place: rng.integers(0, 90, (6, 5)) for place in places}
        sold[CHINA][rng.random((6, 5)) < 0.3] = 0
        return sold

    def prices():
        asked = table(6, 15)
        asked[CHINA][rng.random((6, 5)) < 0.2] = np.nan
        return asked

    # Prices with gaps: revenue of chips sold while none was asked is not in these books.
    levy, seized = {"home": rng.uniform(10, 200, (6, 5))}, {CHINA: rng.integers(0, 9, (6, 5))}
    duty = {"home": rng.uniform(0, 20, (6, 5))}
    return run_of(units(), prices(), levy, seized, duty), run_of(units(), prices())


@pytest.mark.parametrize("seed", range(5))
def test_every_dollar_adds_up_in_any_run(seed):
    levy, without = random_runs(seed)
    account = tollgate.incidence_by_replica(levy, without)
    np.testing.assert_allclose(
        account.buyer + account.vendor + account.new_sales, account.receipts, atol=1e-9
    )
    np.testing.assert_allclose(
        sum(account[part] for part in PROFIT_PARTS), account.profit_change, atol=1e-9
    )
    # The rest is not a bin for errors: it is what the chips seized cost, and nothing else, but
    # for what cents round.
    seized = 4 * levy.units_seized.sel(chip="levied").sum("region")
    np.testing.assert_allclose(account.other, -seized, atol=0.1)
    rivals = (levy.vendor_profit - without.vendor_profit).sel(vendor="rival") / 100
    np.testing.assert_allclose(account.rivals, rivals)


@pytest.mark.parametrize("seed", range(5))
def test_the_books_of_a_vendor_are_met_exactly(seed):
    run, _ = random_runs(seed)
    sales = sales_of(run, "home", ["levied", "free"])
    np.testing.assert_allclose(
        (sales.units * sales.price.fillna(0)).sum("chip"),
        run.revenue.sel(vendor="home") / 100,
        rtol=1e-12,
        atol=1e-9,
    )


def test_two_unequal_replicas_give_the_interval_of_the_mean():
    run = with_levy(
        prices={CHINA: np.array([[12.0, 12], [14, 14]])},
        levy={"home": 0.25 * 80 * np.array([[12.0, 12], [14, 14]])},
    )
    result = tollgate.incidence(run, without_levy())
    # Buyers pay 320 and 640 over the run: standard error 160, t(1) is 12.7062
    assert result.total.sel(part="buyer").item() == pytest.approx(480)
    assert result.total_high.sel(part="buyer").item() == pytest.approx(480 + 12.706205 * 160)


def test_levied_chips_come_from_the_levies_that_differ():
    there = {
        "chip": {
            "big": {"vendor": "home", "tpp": 100, "dram_bandwidth_tbs": 4.8},
            "small": {"vendor": "home", "tpp": 10, "dram_bandwidth_tbs": 1.0},
            "other": {"vendor": "rival", "tpp": 100},
        },
        "policy": {
            "a": {"instrument": "levy", "vendors": ["home"], "dram_bandwidth_gbs": {"low": 4500}},
            "b": {"instrument": "levy", "chips": ["small"]},
            "c": {"instrument": "ban"},
            "d": {"instrument": "levy", "enabled": False},
        },
    }
    same_but_a = {"policy": {"b": there["policy"]["b"]}}
    assert levied_chips(there, same_but_a) == {"big"}
    assert levied_chips(there, {}) == {"big", "small"}
    assert levied_chips(there, there) == {"big", "small"}


def test_runs_that_cannot_say_who_pays_are_refused():
    with pytest.raises(ValueError, match="give the one with the levy first"):
        tollgate.incidence(without_levy(), with_levy())
    with pytest.raises(tollgate.TollgatePairingError, match="seed"):
        tollgate.incidence(with_levy(), without_levy().assign_attrs(seed=2))
    no_rule = SCENARIO[: SCENARIO.index("[policy")]
    unknown = with_levy().assign(scenario_toml=((), no_rule))
    with pytest.raises(ValueError, match="name the chips"):
        tollgate.incidence(unknown, without_levy().assign(scenario_toml=((), no_rule)))
    named = tollgate.incidence(unknown, without_levy(), chips=["levied"])
    assert totals(named)["receipts"] == 480


TWO = np.ones((2, 2))
NO_LEVY = SCENARIO[: SCENARIO.index("[policy")]
OLD = '[policy.old]\ninstrument = "levy"\nrate = 0.5\nchips = ["free"]\n'


def with_old_levy(**changes) -> xr.Dataset:
    """The toll of 240 a quarter beside a levy of 40 on free chips, which stands in both runs."""
    return with_levy(
        levy={"home": 280 * TWO},
        charged={"old": 40 * TWO, "toll": 240 * TWO},
        scenario=SCENARIO + OLD,
        **changes,
    )


def only_old_levy(**changes) -> xr.Dataset:
    usd = changes.pop("usd", 40)
    return without_levy(
        levy={"home": usd * TWO}, charged={"old": usd * TWO}, scenario=NO_LEVY + OLD, **changes
    )


def test_levies_that_both_runs_have_are_no_part_of_the_rate():
    """As without the old levy: 0.25 x 20 x 10 = 50 forgone a quarter, and nothing new."""
    of = totals(tollgate.incidence(with_old_levy(), only_old_levy()))
    assert of["receipts"] == pytest.approx(2 * 240)
    assert of["nobody"] == pytest.approx(2 * 50)
    ban = only_old_levy(units={CHINA: 0 * TWO}, prices={CHINA: np.nan * TWO})
    of = totals(tollgate.incidence(with_old_levy(), ban))
    assert of["new_sales"] == pytest.approx(2 * 240)
    assert of["vendor"] == pytest.approx(0, abs=1e-9)


def test_a_reference_that_levies_the_same_chips_is_refused():
    """Of two rates: its prices have a levy in them, and nothing says who pays that."""
    low = SCENARIO.replace("0.25", "0.2")
    reference = without_levy(levy={"home": 200 * TWO}, charged={"toll": 200 * TWO}, scenario=low)
    levy = with_levy(charged={"toll": 240 * TWO})
    with pytest.raises(ValueError, match="charges the levy toll on levied itself"):
        tollgate.incidence(levy, reference)
    # At a rate of 0 the rule stands there and charges nothing.
    zero = without_levy(charged={"toll": 0 * TWO}, scenario=SCENARIO.replace("0.25", "0"))
    assert totals(tollgate.incidence(levy, zero))["buyer"] == pytest.approx(2 * 160)
    # Elsewhere it does not touch these prices.
    there = low.replace("rate = 0.2", 'rate = 0.2\ndestinations = ["us"]')
    elsewhere = reference.assign(scenario_toml=((), there))
    assert np.isfinite(tollgate.incidence(levy, elsewhere).pass_through)


def test_a_report_says_who_pays_or_why_it_does_not():
    zero = without_levy(charged={"toll": 0 * TWO}, scenario=SCENARIO.replace("0.25", "0"))
    levy = with_levy(charged={"toll": 240 * TWO})
    said = who_pays({"zero": zero, "levy": levy}, "zero")
    assert said.sentences == [
        "Of the levy under levy on chips that sell anyway, buyers pay 67% (95% interval 67% "
        "to 67%) through higher prices than under zero."
    ]
    assert len(said.pictures) == 1


def test_a_report_leaves_the_account_out_where_the_reference_levies_too():
    levy = with_levy(charged={"toll": 240 * TWO})
    low = without_levy(
        levy={"home": 200 * TWO},
        charged={"toll": 200 * TWO},
        scenario=SCENARIO.replace("0.25", "0.2"),
    )
    said = who_pays({"low": low, "levy": levy}, "low")
    (sentence,) = said.sentences
    assert sentence.startswith("Who pays the levy under levy is not told: the run to compare with")
    assert not said.pictures
    assert not said.tables
    # A policy without a levy of its own is not spoken of.
    assert not who_pays({"levy": levy, "same": levy}, "levy").sentences


def test_a_report_does_not_take_lower_receipts_for_new_sales():
    said = who_pays({"old": only_old_levy(usd=1000), "both": with_old_levy()}, "old")
    assert said.sentences == [
        "Who pays the levy under both is not told: all levies together bring no more than under "
        "old."
    ]
    assert not said.pictures


def test_a_report_says_that_more_than_levies_differs():
    gate = NO_LEVY + '[policy.gate]\ninstrument = "licence"\n'
    reference = without_levy(charged={"gate": 0 * TWO}, scenario=gate)
    said = who_pays({"gate": reference, "levy": with_levy(charged={"toll": 240 * TWO})}, "gate")
    assert (
        "The two differ in more than levies (gate): this is the effect of the whole"
        in (said.sentences[0])
    )
    assert said.pictures[0].alt == said.sentences[0]


@pytest.fixture(scope="module", params=["proceeds", "customs_value"])
def pair(request):
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    options = {"replicas": 6, "until": "2027-07-01", "threads": 1}
    return (
        tollgate.run("h200-levy", set={"policy.levy.base": request.param}, **options),
        tollgate.run("h200-levy", set={"policy.levy.rate": 0}, **options),
    )


def test_every_dollar_of_the_program_adds_up(pair):
    account = tollgate.incidence_by_replica(*pair)
    assert account.attrs["chips"] == "h200"
    assert float(account.receipts.sum()) > 0
    np.testing.assert_allclose(
        account.buyer + account.vendor + account.new_sales, account.receipts, atol=1e-6
    )
    np.testing.assert_allclose(
        sum(account[part] for part in PROFIT_PARTS), account.profit_change, atol=1e-3
    )
    # No chip is seized here, and the program's books are cents: nothing is left over but that.
    assert int(pair[0].units_seized.sum()) == 0
    assert float(abs(account.other).max()) < 1
    direct = pair[0].levy_receipts.sum("vendor") - pair[1].levy_receipts.sum("vendor")
    np.testing.assert_allclose(account.receipts, direct / 100, atol=1e-6)


def test_money_in_dollars_gives_the_same_account(pair):
    usd = [tollgate.open(ds.encoding["source"], money="usd") for ds in pair]
    xr.testing.assert_allclose(tollgate.incidence(*pair), tollgate.incidence(*usd))
