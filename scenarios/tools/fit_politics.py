#!/usr/bin/env python3
"""Fit the hazards of changes of regime to a dated history, by maximum likelihood.

    cd scenarios/files/reference
    fit_politics.py politics_history.csv --moves politics_moves.csv --until 2024-12-31
    fit_politics.py politics_history.csv --moves politics_moves.csv --until 2024-12-31 --toml
    fit_politics.py politics_history.csv --covariates politics_covariates.csv
    fit_politics.py politics_history.csv --simulate 2000

HISTORY has the columns date, chain, regime: the regime from that date on; a last row `end` closes
the observation of the chain. MOVES (chain, from, to) names transitions that can happen, seen or
not; those seen need not be named. COVARIATES (begins, ends, chain, covariate, value) holds between
its dates, both days included, and is 0 elsewhere. The model: docs/model.md, "Politics".

Without covariates the rate of a transition is moves / years in its regime of origin, with standard
error rate / sqrt(moves). A transition that was never seen has a bound instead, 3 / years at risk:
with a higher rate there would have been a move with a probability of 95% (rule of three). At risk
are the years in its origin or, when no move ever led to its destination, all years of the chain. Of
a regime that was never entered nothing is known: the mean rate of moves of all chains stands in,
split over the transitions that leave it.

Needs numpy only.
"""

import argparse
import csv
import datetime
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

DAYS_PER_YEAR = 365.25
#: Upper end of the 95% confidence interval of a Poisson mean of which nothing was seen.
RULE_OF_THREE = 3.0
#: Sigma of a rate that stands in for an unknown one: a factor of 5 either way in 90%. Assumed.
SIGMA_OF_STAND_IN = 1.0
#: An effect beyond this is on its way to infinity: the moves all fell on one side.
LARGEST_EFFECT = 20.0
NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Interval:
    """A covariate between two times (years, the end excluded)."""

    begins: float
    ends: float
    name: str
    value: float


@dataclass
class Chain:
    """What is known of one government. Times are in years."""

    name: str
    times: list[float]  # of entering each regime; the last is the end of the observation
    regimes: list[str]  # one less than times
    covariates: list[Interval] = field(default_factory=list)

    @property
    def years(self) -> float:
        """Return the length of the observation."""
        return self.times[-1] - self.times[0]

    def moves(self) -> list[tuple[str, str]]:
        """Return the moves seen, in order."""
        return list(itertools.pairwise(self.regimes))

    def years_in(self, regime: str) -> float:
        """Return the time spent in a regime."""
        stays = zip(self.regimes, self.times, self.times[1:], strict=False)
        return sum(end - begin for name, begin, end in stays if name == regime)

    def cut(self, until: float) -> "Chain":
        """Return what was known at a time."""
        if until >= self.times[-1]:
            return self
        known = [t for t in self.times if t < until]
        return Chain(self.name, [*known, until], self.regimes[: len(known)], self.covariates)


@dataclass(frozen=True)
class Segments:
    """Time in the origin of a transition, cut where covariates change."""

    years: np.ndarray
    moves: np.ndarray
    covariates: np.ndarray  # [segment, covariate]


@dataclass(frozen=True)
class Fit:
    """Maximum-likelihood estimates: log rate first, then the effects."""

    estimate: np.ndarray
    standard_error: np.ndarray
    log_likelihood: float
    is_identified: bool


@dataclass(frozen=True)
class Rate:
    """A rate without covariates, and what it rests on."""

    chain: str
    origin: str
    destination: str
    moves: int
    years: float  # at risk
    rate: float
    standard_error: float  # nan when nothing was seen
    basis: str

    @property
    def distribution(self) -> dict[str, float | str]:
        """Return the distribution of the rate for a scenario."""
        if self.basis == "seen":
            return {
                "distribution": "lognormal",
                "median": round(self.rate, 3),
                "sigma": round(self.standard_error / self.rate, 3),
            }
        if self.basis == "stand-in":
            return {
                "distribution": "lognormal",
                "median": round(self.rate, 3),
                "sigma": SIGMA_OF_STAND_IN,
            }
        return {"distribution": "uniform", "low": 0, "high": round(self.rate, 3)}


def segments(chain: Chain, origin: str, destination: str, names: Sequence[str]) -> Segments:
    """Return the time at risk and the moves of a transition, by constant covariates."""
    edges = sorted({t for i in chain.covariates for t in (i.begins, i.ends)})
    years, moves, values = [], [], []
    for s, regime in enumerate(chain.regimes):
        if regime != origin:
            continue
        begin, end = chain.times[s], chain.times[s + 1]
        inside = [begin, *(t for t in edges if begin < t < end), end]
        for a, b in itertools.pairwise(inside):
            middle = (a + b) / 2
            years.append(b - a)
            moves.append(0.0)
            values.append([_value(chain.covariates, name, middle) for name in names])
        if s + 1 < len(chain.regimes) and chain.regimes[s + 1] == destination:
            moves[-1] = 1.0
    return Segments(
        np.array(years), np.array(moves), np.array(values).reshape(len(years), len(names))
    )


def _value(covariates: Iterable[Interval], name: str, time: float) -> float:
    return max(
        (i.value for i in covariates if i.name == name and i.begins <= time < i.ends), default=0.0
    )


def fit_hazard(data: Segments, steps: int = 100) -> Fit:
    """Maximise the likelihood of a hazard exp(a + b x), constant by segments, by Newton's method.

    log L = sum moves (a + b x) - sum years exp(a + b x) is exact and concave, so that halved steps
    lead to its only maximum; when the moves all fell on one side of a covariate there is none, and
    `is_identified` is false. Standard errors come from the observed information.
    """
    design = np.column_stack([np.ones_like(data.years), data.covariates])
    theta = np.zeros(design.shape[1])
    nothing = np.full_like(theta, math.nan)
    if data.moves.sum() == 0:
        return Fit(nothing, nothing, math.nan, False)
    theta[0] = math.log(data.moves.sum() / data.years.sum())

    def log_likelihood(at: np.ndarray) -> float:
        with np.errstate(over="ignore"):
            return float(data.moves @ (design @ at) - data.years @ np.exp(design @ at))

    value = log_likelihood(theta)
    for _ in range(steps):
        expected = data.years * np.exp(design @ theta)
        gradient = design.T @ (data.moves - expected)
        information = design.T @ (expected[:, None] * design)
        if np.linalg.matrix_rank(information) < len(theta):
            break
        step = np.linalg.solve(information, gradient)
        while (new_value := log_likelihood(theta + step)) < value - 1e-12:
            step = step / 2
        theta, value = theta + step, new_value
        if np.abs(theta[1:]).max(initial=0) > LARGEST_EFFECT:
            break
        if np.abs(step).max() < 1e-10:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            return Fit(theta, errors, value, True)
    return Fit(theta, nothing, value, False)


def mean_rate(chains: Sequence[Chain]) -> float:
    """Return the moves of all chains over all their years."""
    return sum(len(chain.moves()) for chain in chains) / sum(chain.years for chain in chains)


def fit_rates(
    chain: Chain, possible: Iterable[tuple[str, str]] = (), stand_in: float = math.nan
) -> list[Rate]:
    """Fit the transitions of a chain without covariates: those seen and those that are possible.

    `stand_in` is the rate of leaving a regime of which nothing is known.
    """
    seen = chain.moves()
    pairs = list(dict.fromkeys([*possible, *seen]))
    entered = set(chain.regimes)
    destinations = {pair[1] for pair in seen}
    rates = []
    for origin, destination in pairs:
        count = seen.count((origin, destination))
        years = chain.years_in(origin)
        error = math.nan
        if count > 0:
            rate, basis = count / years, "seen"
            error = rate / math.sqrt(count)
        elif origin not in entered:
            leaving = sum(1 for pair in pairs if pair[0] == origin)
            years = 0.0
            rate, basis = stand_in / leaving, "stand-in"
        else:
            if destination not in destinations:
                years = chain.years
            rate, basis = RULE_OF_THREE / years, "bound"
        rates.append(Rate(chain.name, origin, destination, count, years, rate, error, basis))
    return rates


def simulate(
    rates: dict[tuple[str, str], float],
    initial: str,
    begin: float,
    end: float,
    generator: np.random.Generator,
    covariates: Sequence[Interval] = (),
    effects: dict[tuple[str, str], dict[str, float]] | None = None,
) -> Chain:
    """Draw a history, exactly: hazards are constant between the edges of covariates."""
    edges = [*sorted({t for i in covariates for t in (i.begins, i.ends)}), math.inf]
    chain = Chain("simulated", [begin], [initial], list(covariates))
    now = begin
    while now < end:
        here = {pair: rate for pair, rate in rates.items() if pair[0] == chain.regimes[-1]}
        next_edge = min(end, next(t for t in edges if t > now))
        hazards = np.array(
            [
                rate
                * math.exp(
                    sum(
                        effect * _value(covariates, name, now)
                        for name, effect in (effects or {}).get(pair, {}).items()
                    )
                )
                for pair, rate in here.items()
            ]
        )
        total = hazards.sum()
        wait = generator.exponential() / total if total > 0 else math.inf
        if now + wait >= next_edge:  # the exponential has no memory: start anew at the edge
            now = next_edge
            continue
        now += wait
        pair = list(here)[generator.choice(len(here), p=hazards / total)]
        chain.times.append(now)
        chain.regimes.append(pair[1])
    chain.times.append(end)
    return chain


def year_of(text: str) -> float:
    """Return an ISO date as a number of years."""
    return datetime.date.fromisoformat(text).toordinal() / DAYS_PER_YEAR


def load_history(path: str) -> list[Chain]:
    """Read the chains of a history."""
    chains: dict[str, Chain] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            chain = chains.setdefault(row["chain"], Chain(row["chain"], [], []))
            time = year_of(row["date"])
            if chain.times and time <= chain.times[-1]:
                raise SystemExit(f"{path}: {row['date']} of {chain.name} is out of order")
            if len(chain.times) > len(chain.regimes):
                raise SystemExit(f"{path}: {row['date']} of {chain.name} comes after its end")
            chain.times.append(time)
            if row["regime"] == "end":
                continue
            if chain.regimes and chain.regimes[-1] == row["regime"]:
                raise SystemExit(f"{path}: {row['date']} of {chain.name} changes nothing")
            chain.regimes.append(row["regime"])
    for chain in chains.values():
        if len(chain.times) != len(chain.regimes) + 1:
            raise SystemExit(f"{path}: {chain.name} has no row 'end'")
    return list(chains.values())


def load_moves(path: str) -> dict[str, list[tuple[str, str]]]:
    """Read the transitions that are possible, by chain."""
    moves: dict[str, list[tuple[str, str]]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            moves.setdefault(row["chain"], []).append((row["from"], row["to"]))
    return moves


def load_covariates(path: str) -> dict[str, list[Interval]]:
    """Read the covariates, by chain."""
    covariates: dict[str, list[Interval]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ends = year_of(row["ends"]) + 1 / DAYS_PER_YEAR
            interval = Interval(year_of(row["begins"]), ends, row["covariate"], float(row["value"]))
            covariates.setdefault(row["chain"], []).append(interval)
    return covariates


def table_of_rates(rates: Iterable[Rate]) -> str:
    """Return the rates as a table."""
    lines = [
        "| chain | from | to | moves | years at risk | rate a year | standard error | basis |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in rates:
        rate = f"< {r.rate:.2f}" if r.basis == "bound" else f"{r.rate:.2f}"
        error = f"{r.standard_error:.2f}" if r.basis == "seen" else "-"
        lines.append(
            f"| {r.chain} | {r.origin} | {r.destination} | {r.moves} | {r.years:.2f} "
            f"| {rate} | {error} | {r.basis} |"
        )
    return "\n".join(lines)


def table_of_effects(chains: Iterable[Chain]) -> str:
    """Return the effects of covariates, fitted one covariate at a time, as a table."""
    lines = [
        "| chain | from | to | covariate | moves | effect | standard error |",
        "|---|---|---|---|---|---|---|",
    ]
    for chain in chains:
        for origin, destination in dict.fromkeys(chain.moves()):
            for name in sorted({i.name for i in chain.covariates}):
                data = segments(chain, origin, destination, [name])
                fit = fit_hazard(data)
                found = (
                    f"{fit.estimate[1]:.2f} | {fit.standard_error[1]:.2f}"
                    if fit.is_identified
                    else "not identified | -"
                )
                lines.append(
                    f"| {chain.name} | {origin} | {destination} | {name} "
                    f"| {int(data.moves.sum())} | {found} |"
                )
    return "\n".join(lines)


def toml_of(rates: Iterable[Rate], observed: dict[str, str]) -> str:
    """Return [transition.*] tables for a scenario; `observed` tells the period of each chain."""
    blocks = []
    for r in rates:
        years = f"{r.years:.2f} years, {observed[r.chain]}"
        if r.basis == "seen":
            source = f"fit to politics_history.csv: {r.moves} in {years}"
        elif r.basis == "bound":
            source = f"never seen in {years}: 0 to 3 / years (rule of three)"
        else:
            source = (
                f"assumption: '{r.origin}' was never entered, {observed[r.chain]}; "
                "mean rate of moves of all governments over the ways out, sigma 1"
            )
        values = ", ".join(
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            for key, value in r.distribution.items()
        )
        confidence = "medium" if r.basis == "seen" and r.moves >= 5 else "low"
        blocks.append(
            f"[transition.{r.origin}_to_{r.destination}]\n"
            f'from = "{r.origin}"\n'
            f'to = "{r.destination}"\n'
            f'rate_per_year = {{ {values}, source = "{source}", confidence = "{confidence}" }}\n'
        )
    return "\n".join(blocks)


def table_of_simulations(chain: Chain, rates: Sequence[Rate], histories: int, seed: int) -> str:
    """Return what refits of histories drawn from the rates seen give: a check of the errors."""
    generator = np.random.default_rng(seed)
    seen = {(r.origin, r.destination): r.rate for r in rates if r.basis == "seen"}
    draws: dict[tuple[str, str], list[float]] = {pair: [] for pair in seen}
    for _ in range(histories):
        drawn = simulate(seen, chain.regimes[0], chain.times[0], chain.times[-1], generator)
        for pair in seen:
            if years := drawn.years_in(pair[0]):
                draws[pair].append(drawn.moves().count(pair) / years)
    lines = [
        "| chain | from | to | rate | standard error | median of refits | 5% | 95% | no move |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rates:
        if r.basis != "seen":
            continue
        sample = np.array(draws[r.origin, r.destination])
        low, median, high = np.quantile(sample, [0.05, 0.5, 0.95])
        lines.append(
            f"| {r.chain} | {r.origin} | {r.destination} | {r.rate:.2f} | {r.standard_error:.2f} "
            f"| {median:.2f} | {low:.2f} | {high:.2f} | {np.mean(sample == 0):.0%} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("history")
    parser.add_argument("--moves", help="CSV of transitions that are possible, seen or not")
    parser.add_argument("--covariates", help="CSV of covariates: print their effects too")
    parser.add_argument("--until", type=year_of, help="fit on what was known at this date")
    parser.add_argument("--toml", action="store_true", help="print [transition.*] of a scenario")
    parser.add_argument(
        "--simulate", type=int, metavar="N", help="refit N histories drawn from the fit"
    )
    parser.add_argument("--seed", type=int, default=1, help="of --simulate")
    options = parser.parse_args(arguments)

    chains = load_history(options.history)
    if options.until is not None:
        chains = [chain.cut(options.until) for chain in chains]
    possible = load_moves(options.moves) if options.moves else {}
    stand_in = mean_rate(chains)
    fits = {c.name: fit_rates(c, possible.get(c.name, []), stand_in) for c in chains}
    rates = [rate for of_chain in fits.values() for rate in of_chain]
    if options.toml:
        observed = {c.name: f"{_date(c.times[0])} to {_date(c.times[-1])}" for c in chains}
        print(toml_of(rates, observed), end="")
        return
    print(table_of_rates(rates))
    if options.covariates:
        covariates = load_covariates(options.covariates)
        for chain in chains:
            chain.covariates = covariates.get(chain.name, [])
        print("\n" + table_of_effects(chains))
    if options.simulate:
        for chain in chains:
            print(
                "\n" + table_of_simulations(chain, fits[chain.name], options.simulate, options.seed)
            )


def _date(year: float) -> str:
    return datetime.date.fromordinal(round(year * DAYS_PER_YEAR)).isoformat()


if __name__ == "__main__":
    main()
