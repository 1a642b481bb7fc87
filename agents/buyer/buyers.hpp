/// Buyers of compute: need, budget, installed base, and the choice among legal foreign, domestic,
/// grey, rental and waiting.
///
/// At its planning events a buyer compares its need, with some precaution against a cut, with what
/// it has and what is on order, splits the shortfall into lots and chooses for each by nested logit
/// (docs/model.md, "Buyers").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agents/context.hpp"
#include "engine/market/choice.hpp"
#include "engine/market/demand_system.hpp"

namespace tollgate {

class Buyers {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId need, effective_h100e, installed_h100e, purchases, spend, unspent_budget,
        compute_h100e, installed_units, stack_maturity, consumer_surplus;
  };

  Buyers(const Context& context, const Series& series);
  void start(Context& context);
  void handle(Context& context, const Event& event);
  void close_quarter(Context& context);
  void check(const Context& context) const;

 private:
  /// Chips installed together, which retire together.
  struct Cohort {
    BuyerId buyer;
    ChipId chip;
    Workload workload = Workload::kTraining;
    Origin origin = Origin::kLegalForeign;
    std::int64_t units = 0;
    bool is_open = false;
  };
  using CohortId = Id<struct CohortTag>;

  struct State {
    PerWorkload<double> log_need;         ///< own part, without the common shock
    PerWorkload<double> rented;           ///< H100e
    std::vector<std::int64_t> installed;  ///< units by workload, origin, chip
    std::vector<double> owned;            ///< the same of all origins, by workload, chip
    std::vector<std::int64_t> ordered;    ///< units not yet delivered, by workload, chip
    std::vector<std::int64_t>
        last_order;   ///< units, by workload, chip: what a licence is sought for
    Cents budget{0};  ///< may be spent now
    // Over the run: what came into the budget, was spent, lapsed, and was charged beyond what had
    // been set aside.
    Cents accrued{0}, spent{0}, lapsed{0}, surcharged{0};
    PerWorkload<double> lack;  ///< share of need lacking after the horizon without purchases
    double hazard = 0;         ///< perceived rate of cuts per year, at `hazard_at`
    SimTime hazard_at;
    SimTime planned_at;
    std::int64_t received = 0;  ///< chips over the run, those of the start included
    std::int64_t retired = 0;
    Stream need_noise, choice_noise, life_noise;
  };

  /// What a lot can be spent on.
  struct Option {
    Origin origin = Origin::kLegalForeign;
    ChipId chip;
    LandlordId landlord;
    bool is_wait = false;
    double throughput = 0;  ///< effective H100e per unit
    Cents price;            ///< per unit, what the seller gets
    Cents outlay;           ///< per unit: duty, tariff and subsidy reckoned in
    Cents duty;             ///< per unit, of the outlay: what the seller is reimbursed
  };

  void install_initial(Context& context, BuyerId buyer);
  void plan(Context& context, BuyerId buyer);
  void accrue_budget(Context& context, BuyerId buyer);
  void move_need(Context& context, BuyerId buyer, Workload workload);
  void buy(Context& context, BuyerId buyer, Workload workload, double shortfall, Cents allowance);
  [[nodiscard]] double affordable(double shortfall, Cents allowance,
                                  std::span<const double> probabilities) const;
  void count_surplus(Context& context, BuyerId buyer, double chosen_on_h100e);
  void revise_tastes(Context& context);
  void weigh_stacks(BuyerId buyer);
  void add_owned(State& state, Workload workload, Origin origin, ChipId chip, std::int64_t units);
  double count_compute(const State& state);
  void list_options(Context& context, BuyerId buyer, Workload workload);
  void list_chip(Context& context, BuyerId buyer, Workload workload, ChipId chip);
  void list_grey(const Context& context, BuyerId buyer, Workload workload, ChipId chip);
  void list_rentals(const Context& context, BuyerId buyer);
  void add_option(const Option& option, double utility, int nest);
  void take(Context& context, BuyerId buyer, Workload workload, const Option& option,
            double throughput_wanted);
  void rent(Context& context, BuyerId buyer, Workload workload, const Option& option,
            double h100e_wanted);
  void receive(Context& context, ShipmentId shipment);
  void receive_grey(Context& context, ShipmentId lot);
  void pay(Context& context, const Order& order, std::int64_t units, Cents paid);
  void install(Context& context, const Order& order, Origin origin, std::int64_t units);
  void release(Context& context, OrderId order);
  void schedule_retirement(Context& context, CohortId cohort, double years);
  void retire(Context& context, CohortId cohort);
  void end_rental(Context& context, std::size_t contract);
  void see_law(Context& context);
  void note_pending(const Context& context);
  void foresee_lack();
  void shift_demand(Context& context);
  void mature_stacks(Context& context);
  void weigh_throughput();

  // What the trace is told (agents/buyer/trace_choice.cpp); only while there is one.
  void trace_need(Context& context, BuyerId buyer, Workload workload, double shortfall) const;
  void trace_choice(Context& context, BuyerId buyer, Workload workload,
                    std::span<const double> probabilities) const;
  void trace_parts(const Context& context, BuyerId buyer, Workload workload, const Option& option,
                   TraceLine& line) const;
  void trace_missing(Context& context, BuyerId buyer, Workload workload, ChipId chip) const;
  void trace_order(Context& context, OrderId order, const Option& option) const;
  /// Lots fell on the option, and nothing came of it.
  void trace_nothing_bought(Context& context, Workload workload, const Option& option) const;

  [[nodiscard]] double need(BuyerId buyer, Workload workload) const;
  /// Log growth of need per year.
  [[nodiscard]] double growth_rate(BuyerId buyer, Workload workload) const;
  /// Perceived rate of cuts per year.
  [[nodiscard]] double hazard(const Context& context, BuyerId buyer) const;
  /// Share of need held on top of it against a cut.
  [[nodiscard]] double precaution(const Context& context, BuyerId buyer, Workload workload) const;
  /// Share of the buyer's foreign supply that the law has closed at this instant.
  [[nodiscard]] double share_cut(const Context& context, BuyerId buyer) const;
  /// Effective compute of the chip that the buyer has installed or on order.
  [[nodiscard]] double resting_on(BuyerId buyer, Workload workload, ChipId chip) const;
  [[nodiscard]] Origin legal_origin(const Context& context, BuyerId buyer, ChipId chip) const;
  [[nodiscard]] double effective(BuyerId buyer, Workload workload) const;
  [[nodiscard]] double on_order(BuyerId buyer, Workload workload) const;
  [[nodiscard]] Cents transfer_price(const BuyerSpec& buyer, ChipId chip) const;
  /// A lot that is more likely than this to be lost is nobody's choice.
  static constexpr double kHopeless = 0.999;
  [[nodiscard]] double price_utility(double relative_price) const;
  [[nodiscard]] double grant_chance(const Context& context, BuyerId buyer, Workload workload,
                                    ChipId chip) const;
  [[nodiscard]] PriceUtility utility_of_price(ChipId chip, Workload workload,
                                              double outlay_ratio) const;
  [[nodiscard]] double throughput(ChipId chip, Workload workload) const {
    return throughput_[place(workload, chip)];
  }
  [[nodiscard]] std::size_t place(Workload w, ChipId c) const {
    return static_cast<std::size_t>(w) * chips_.size() + c.index();
  }
  [[nodiscard]] std::size_t place(Workload w, Origin o, ChipId c) const {
    return (static_cast<std::size_t>(w) * kOrigins + static_cast<std::size_t>(o)) * chips_.size() +
           c.index();
  }

  Series series_;
  const std::vector<BuyerSpec>& specs_;
  const std::vector<ChipSpec>& chips_;
  const std::vector<VendorSpec>& vendors_;
  const DemandSpec& demand_;
  std::vector<double> h100e_;                ///< by chip: its dense FP16 rate, an H100 being 1
  std::vector<double> throughput_;           ///< [workload][chip], at the present maturity
  std::vector<PriceUtility> price_utility_;  ///< the same, where the outlay is the price
  std::vector<std::size_t> stack_of_;        ///< by chip: number of its software stack
  std::vector<double> maturity_;  ///< by stack: share of the way to mature, 0 at the start
  std::vector<State> states_;
  Pool<Cohort, CohortId> cohorts_;
  std::vector<InstrumentId> pending_;   ///< rules announced and not yet in force
  std::optional<SimTime> law_seen_at_;  ///< when the last change of law was noted
  Stream common_noise_;
  double common_shock_ = 0;          ///< log of the factor on everyone's need
  std::vector<double> stack_share_;  ///< workspace: shares of the stacks of the buyer at hand
  ChoiceSet choice_;
  std::vector<Option> options_;     ///< workspace: options of the choice at hand
  std::vector<std::int64_t> lots_;  ///< workspace: lots by option
};

}  // namespace tollgate
