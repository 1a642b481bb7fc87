/// The minimal market of README.md on tollgate's engine: future event list, streams, draws, money.
///
/// usage: minimal_market PARAMETERS.json REPLICAS SEED; prints JSON, with the CPU time taken.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/kernel/draws.hpp"
#include "engine/kernel/future_event_list.hpp"
#include "engine/kernel/money.hpp"
#include "engine/kernel/stream.hpp"

namespace {

using namespace tollgate;

struct Parameters {
  double horizon_days, planning_days, repricing_days, lot_days;
  std::size_t buyers, vendors, products_per_vendor;
  std::int64_t lots_per_plan, chips_per_lot, customs_officers;
  double need_h100e, need_growth_per_year, need_volatility;
  double price_sensitivity, wait_utility;
  double unit_cost_usd, initial_markup, lowest_markup, price_rise, price_fall;
  double transit_days, transit_cv, clearance_days, clearance_cv, delivery_days;
  double levy, life_days, life_shape;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Parameters, horizon_days, planning_days, repricing_days,
                                   lot_days, buyers, vendors, products_per_vendor, lots_per_plan,
                                   chips_per_lot, customs_officers, need_h100e,
                                   need_growth_per_year, need_volatility, price_sensitivity,
                                   wait_utility, unit_cost_usd, initial_markup, lowest_markup,
                                   price_rise, price_fall, transit_days, transit_cv, clearance_days,
                                   clearance_cv, delivery_days, levy, life_days, life_shape)

enum class Kind : std::uint8_t {
  kPlanned,
  kLotCompleted,
  kReachedBorder,
  kCleared,
  kDelivered,
  kRetired,
  kRepriced
};
constexpr std::array<const char*, 7> kKindNames = {
    "planned", "lot_completed", "reached_border", "cleared", "delivered", "retired", "repriced"};

struct Event {
  Kind kind{};
  std::uint32_t subject = 0;  ///< buyer, product, order or vendor
};

struct Order {
  std::uint32_t buyer = 0;
  std::uint32_t product = 0;
  std::int64_t chips = 0;
  Cents value;
};

/// First in, first out; keeps its memory when it runs empty.
class Line {
 public:
  void push(std::uint32_t order) { orders_.push_back(order); }
  [[nodiscard]] bool empty() const { return first_ == orders_.size(); }
  [[nodiscard]] std::uint32_t front() const { return orders_[first_]; }
  void pop() {
    if (++first_ == orders_.size()) clear();
  }
  void clear() {
    orders_.clear();
    first_ = 0;
  }

 private:
  std::vector<std::uint32_t> orders_;
  std::size_t first_ = 0;
};

struct Outcome {
  std::array<std::uint64_t, kKindNames.size()> events{};
  double receipts_usd = 0;
  double chips_delivered = 0;
  double chips_installed = 0;
  double mean_price_usd = 0;
  double chips_waiting = 0;
};

/// A lognormal delay in days, by the mean and the deviation of its logarithm.
struct Delay {
  Delay(double mean, double cv)
      : deviation(std::sqrt(std::log1p(cv * cv))),
        mean_of_log(std::log(mean) - 0.5 * deviation * deviation) {}
  [[nodiscard]] double draw(Stream& stream) const {
    return std::exp(mean_of_log + deviation * draw_normal(stream));
  }
  double deviation;
  double mean_of_log;
};

class MinimalMarket {
 public:
  explicit MinimalMarket(const Parameters& parameters)
      : p_(parameters),
        end_(SimTime{0} + days_rounded(parameters.horizon_days)),
        buyers_(parameters.buyers),
        products_(parameters.vendors * parameters.products_per_vendor),
        transit_(parameters.transit_days, parameters.transit_cv),
        clearance_(parameters.clearance_days, parameters.clearance_cv),
        step_deviation_(parameters.need_volatility *
                        std::sqrt(parameters.planning_days / kDaysPerYear)),
        step_mean_(parameters.need_growth_per_year * parameters.planning_days / kDaysPerYear -
                   0.5 * step_deviation_ * step_deviation_),
        weights_up_to_(products_.size() + 1),
        lots_(products_.size() + 1) {}

  Outcome run(StreamFactory streams) {
    start(streams);
    while (const auto event = events_.pop()) {
      if (event->time >= end_) break;
      handle(event->payload);
    }
    return read_out();
  }

 private:
  struct Buyer {
    double need = 0;
    std::int64_t installed = 0;
    std::int64_t ordered = 0;
    Stream need_noise, choice_noise, life_noise;
  };
  struct Product {
    double price_usd = 0;
    double cost_usd = 0;
    double quality = 0;
    std::int64_t stock = 0;
    std::int64_t waiting = 0;  ///< chips on order that have not left
    Line line;
    Stream transit_noise;
  };

  void start(StreamFactory streams) {
    outcome_ = {};
    events_.clear(SimTime{0});
    orders_.clear();
    free_orders_.clear();
    border_.clear();
    free_officers_ = p_.customs_officers;
    customs_noise_ = streams.make("customs", "clearance");
    constexpr std::uint64_t kPhase = hash_name("phase");
    const auto first = [&](Kind kind, std::uint64_t entity, std::size_t subject, double period) {
      Stream stream = streams.make(mix(entity, subject), kPhase);
      // Whole minutes, and below the period: rounding up would lose the last event of the horizon.
      const double minutes = draw_uniform(stream) * period * static_cast<double>(kMinutesPerDay);
      events_.schedule(SimTime{static_cast<std::int64_t>(minutes)}, 0,
                       {kind, static_cast<std::uint32_t>(subject)});
    };
    for (std::size_t b = 0; b < buyers_.size(); ++b) {
      Buyer& buyer = buyers_[b];
      const std::uint64_t entity = mix(hash_name("buyer"), b);
      buyer = {p_.need_h100e * static_cast<double>(1 + b % 5),
               0,
               0,
               streams.make(entity, hash_name("need")),
               streams.make(entity, hash_name("choice")),
               streams.make(entity, hash_name("life"))};
      first(Kind::kPlanned, hash_name("buyer"), b, p_.planning_days);
    }
    for (std::size_t j = 0; j < products_.size(); ++j) {
      Product& product = products_[j];
      product.cost_usd = p_.unit_cost_usd * (1 + 0.05 * static_cast<double>(j % 5));
      product.quality = 0.1 * static_cast<double>(j % 7);
      product.stock = 0;
      product.waiting = 0;
      product.line.clear();
      product.transit_noise = streams.make(mix(hash_name("product"), j), hash_name("transit"));
      product.price_usd = p_.initial_markup * product.cost_usd;
      first(Kind::kLotCompleted, hash_name("product"), j, p_.lot_days);
    }
    weigh();
    for (std::size_t v = 0; v < p_.vendors; ++v) {
      first(Kind::kRepriced, hash_name("vendor"), v, p_.repricing_days);
    }
  }

  void schedule(Kind kind, std::size_t subject, double days) {
    events_.schedule(events_.now() + days_rounded(days), 0,
                     {kind, static_cast<std::uint32_t>(subject)});
  }

  void handle(const Event& event) {
    ++outcome_.events[static_cast<std::size_t>(event.kind)];
    switch (event.kind) {
      case Kind::kPlanned:
        return plan(event.subject);
      case Kind::kLotCompleted:
        products_[event.subject].stock += p_.chips_per_lot;
        serve(products_[event.subject]);
        return schedule(Kind::kLotCompleted, event.subject, p_.lot_days);
      case Kind::kReachedBorder:
        border_.push(event.subject);
        return staff_border();
      case Kind::kCleared:
        receipts_ = receipts_ + share_of(orders_[event.subject].value, p_.levy);
        ++free_officers_;
        staff_border();
        return schedule(Kind::kDelivered, event.subject, p_.delivery_days);
      case Kind::kDelivered:
        return install(event.subject);
      case Kind::kRetired:
        buyers_[orders_[event.subject].buyer].installed -= orders_[event.subject].chips;
        return free_orders_.push_back(event.subject);
      case Kind::kRepriced:
        return reprice(event.subject);
    }
  }

  void plan(std::uint32_t b) {
    Buyer& buyer = buyers_[b];
    schedule(Kind::kPlanned, b, p_.planning_days);
    buyer.need *= std::exp(step_mean_ + step_deviation_ * draw_normal(buyer.need_noise));
    const double shortfall = buyer.need - static_cast<double>(buyer.installed + buyer.ordered);
    if (shortfall <= 0) return;
    const auto lot =
        static_cast<std::int64_t>(std::ceil(shortfall / static_cast<double>(p_.lots_per_plan)));
    std::ranges::fill(lots_, 0);
    for (std::int64_t i = 0; i < p_.lots_per_plan; ++i) {
      const double at = draw_uniform(buyer.choice_noise) * weights_up_to_.back();
      // Counting all beats a search among so few: nothing has to be foreseen.
      std::size_t choice = 0;
      for (const double weight : weights_up_to_) choice += static_cast<std::size_t>(weight <= at);
      ++lots_[choice];
    }
    for (std::size_t j = 0; j < products_.size(); ++j) {
      if (lots_[j] > 0) place_order(b, j, lots_[j] * lot);
    }
  }

  void place_order(std::uint32_t b, std::size_t j, std::int64_t chips) {
    Product& product = products_[j];
    const Order order{b, static_cast<std::uint32_t>(j), chips,
                      times(from_usd(product.price_usd), chips)};
    std::uint32_t id = 0;
    if (free_orders_.empty()) {
      id = static_cast<std::uint32_t>(orders_.size());
      orders_.push_back(order);
    } else {
      id = free_orders_.back();
      free_orders_.pop_back();
      orders_[id] = order;
    }
    buyers_[b].ordered += chips;
    product.waiting += chips;
    product.line.push(id);
    serve(product);
  }

  void serve(Product& product) {
    while (!product.line.empty()) {
      const std::uint32_t id = product.line.front();
      if (orders_[id].chips > product.stock) return;
      product.line.pop();
      product.stock -= orders_[id].chips;
      product.waiting -= orders_[id].chips;
      schedule(Kind::kReachedBorder, id, transit_.draw(product.transit_noise));
    }
  }

  void staff_border() {
    while (free_officers_ > 0 && !border_.empty()) {
      --free_officers_;
      schedule(Kind::kCleared, border_.front(), clearance_.draw(customs_noise_));
      border_.pop();
    }
  }

  void install(std::uint32_t id) {
    const Order& order = orders_[id];
    Buyer& buyer = buyers_[order.buyer];
    buyer.ordered -= order.chips;
    buyer.installed += order.chips;
    outcome_.chips_delivered += static_cast<double>(order.chips);
    schedule(Kind::kRetired, id, draw_weibull(p_.life_days, p_.life_shape, buyer.life_noise));
  }

  void reprice(std::uint32_t v) {
    schedule(Kind::kRepriced, v, p_.repricing_days);
    for (std::size_t k = 0; k < p_.products_per_vendor; ++k) {
      Product& product = products_[v * p_.products_per_vendor + k];
      product.price_usd =
          product.waiting > product.stock
              ? product.price_usd * p_.price_rise
              : std::max(product.price_usd * p_.price_fall, p_.lowest_markup * product.cost_usd);
    }
    weigh();
  }

  /// Weights of the options, summed up; they change with prices only.
  void weigh() {
    double sum = 0;
    for (std::size_t j = 0; j < products_.size(); ++j) {
      const Product& product = products_[j];
      sum += std::exp(product.quality - p_.price_sensitivity * std::log(product.price_usd / 20000));
      weights_up_to_[j] = sum;
    }
    weights_up_to_.back() = sum + std::exp(p_.wait_utility);
  }

  Outcome read_out() {
    outcome_.receipts_usd = in_usd(std::exchange(receipts_, {}));
    for (const Buyer& buyer : buyers_) {
      outcome_.chips_installed += static_cast<double>(buyer.installed);
    }
    for (const Product& product : products_) {
      outcome_.mean_price_usd += product.price_usd / static_cast<double>(products_.size());
      outcome_.chips_waiting += static_cast<double>(product.waiting);
    }
    return outcome_;
  }

  const Parameters p_;
  SimTime end_;
  FutureEventList<Event> events_;
  std::vector<Buyer> buyers_;
  std::vector<Product> products_;
  Delay transit_, clearance_;
  double step_deviation_, step_mean_;
  std::vector<double> weights_up_to_;  // by product, then waiting
  std::vector<std::int64_t> lots_;
  std::vector<Order> orders_;
  std::vector<std::uint32_t> free_orders_;
  Line border_;
  std::int64_t free_officers_ = 0;
  Stream customs_noise_;
  Cents receipts_;
  Outcome outcome_;
};

nlohmann::json as_json(const Outcome& outcome) {
  nlohmann::json json;
  for (std::size_t k = 0; k < kKindNames.size(); ++k) {
    json["events"][kKindNames[k]] = outcome.events[k];
  }
  json["outputs"] = {{"receipts_usd", outcome.receipts_usd},
                     {"chips_delivered", outcome.chips_delivered},
                     {"chips_installed", outcome.chips_installed},
                     {"mean_price_usd", outcome.mean_price_usd},
                     {"chips_waiting", outcome.chips_waiting}};
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: minimal_market PARAMETERS.json REPLICAS SEED\n";
    return 2;
  }
  try {
    std::ifstream file(argv[1]);
    const auto parameters = nlohmann::json::parse(file).get<Parameters>();
    const auto replicas = static_cast<std::uint32_t>(std::stoul(argv[2]));
    const std::uint64_t seed = std::stoull(argv[3]);
    MinimalMarket market(parameters);
    std::vector<Outcome> outcomes;
    outcomes.reserve(replicas);
    const std::clock_t start = std::clock();
    for (std::uint32_t i = 0; i < replicas; ++i) outcomes.push_back(market.run({seed, i}));
    nlohmann::json json;
    json["seconds"] = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    for (const Outcome& outcome : outcomes) json["replicas"].push_back(as_json(outcome));
    fmt::print("{}\n", json.dump());
  } catch (const std::exception& error) {
    std::cerr << "minimal_market: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
