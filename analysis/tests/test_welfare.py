import json
import subprocess

import numpy as np
import pytest
import xarray as xr
from conftest import program

import tollgate

# Reals are rounded to 15 bits of mantissa in the file; the program's are not.
ROUNDING = 2.0**-15


@pytest.fixture(scope="module")
def as_it_stands() -> dict:
    """The replicas of `ensemble`, weighed by the program's own search."""
    if program() is None:
        pytest.skip("TOLLGATE_PROGRAM does not name the built program")
    answer = subprocess.run(
        [
            *(program(), "optimise", "h200-levy", "--replicas", "8", "--until", "2027-01-01"),
            *("--over", "policy.levy.rate=0.25:0.26", "--curve", "3", "--maximise", "welfare"),
            *("--weight", "consumer_surplus=0.01", "--weight", "foreign_vendor_profit=-0.5"),
            *("--security-cost", "2000", "--json", "-q"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(answer.stdout)["as_it_stands"]


def test_the_parts_are_the_program_s(ensemble, as_it_stands):
    for money in ("cents", "usd"):
        parts = tollgate.welfare_parts(tollgate.open(ensemble, money=money)).mean("replica")
        for name in ("receipts", "vendor_profit", "foreign_vendor_profit"):
            exact = as_it_stands[f"{name}_usd"] / 1e9
            assert parts[name].item() == pytest.approx(exact, rel=1e-12), name
        for name in ("consumer_surplus", "foreign_consumer_surplus"):
            exact = as_it_stands[f"{name}_usd"] / 1e9
            assert parts[name].item() == pytest.approx(exact, rel=ROUNDING), name
        exact = as_it_stands["focus_h100e"]
        assert parts.focus_h100e.item() == pytest.approx(exact, rel=ROUNDING)
        assert parts.receipts.attrs["units"] == "billion USD"


def test_welfare_is_the_program_s_objective(ensemble, as_it_stands):
    values = tollgate.welfare(
        tollgate.open(ensemble),
        weights={"consumer_surplus": 0.01, "foreign_vendor_profit": -0.5},
        security_cost=2000,
    )
    expected = as_it_stands["objective_usd"]
    assert values.dims == ("replica",)
    assert values.attrs["units"] == "billion USD"
    # of the quantiles too, so that it holds replica by replica
    assert values.mean().item() == pytest.approx(expected["mean"] / 1e9, rel=1e-6)
    for name, q in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        assert values.quantile(q).item() == pytest.approx(expected[name] / 1e9, rel=1e-6), name


SCENARIO = """
[vendor.here]
headquarters = "us"
[vendor.there]
headquarters = "china"
[buyer.b]
headquarters = "us"
[buyer.c]
headquarters = "china"
"""


@pytest.fixture
def by_hand() -> xr.Dataset:
    """One replica, two quarters, two of each; money in cents."""

    def cents(dim, values):
        return (("replica", "time", dim), np.array([values]) * 100, {"units": "cents"})

    billion = 10**9
    return xr.Dataset(
        {
            "levy_receipts": cents("vendor", [[billion, 0], [2 * billion, 0]]),
            "vendor_profit": cents("vendor", [[10 * billion, 5 * billion], [0, 0]]),
            "antitrust_fines": cents("vendor", [[0, 0], [4 * billion, billion]]),
            "tariff_receipts": cents("region", [[7 * billion, 9 * billion], [0, 0]]),
            "subsidy_paid": cents("region", [[0, 0], [billion, 8 * billion]]),
            "consumer_surplus": (
                ("replica", "time", "buyer"),
                np.array([[[20e9, 3e9], [1e9, np.nan]]]),
                {"units": "USD"},
            ),
            "compute_h100e": (
                ("replica", "time", "region", "origin"),
                np.array([[[[9, 9], [9, 9]], [[1e6, 2e6], [3e6, 5e6]]]]),
            ),
            "scenario_toml": ((), SCENARIO),
        },
        coords={
            "replica": [0],
            "vendor": ["here", "there"],
            "buyer": ["b", "c"],
            "region": ["us", "china"],
            "origin": ["grey", "rented_abroad"],
        },
        attrs={"focus_region": "china", "reference_region": "us"},
    )


def test_a_hand_worked_replica(by_hand):
    parts = tollgate.welfare_parts(by_hand).isel(replica=0)
    assert parts.receipts == 3 + 7 - 1
    assert parts.vendor_profit == 10 - 4
    assert parts.foreign_vendor_profit == 5 - 1
    assert parts.consumer_surplus == 21
    assert np.isnan(parts.foreign_consumer_surplus)
    assert parts.focus_h100e == 3e6  # at the end, without what is rented abroad
    assert tollgate.welfare(by_hand, security_cost=1000).item() == pytest.approx(9 + 6 - 3)


def test_a_part_without_a_number_matters_only_with_a_weight(by_hand):
    assert np.isfinite(tollgate.welfare(by_hand)).all()
    assert np.isnan(tollgate.welfare(by_hand, {"foreign_consumer_surplus": 0.1})).all()


def test_weights_that_cannot_be_had_are_named(by_hand):
    with pytest.raises(KeyError, match="no part of welfare profit; there are receipts"):
        tollgate.welfare(by_hand, {"profit": 1})
    short = by_hand.drop_vars("consumer_surplus")
    assert np.isfinite(tollgate.welfare(short)).all()
    with pytest.raises(KeyError, match='keep = "all"'):
        tollgate.welfare(short, {"consumer_surplus": 1})


def test_an_outcome_may_be_a_name_an_array_or_a_function(ensemble):
    ds = tollgate.open(ensemble)
    by_name = tollgate.outcome_values(ds, "levy_receipts")
    xr.testing.assert_identical(by_name, tollgate.outcomes(ds, ["levy_receipts"]).levy_receipts)
    xr.testing.assert_identical(tollgate.outcome_values(ds, "welfare"), tollgate.welfare(ds))
    by_function = tollgate.outcome_values(ds, lambda d: tollgate.welfare(d, security_cost=5))
    xr.testing.assert_identical(by_function, tollgate.welfare(ds, security_cost=5))
    xr.testing.assert_equal(tollgate.outcome_values(ds, by_name), by_name)
    with pytest.raises(ValueError, match="has the dimensions replica, not replica, vendor"):
        tollgate.outcome_values(ds, lambda d: d.levy_receipts.sum("time"))


def test_outcomes_of_replicas_that_are_not_complete_are_no_numbers():
    ds = xr.Dataset(
        {
            "y": (("replica", "point"), [[1, 2], [3, 4], [5, 6]]),
            "replica_status": (("point", "replica"), [[1, 2, 1], [0, 1, 1]]),
        }
    )
    values = tollgate.outcome_values(ds, lambda d: d.y)
    assert values.dims == ("point", "replica")
    np.testing.assert_array_equal(values, [[1, np.nan, 5], [np.nan, 4, 6]])
