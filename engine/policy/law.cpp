#include "engine/policy/law.hpp"

#include <algorithm>
#include <utility>

#include "engine/policy/grant_criteria.hpp"

namespace tollgate {

Law::Law(std::span<const InstrumentSpec> instruments, std::span<const ChipSpec> chips,
         std::span<const RegionId> vendor_headquarters, std::vector<CustomerView> customers,
         std::size_t suppliers)
    : instruments_(instruments),
      chips_(chips),
      vendor_headquarters_(vendor_headquarters),
      customers_(std::move(customers)),
      carried_by_(instruments.size()),
      superseded_by_(instruments.size()),
      is_regime_on_(instruments.size(), 1),
      in_force_(instruments.size()),
      in_force_since_(instruments.size()),
      is_on_(instruments.size(), std::uint8_t{1}),
      cuts_(suppliers * vendor_headquarters.size()),
      supply_factors_(suppliers, 1.0),
      has_changed_for_(vendor_headquarters.size()) {
  form_groups();
  const std::size_t pairs = chips_.size() * group_heads_.size();
  reach_.resize(instruments_.size() * pairs);
  table_.resize(pairs);
  earlier_.resize(pairs);
  grant_odds_.assign(pairs, 1.0);
  closed_rental_.resize(group_heads_.size());
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    for (const std::string& id : instruments_[i].supersedes) {
      const InstrumentId older = find_rule(instruments_, id);
      if (older.is_some()) superseded_by_[older.index()].push_back(i);
    }
    if (!instruments_[i].is_a<HeadquartersRule>()) continue;
    for (const std::string& id : instruments_[i].as<HeadquartersRule>().rules) {
      const InstrumentId rule = find_rule(instruments_, id);
      if (!rule.is_some()) continue;
      Carrier carrier{i, {}};
      for (std::size_t g = 0; g < group_heads_.size(); ++g) {
        carrier.carries.push_back(
            static_cast<std::uint8_t>(instruments_[i].as<HeadquartersRule>().carries(id, head(g))));
      }
      carried_by_[rule.index()].push_back(std::move(carrier));
    }
  }
  for (std::size_t c = 0; c < chips_.size(); ++c) revise(ChipId{c});
}

// A rule can name a buyer as its target or on a list of its kind; by all else that it looks at,
// customers of one site, headquarters and class are alike.
void Law::form_groups() {
  const auto is_alike = [&](const CustomerView& a, const CustomerView& b) {
    return a.site == b.site && a.headquarters == b.headquarters &&
           a.buyer.is_some() == b.buyer.is_some() && a.customer_class == b.customer_class &&
           std::ranges::all_of(instruments_, [&](const InstrumentSpec& rule) {
             if (!rule.buyers.empty() && Targets::contains_or_all(rule.buyers, a.buyer) !=
                                             Targets::contains_or_all(rule.buyers, b.buyer)) {
               return false;
             }
             return std::visit(
                 [&](const auto& kind) {
                   if constexpr (requires { kind.singles_out(a); }) {
                     return kind.singles_out(a) == kind.singles_out(b);
                   }
                   return true;
                 },
                 rule.effect);
           });
  };
  for (std::size_t k = 0; k < customers_.size(); ++k) {
    const auto same = std::ranges::find_if(group_heads_, [&](CustomerId other) {
      return is_alike(customers_[other.index()], customers_[k]);
    });
    group_of_.emplace_back(static_cast<std::size_t>(same - group_heads_.begin()));
    if (same == group_heads_.end()) group_heads_.emplace_back(k);
  }
}

void Law::revise(ChipId chip) {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const InstrumentSpec& rule = instruments_[i];
    const bool is_caught = rule.catches(chips_[chip.index()]);
    for (std::size_t g = 0; g < group_heads_.size(); ++g) {
      Reach& here = reach(i, chip, CustomerGroupId{g});
      here = Reach::kNone;
      if (!is_caught) continue;
      if (aims_at(rule, chip, head(g))) {
        here = Reach::kDirect;
        continue;
      }
      const bool may_be_carried = std::ranges::any_of(
          carried_by_[i], [&](const Carrier& carrier) { return carrier.carries[g] != 0; });
      if (!may_be_carried) continue;
      // As if the customers were where their headquarters are.
      CustomerView at_home = head(g);
      at_home.site = at_home.headquarters;
      if (aims_at(rule, chip, at_home)) here = Reach::kCarried;
    }
  }
}

bool Law::aims_at(const InstrumentSpec& rule, ChipId chip, const CustomerView& customer) const {
  const VendorId vendor = chips_[chip.index()].vendor;
  const bool is_buyer_target =
      rule.buyers.empty() ||
      (customer.buyer.is_some() && Targets::contains_or_all(rule.buyers, customer.buyer));
  if (!is_buyer_target || !rule.contain_vendor(vendor, vendor_headquarters_[vendor.index()]) ||
      !Targets::contains_or_all(rule.chips, chip) ||
      !Targets::contains_or_all(rule.destinations, customer.site) ||
      !Targets::contains_or_all(rule.headquarters, customer.headquarters) ||
      !Targets::contains_or_all(rule.customer_classes, customer.customer_class)) {
    return false;
  }
  return std::visit(
      [&](const auto& kind) {
        if constexpr (requires { kind.singles_out(customer); }) return kind.singles_out(customer);
        return true;
      },
      rule.effect);
}

bool Law::aims_at(InstrumentId instrument, ChipId chip, CustomerId customer) const {
  return aims_at(instruments_[instrument.index()], chip, customers_[customer.index()]);
}

bool Law::is_in_force(InstrumentId instrument, SimTime now) const {
  return is_live(instrument) && instruments_[instrument.index()].is_dated_at(now);
}

bool Law::is_known(InstrumentId instrument, SimTime now) const {
  return is_live(instrument) && instruments_[instrument.index()].is_known_at(now);
}

double Law::known_export_availability(ChipId chip, CustomerId customer, SimTime now) const {
  const auto holds = [&](std::size_t rule) {
    return is_known(InstrumentId{rule}, now) && touches(InstrumentId{rule}, chip, customer);
  };
  Conditions known;
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const bool is_import_gate = std::visit(
        []<class Kind>(const Kind& /*kind*/) {
          if constexpr (requires { Kind::kIsImportGate; }) return Kind::kIsImportGate;
          return false;
        },
        instruments_[i].effect);
    if (is_import_gate || !holds(i) || std::ranges::any_of(superseded_by_[i], holds)) continue;
    add_to(known, i);
  }
  return availability_with(known, chip, customer);
}

bool Law::is_carried(std::size_t rule, CustomerGroupId group) const {
  return std::ranges::any_of(carried_by_[rule], [&](const Carrier& carrier) {
    return in_force_[carrier.rule] != 0 && carrier.carries[group.index()] != 0;
  });
}

bool Law::touches(InstrumentId instrument, ChipId chip, CustomerGroupId group) const {
  switch (reach(instrument.index(), chip, group)) {
    case Reach::kNone:
      return false;
    case Reach::kDirect:
      return true;
    case Reach::kCarried:
      return is_carried(instrument.index(), group);
  }
  return false;
}

bool Law::applies(InstrumentId instrument, ChipId chip, CustomerGroupId group) const {
  return in_force_[instrument.index()] != 0 && touches(instrument, chip, group) &&
         !is_superseded(instrument.index(), chip, group);
}

double Law::availability(ChipId chip, CustomerId customer) const {
  return availability_with(conditions(chip, customer), chip, customer);
}

double Law::availability_with(const Conditions& conditions, std::size_t place) const {
  if (conditions.is_barred) return 0;
  const double grant =
      conditions.needs_licence
          ? with_odds(grant_probability[static_cast<int>(conditions.review)], grant_odds_[place])
          : 1.0;
  return grant * conditions.pass_probability;
}

double Law::availability_under(InstrumentId instrument, ChipId chip, CustomerId customer) const {
  const Conditions& now = conditions(chip, customer);
  const CustomerGroupId group = group_of(customer);
  if (!touches(instrument, chip, group) || is_superseded(instrument.index(), chip, group)) {
    return availability(chip, customer);
  }
  Conditions then = now;
  add_to(then, instrument.index());
  return std::min(availability(chip, customer), availability_with(then, chip, customer));
}

bool Law::is_pending(InstrumentId instrument, SimTime now) const {
  return is_live(instrument) && instruments_[instrument.index()].is_announced_at(now);
}

bool Law::is_superseded(std::size_t rule, ChipId chip, CustomerGroupId group) const {
  return std::ranges::any_of(superseded_by_[rule], [&](std::size_t newer) {
    return in_force_[newer] != 0 && touches(InstrumentId{newer}, chip, group);
  });
}

bool Law::compile(SimTime now) {
  // Several rules may turn at one instant: all of them are compared with the law before it.
  const std::optional<SimTime> last = compiled_at_;
  const bool is_first = !last;
  if (!is_first && *compiled_at_ != now) note_availability();
  compiled_at_ = now;
  const double old_enforcement = enforcement_;
  const std::vector<std::uint8_t> old_cuts = cuts_;
  const std::vector<double> old_factors = supply_factors_;
  put_in_force(now, last);
  resolve_supply();
  bool is_changed = false;
  std::ranges::fill(has_changed_for_, std::uint8_t{0});
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    for (std::size_t g = 0; g < group_heads_.size(); ++g) {
      Conditions& here = table_[place(ChipId{c}, CustomerGroupId{g})];
      const Conditions old = here;
      resolve(ChipId{c}, CustomerGroupId{g}, here);
      if (here == old) continue;
      is_changed = true;
      has_changed_for_[chips_[c].vendor.index()] = 1;
    }
  }
  close_rental();
  if (is_first) note_availability();
  for (std::size_t i = 0; i < cuts_.size(); ++i) {
    if (cuts_[i] != old_cuts[i]) has_changed_for_[i % has_changed_for_.size()] = 1;
  }
  if (supply_factors_ != old_factors) std::ranges::fill(has_changed_for_, std::uint8_t{1});
  return is_changed || enforcement_ != old_enforcement || cuts_ != old_cuts ||
         supply_factors_ != old_factors;
}

// By its date, or as it was switched on.
void Law::put_in_force(SimTime now, std::optional<SimTime> last) {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const bool was_in_force = in_force_[i] != 0;
    const bool is_now = is_in_force(InstrumentId{i}, now);
    in_force_[i] = static_cast<std::uint8_t>(is_now);
    if (!is_now || was_in_force) continue;
    const SimTime effective = instruments_[i].effective;
    in_force_since_[i] = !last || *last < effective ? effective : now;
  }
}

void Law::resolve_supply() {
  enforcement_ = 1;
  std::ranges::fill(cuts_, std::uint8_t{0});
  std::ranges::fill(supply_factors_, 1.0);
  const std::size_t vendors = vendor_headquarters_.size();
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (in_force_[i] == 0) continue;
    const InstrumentSpec& rule = instruments_[i];
    std::visit(
        [&](const auto& kind) {
          if constexpr (requires { kind.detection_factor(); }) {
            enforcement_ *= kind.detection_factor();
          }
          if constexpr (requires { kind.supply_factor(SupplierId{}); }) {
            for (std::size_t s = 0; s < supply_factors_.size(); ++s) {
              supply_factors_[s] *= kind.supply_factor(SupplierId{s});
            }
          }
          if constexpr (requires { kind.cuts(rule, SupplierId{}, VendorId{}, RegionId{}); }) {
            for (std::size_t s = 0; s < supply_factors_.size(); ++s) {
              for (std::size_t v = 0; v < vendors; ++v) {
                if (kind.cuts(rule, SupplierId{s}, VendorId{v}, vendor_headquarters_[v])) {
                  cuts_[s * vendors + v] = 1;
                }
              }
            }
          }
        },
        rule.effect);
  }
}

void Law::note_availability() {
  for (std::size_t i = 0; i < table_.size(); ++i) earlier_[i] = availability_with(table_[i], i);
}

void Law::resolve(ChipId chip, CustomerGroupId group, Conditions& result) const {
  result = {};
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (applies(InstrumentId{i}, chip, group)) add_to(result, i);
  }
}

void Law::add_to(Conditions& conditions, std::size_t rule) const {
  const InstrumentSpec& spec = instruments_[rule];
  const Meeting at{InstrumentId{rule},
                   spec.grandfathers == Grandfathering::kOrdered
                       ? (in_force_[rule] != 0 ? in_force_since_[rule] : spec.effective)
                       : kNoExemption,
                   spec.grandfathers == Grandfathering::kNothing, strictness_};
  std::visit(
      [&](const auto& kind) {
        if constexpr (requires { kind.apply(at, conditions); }) kind.apply(at, conditions);
      },
      spec.effect);
}

void Law::close_rental() {
  for (std::size_t g = 0; g < group_heads_.size(); ++g) {
    closed_rental_[g] = 0;
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      if (in_force_[i] != 0 && instruments_[i].is_a<RemoteAccess>() &&
          Targets::contains_or_all(instruments_[i].headquarters, head(g).headquarters)) {
        closed_rental_[g] = 1;
      }
    }
  }
}

}  // namespace tollgate
