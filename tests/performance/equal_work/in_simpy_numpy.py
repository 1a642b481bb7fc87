"""The minimal market of README.md in SimPy, tuned: callbacks, plain queues, noise in blocks."""

import math
from collections import Counter, deque
from collections.abc import Callable

import numpy as np
import simpy
from market import PARAMETERS as P
from market import Outcome, lognormal, need_step, outputs_of, quality, unit_cost

BLOCK = 4096


def in_blocks(draw: Callable[[], np.ndarray]) -> Callable[[], float]:
    """The next number, out of blocks that NumPy draws."""
    block: list[float] = []

    def following() -> float:
        if not block:
            block.extend(draw().tolist())
        return block.pop()

    return following


class Order:
    """An order; its bound methods are the callbacks of its events."""

    __slots__ = ("buyer", "chips", "market", "product", "value_cents")

    def __init__(self, market: "Market", buyer: int, product: int, chips: int) -> None:
        self.market = market
        self.buyer = buyer
        self.product = product
        self.chips = chips
        self.value_cents = round(market.price[product] * 100) * chips

    def reach_border(self, _: simpy.Event) -> None:
        market = self.market
        market.reached_border += 1
        if market.free_officers > 0:
            market.free_officers -= 1
            market.after(market.clearance(), self.clear)
        else:
            market.border.append(self)

    def clear(self, _: simpy.Event) -> None:
        market = self.market
        market.cleared += 1
        market.receipts_cents += round(self.value_cents * P.levy)
        if market.border:
            market.after(market.clearance(), market.border.popleft().clear)
        else:
            market.free_officers += 1
        market.after(P.delivery_days, self.deliver)

    def deliver(self, _: simpy.Event) -> None:
        market = self.market
        market.delivered += 1
        market.ordered[self.buyer] -= self.chips
        market.installed[self.buyer] += self.chips
        market.chips_delivered += self.chips
        market.after(market.life(), self.retire)

    def retire(self, _: simpy.Event) -> None:
        self.market.retired += 1
        self.market.installed[self.buyer] -= self.chips


class Market:
    """One replica; agents are numbers, their states lists."""

    def __init__(self, seed: int, replica: int) -> None:
        self.rng = rng = np.random.Generator(np.random.Philox([seed, replica]))
        self.env = simpy.Environment()
        products = P.vendors * P.products_per_vendor
        self.cost = [unit_cost(j) for j in range(products)]
        self.quality = np.array([quality(j) for j in range(products)])
        self.price = [P.initial_markup * cost for cost in self.cost]
        self.stock = [0] * products
        self.waiting = [0] * products
        self.line: list[deque[Order]] = [deque() for _ in range(products)]
        self.need = [P.need_h100e * (1 + b % 5) for b in range(P.buyers)]
        self.installed = [0] * P.buyers
        self.ordered = [0] * P.buyers
        self.border: deque[Order] = deque()
        self.free_officers = P.customs_officers
        self.receipts_cents = self.chips_delivered = 0
        self.planned = self.lots_completed = self.repriced = 0
        self.reached_border = self.cleared = self.delivered = self.retired = 0
        transit, clearance = (
            lognormal(P.transit_days, P.transit_cv),
            lognormal(P.clearance_days, P.clearance_cv),
        )
        self.growth = in_blocks(lambda: rng.lognormal(*need_step(), BLOCK))
        self.transit = in_blocks(lambda: rng.lognormal(*transit, BLOCK))
        self.clearance = in_blocks(lambda: rng.lognormal(*clearance, BLOCK))
        self.life = in_blocks(lambda: rng.weibull(P.life_shape, BLOCK) * P.life_days)
        self.weigh()
        for kind, number, period in (
            (self.plan, P.buyers, P.planning_days),
            (self.complete_lot, products, P.lot_days),
            (self.reprice, P.vendors, P.repricing_days),
        ):
            for who, phase in enumerate((rng.random(number) * period).tolist()):
                self.after(phase, kind(who))

    def after(self, days: float, callback: Callable[[simpy.Event], None]) -> None:
        """A timeout that nobody waits for but a callback."""
        self.env.timeout(days).callbacks.append(callback)

    def weigh(self) -> None:
        """Probabilities; they change with prices only."""
        utilities = self.quality - P.price_sensitivity * np.log(np.array(self.price) / 20000)
        weights = np.exp(np.append(utilities, P.wait_utility))
        self.probabilities = weights / weights.sum()

    def plan(self, buyer: int) -> Callable[[simpy.Event], None]:
        """What a buyer does at its planning dates."""

        def act(_: simpy.Event) -> None:
            self.planned += 1
            self.after(P.planning_days, act)
            self.need[buyer] *= self.growth()
            shortfall = self.need[buyer] - self.installed[buyer] - self.ordered[buyer]
            if shortfall <= 0:
                return
            lot = math.ceil(shortfall / P.lots_per_plan)
            lots = self.rng.multinomial(P.lots_per_plan, self.probabilities)[:-1]
            for product in np.flatnonzero(lots).tolist():
                order = Order(self, buyer, product, int(lots[product]) * lot)
                self.ordered[buyer] += order.chips
                self.waiting[product] += order.chips
                self.line[product].append(order)
                self.serve(product)

        return act

    def serve(self, product: int) -> None:
        """Ships what the stock covers."""
        line = self.line[product]
        while line and line[0].chips <= self.stock[product]:
            order = line.popleft()
            self.stock[product] -= order.chips
            self.waiting[product] -= order.chips
            self.after(self.transit(), order.reach_border)

    def complete_lot(self, product: int) -> Callable[[simpy.Event], None]:
        """What happens when a lot of a product is completed."""

        def act(_: simpy.Event) -> None:
            self.lots_completed += 1
            self.after(P.lot_days, act)
            self.stock[product] += P.chips_per_lot
            self.serve(product)

        return act

    def reprice(self, vendor: int) -> Callable[[simpy.Event], None]:
        """What a vendor does at its repricing dates."""
        first = vendor * P.products_per_vendor

        def act(_: simpy.Event) -> None:
            self.repriced += 1
            self.after(P.repricing_days, act)
            for j in range(first, first + P.products_per_vendor):
                if self.waiting[j] > self.stock[j]:
                    self.price[j] *= P.price_rise
                else:
                    self.price[j] = max(
                        self.price[j] * P.price_fall, P.lowest_markup * self.cost[j]
                    )
            self.weigh()

        return act

    def run(self) -> Outcome:
        """To the horizon."""
        self.env.run(until=P.horizon_days)
        events = Counter(
            planned=self.planned,
            lot_completed=self.lots_completed,
            reached_border=self.reached_border,
            cleared=self.cleared,
            delivered=self.delivered,
            retired=self.retired,
            repriced=self.repriced,
        )
        outputs = outputs_of(
            self.receipts_cents, self.chips_delivered, self.installed, self.price, self.waiting
        )
        return Outcome(events, outputs)


def run(seed: int, replica: int) -> Outcome:
    """One replica."""
    return Market(seed, replica).run()
