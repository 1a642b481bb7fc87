"""The minimal market of README.md in Mesa: agents, and events on its discrete event simulator."""

import math
from collections import deque
from dataclasses import dataclass

import mesa
from market import PARAMETERS as P
from market import Outcome, lognormal, need_step, outputs_of, quality, unit_cost
from mesa.experimental.devs import DEVSimulator


@dataclass
class Product:
    """A product, its price, and its stock."""

    cost: float
    quality: float
    price: float
    line: deque["Order"]
    stock: int = 0
    waiting: int = 0


@dataclass
class Order:
    """An order on its way."""

    buyer: "Buyer"
    product: Product
    chips: int
    value_cents: int


class Buyer(mesa.Agent):
    """A buyer of chips."""

    def __init__(self, model: "Market", number: int) -> None:
        super().__init__(model)
        self.need = P.need_h100e * (1 + number % 5)
        self.installed = 0
        self.ordered = 0
        model.after(self.random.random() * P.planning_days, self.plan)

    def plan(self) -> None:
        """Orders what is short."""
        model = self.model
        model.outcome.events["planned"] += 1
        model.after(P.planning_days, self.plan)
        self.need *= math.exp(self.random.gauss(*model.need_step))
        shortfall = self.need - self.installed - self.ordered
        if shortfall <= 0:
            return
        lot = math.ceil(shortfall / P.lots_per_plan)
        weights = [
            math.exp(p.quality - P.price_sensitivity * math.log(p.price / 20000))
            for p in model.products
        ]
        weights.append(math.exp(P.wait_utility))
        lots = [0] * len(weights)
        for choice in self.random.choices(range(len(weights)), weights, k=P.lots_per_plan):
            lots[choice] += 1
        for vendor in model.vendors:
            for number, product in enumerate(vendor.products, vendor.first):
                if lots[number] > 0:
                    chips = lots[number] * lot
                    self.ordered += chips
                    value_cents = round(product.price * 100) * chips
                    vendor.take(Order(self, product, chips, value_cents))

    def receive(self, order: Order) -> None:
        """Installs chips."""
        self.model.outcome.events["delivered"] += 1
        self.ordered -= order.chips
        self.installed += order.chips
        self.model.delivered += order.chips
        life = self.random.weibullvariate(P.life_days, P.life_shape)
        self.model.after(life, self.retire, order)

    def retire(self, order: Order) -> None:
        """Takes chips out of use."""
        self.model.outcome.events["retired"] += 1
        self.installed -= order.chips


class Vendor(mesa.Agent):
    """A vendor of several products."""

    def __init__(self, model: "Market", number: int) -> None:
        super().__init__(model)
        self.first = number * P.products_per_vendor
        self.products = [
            Product(unit_cost(j), quality(j), P.initial_markup * unit_cost(j), deque())
            for j in range(self.first, self.first + P.products_per_vendor)
        ]
        model.after(self.random.random() * P.repricing_days, self.reprice)
        for product in self.products:
            model.after(self.random.random() * P.lot_days, self.complete_lot, product)

    def take(self, order: Order) -> None:
        """Takes an order."""
        order.product.waiting += order.chips
        order.product.line.append(order)
        self.serve(order.product)

    def complete_lot(self, product: Product) -> None:
        """Takes a lot into stock."""
        self.model.outcome.events["lot_completed"] += 1
        self.model.after(P.lot_days, self.complete_lot, product)
        product.stock += P.chips_per_lot
        self.serve(product)

    def serve(self, product: Product) -> None:
        """Ships what the stock covers."""
        while product.line and product.line[0].chips <= product.stock:
            order = product.line.popleft()
            product.stock -= order.chips
            product.waiting -= order.chips
            transit = self.random.lognormvariate(*self.model.transit)
            self.model.after(transit, self.model.customs.receive, order)

    def reprice(self) -> None:
        """Raises prices of what is short, lowers others."""
        self.model.outcome.events["repriced"] += 1
        self.model.after(P.repricing_days, self.reprice)
        for product in self.products:
            if product.waiting > product.stock:
                product.price *= P.price_rise
            else:
                product.price = max(product.price * P.price_fall, P.lowest_markup * product.cost)


class Customs(mesa.Agent):
    """The customs house."""

    def __init__(self, model: "Market") -> None:
        super().__init__(model)
        self.free_officers = P.customs_officers
        self.line: deque[Order] = deque()
        self.receipts_cents = 0

    def receive(self, order: Order) -> None:
        """Takes a shipment at the border."""
        self.model.outcome.events["reached_border"] += 1
        self.line.append(order)
        self.staff()

    def staff(self) -> None:
        """Gives shipments to officers."""
        while self.free_officers > 0 and self.line:
            self.free_officers -= 1
            clearance = self.random.lognormvariate(*self.model.clearance)
            self.model.after(clearance, self.clear, self.line.popleft())

    def clear(self, order: Order) -> None:
        """Charges the levy and lets a shipment go."""
        self.model.outcome.events["cleared"] += 1
        self.receipts_cents += round(order.value_cents * P.levy)
        self.free_officers += 1
        self.staff()
        self.model.after(P.delivery_days, order.buyer.receive, order)


class Market(mesa.Model):
    """One replica."""

    def __init__(self, seed: int, replica: int) -> None:
        super().__init__(seed=seed * 1_000_003 + replica)
        self.simulator = DEVSimulator()
        self.simulator.setup(self)
        self.outcome = Outcome()
        self.delivered = 0
        self.need_step = need_step()
        self.transit = lognormal(P.transit_days, P.transit_cv)
        self.clearance = lognormal(P.clearance_days, P.clearance_cv)
        self.customs = Customs(self)
        self.vendors = [Vendor(self, v) for v in range(P.vendors)]
        self.products = [product for vendor in self.vendors for product in vendor.products]
        self.buyers = [Buyer(self, b) for b in range(P.buyers)]

    def after(self, days: float, function: object, *arguments: object) -> None:
        """Schedules an event."""
        self.simulator.schedule_event_relative(function, days, function_args=list(arguments))

    def run(self) -> Outcome:
        """To the horizon."""
        self.simulator.run_until(P.horizon_days)
        self.outcome.outputs = outputs_of(
            self.customs.receipts_cents,
            self.delivered,
            (b.installed for b in self.buyers),
            [p.price for p in self.products],
            (p.waiting for p in self.products),
        )
        return self.outcome


def run(seed: int, replica: int) -> Outcome:
    """One replica."""
    return Market(seed, replica).run()
