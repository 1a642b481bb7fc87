import numpy as np
import pytest
import xarray as xr
from small_world import small_world

import tollgate

RATE = 0.25


def worlds(share: float, **other) -> tuple[xr.Dataset, xr.Dataset]:
    """Runs with and without a levy of which the buyer pays a known share."""
    without, levy = small_world(rate=0, **other), small_world(rate=RATE, **other)
    levied = levy.price.dims, np.array(without.price)
    # (p - p0) / (rate p) = share
    levied[1][:, :, 1, 0] = 1000 / (1 - share * RATE)
    return levy.assign(price=(*levied, without.price.attrs)), without


@pytest.mark.parametrize("share", [0.0, 0.36, 1.0, 1.2])
def test_the_share_of_the_levy_in_the_price_is_found_again(share):
    table = tollgate.pass_through(*worlds(share))
    # In force from 1 April to 14 October: at the ends of 2026Q2 and 2026Q3, the second and third.
    np.testing.assert_allclose(table.sel(chip="far_chip"), [np.nan, share, share, np.nan])
    assert table.sel(chip="home_chip").isnull().all()  # nobody exports it
    by_region = tollgate.pass_through(*worlds(share), by="region")
    assert by_region.sel(chip="far_chip", region="here") == pytest.approx(share)
    assert np.isnan(by_region.sel(chip="far_chip", region="there"))  # its vendor is at home there


def test_a_price_that_keeps_net_proceeds_is_passed_on_whole_from_any_rate():
    low, high = small_world(rate=0.1), small_world(rate=RATE)
    # Their prices are 1000 / (1 - rate) while the levy is in force.
    table = tollgate.pass_through(high, low).sel(chip="far_chip")
    np.testing.assert_allclose(table[1:3], 1)


def test_a_rate_that_is_drawn_counts_in_each_replica():
    levy, without = worlds(0.5)
    drawn = np.linspace(0.1, 0.4, levy.sizes["replica"])
    toml = levy.scenario_toml.item().replace(
        f"rate = {RATE}", 'rate = { distribution = "uniform", low = 0.1, high = 0.4 }'
    )
    price = levy.price.copy()
    price[:, :, 1, 0] = (1000 / (1 - 0.5 * drawn))[:, None]
    rates = xr.DataArray(drawn[:, None], dims=("replica", "parameter"))
    levy = levy.assign(price=price, scenario_toml=((), toml))
    levy = levy.assign(draw=rates).assign_coords(parameter=["policy.toll.rate"])
    without = without.drop_vars("draw")
    table = tollgate.pass_through(levy, without)
    np.testing.assert_allclose(table.sel(chip="far_chip")[1:3], 0.5)


@pytest.mark.parametrize("key", ['base = "customs_value"', 'regimes = ["shut"]'])
def test_a_levy_that_the_scenario_alone_does_not_settle_has_no_number(key):
    levy, without = worlds(0.5)
    toml = levy.scenario_toml.item().replace(f"rate = {RATE}", f"rate = {RATE}\n{key}")
    with pytest.raises(ValueError, match="no price says what becomes of a levy"):
        tollgate.pass_through(levy.assign(scenario_toml=((), toml)), without)


def test_the_same_rate_twice_says_nothing_of_who_pays():
    levy, _ = worlds(0.5)
    with pytest.raises(ValueError, match="first the run with the levy"):
        tollgate.pass_through(levy, levy)
    with pytest.raises(ValueError, match="allowed is 'quarter' or 'region'"):
        tollgate.pass_through(levy, levy, "year")
