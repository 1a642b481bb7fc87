"""The minimal market of README.md as SimPy teaches it: processes, containers, a resource."""

import math
import random
from collections.abc import Generator

import simpy
from market import PARAMETERS as P
from market import Outcome, lognormal, need_step, outputs_of, quality, unit_cost

Process = Generator[simpy.Event, None, None]


class Product:
    """A product, its price, and its stock."""

    def __init__(self, env: simpy.Environment, number: int) -> None:
        self.cost = unit_cost(number)
        self.quality = quality(number)
        self.price = P.initial_markup * self.cost
        self.stock = simpy.Container(env)
        self.waiting = 0


class Buyer:
    """A buyer of chips."""

    def __init__(self, number: int) -> None:
        self.need = P.need_h100e * (1 + number % 5)
        self.installed = 0
        self.ordered = 0


class Market:
    """One replica."""

    def __init__(self, seed: int, replica: int) -> None:
        self.random = random.Random(seed * 1_000_003 + replica)
        self.env = simpy.Environment()
        self.outcome = Outcome()
        self.receipts_cents = 0
        self.delivered = 0
        self.customs = simpy.Resource(self.env, P.customs_officers)
        self.products = [Product(self.env, j) for j in range(P.vendors * P.products_per_vendor)]
        self.buyers = [Buyer(b) for b in range(P.buyers)]
        self.need_step = need_step()
        self.transit = lognormal(P.transit_days, P.transit_cv)
        self.clearance = lognormal(P.clearance_days, P.clearance_cv)
        for buyer in self.buyers:
            self.env.process(self.plan(buyer))
        for product in self.products:
            self.env.process(self.make(product))
        for v in range(P.vendors):
            first = v * P.products_per_vendor
            self.env.process(self.reprice(self.products[first : first + P.products_per_vendor]))

    def plan(self, buyer: Buyer) -> Process:
        """A buyer's life."""
        yield self.env.timeout(self.random.random() * P.planning_days)
        options = range(len(self.products) + 1)
        while True:
            self.outcome.events["planned"] += 1
            buyer.need *= math.exp(self.random.gauss(*self.need_step))
            shortfall = buyer.need - buyer.installed - buyer.ordered
            if shortfall > 0:
                lot = math.ceil(shortfall / P.lots_per_plan)
                weights = [
                    math.exp(p.quality - P.price_sensitivity * math.log(p.price / 20000))
                    for p in self.products
                ]
                weights.append(math.exp(P.wait_utility))
                lots = [0] * len(weights)
                for choice in self.random.choices(options, weights, k=P.lots_per_plan):
                    lots[choice] += 1
                for product, count in zip(self.products, lots, strict=False):
                    if count > 0:
                        self.env.process(self.order(buyer, product, count * lot))
            yield self.env.timeout(P.planning_days)

    def order(self, buyer: Buyer, product: Product, chips: int) -> Process:
        """An order's way from the vendor to the scrap heap."""
        env, count = self.env, self.outcome.events
        value_cents = round(product.price * 100) * chips
        buyer.ordered += chips
        product.waiting += chips
        yield product.stock.get(chips)
        product.waiting -= chips
        yield env.timeout(self.random.lognormvariate(*self.transit))
        count["reached_border"] += 1
        with self.customs.request() as officer:
            yield officer
            yield env.timeout(self.random.lognormvariate(*self.clearance))
        count["cleared"] += 1
        self.receipts_cents += round(value_cents * P.levy)
        yield env.timeout(P.delivery_days)
        count["delivered"] += 1
        buyer.ordered -= chips
        buyer.installed += chips
        self.delivered += chips
        yield env.timeout(self.random.weibullvariate(P.life_days, P.life_shape))
        count["retired"] += 1
        buyer.installed -= chips

    def make(self, product: Product) -> Process:
        """A product's lots."""
        yield self.env.timeout(self.random.random() * P.lot_days)
        while True:
            self.outcome.events["lot_completed"] += 1
            yield product.stock.put(P.chips_per_lot)
            yield self.env.timeout(P.lot_days)

    def reprice(self, products: list[Product]) -> Process:
        """A vendor's prices."""
        yield self.env.timeout(self.random.random() * P.repricing_days)
        while True:
            self.outcome.events["repriced"] += 1
            for product in products:
                if product.waiting > product.stock.level:
                    product.price *= P.price_rise
                else:
                    product.price = max(
                        product.price * P.price_fall, P.lowest_markup * product.cost
                    )
            yield self.env.timeout(P.repricing_days)

    def run(self) -> Outcome:
        """To the horizon."""
        self.env.run(until=P.horizon_days)
        self.outcome.outputs = outputs_of(
            self.receipts_cents,
            self.delivered,
            (b.installed for b in self.buyers),
            [p.price for p in self.products],
            (p.waiting for p in self.products),
        )
        return self.outcome


def run(seed: int, replica: int) -> Outcome:
    """One replica."""
    return Market(seed, replica).run()
