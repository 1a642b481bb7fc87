"""What the Python versions of the minimal market share: parameters, and what a replica leaves."""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

PARAMETERS = SimpleNamespace(**json.loads(Path(__file__).with_name("parameters.json").read_text()))
DAYS_PER_YEAR = 365.25


@dataclass
class Outcome:
    """Events by kind, and the outputs of one replica."""

    events: Mapping[str, int] = field(default_factory=Counter)
    outputs: dict[str, float] = field(default_factory=dict)


def lognormal(mean: float, cv: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    variance = math.log1p(cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def need_step() -> tuple[float, float]:
    """Mean and standard deviation of the step of the logarithm of a need."""
    years = PARAMETERS.planning_days / DAYS_PER_YEAR
    volatility = PARAMETERS.need_volatility
    return (
        (PARAMETERS.need_growth_per_year - volatility**2 / 2) * years,
        volatility * math.sqrt(years),
    )


def unit_cost(product: int) -> float:
    """In USD."""
    return PARAMETERS.unit_cost_usd * (1 + 0.05 * (product % 5))


def quality(product: int) -> float:
    """In utils."""
    return 0.1 * (product % 7)


def outputs_of(
    receipts_cents: int,
    delivered: int,
    installed: Iterable[int],
    prices: Collection[float],
    waiting: Iterable[int],
) -> dict[str, float]:
    """The outputs of a replica at its end."""
    return {
        "receipts_usd": receipts_cents / 100,
        "chips_delivered": delivered,
        "chips_installed": sum(installed),
        "mean_price_usd": sum(prices) / len(prices),
        "chips_waiting": sum(waiting),
    }
