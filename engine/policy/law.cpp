#include "engine/policy/law.hpp"

#include <algorithm>
#include <utility>

namespace tollgate {
namespace {

template <class T>
bool is_target(const std::vector<T>& targets, const T& entity) {
  return targets.empty() || std::ranges::find(targets, entity) != targets.end();
}

bool meets_targets(const InstrumentSpec& rule, ChipId chip_id, const ChipSpec& chip,
                   RegionId vendor_headquarters, const CustomerView& customer) {
  // The buyers of approved_customers are those who may buy, not those whom the rule touches.
  const bool is_buyer_target = rule.kind == InstrumentKind::kApprovedCustomers ||
                               rule.buyers.empty() ||
                               (customer.buyer.is_some() && is_target(rule.buyers, customer.buyer));
  return is_buyer_target && is_target(rule.vendors, chip.vendor) &&
         is_target(rule.chips, chip_id) && is_target(rule.destinations, customer.site) &&
         is_target(rule.headquarters, customer.headquarters) &&
         is_target(rule.vendor_headquarters, vendor_headquarters) &&
         is_target(rule.customer_classes, customer.customer_class);
}

}  // namespace

Law::Law(std::span<const InstrumentSpec> instruments, std::span<const ChipSpec> chips,
         std::span<const RegionId> vendor_headquarters, std::vector<CustomerView> customers,
         std::size_t suppliers)
    : instruments_(instruments),
      chips_(chips),
      vendor_headquarters_(vendor_headquarters),
      customers_(std::move(customers)),
      touches_(instruments.size() * chips.size() * customers_.size()),
      superseded_by_(instruments.size()),
      is_regime_on_(instruments.size(), 1),
      in_force_(instruments.size()),
      table_(chips.size() * customers_.size()),
      earlier_(chips.size() * customers_.size()),
      cuts_(suppliers * vendor_headquarters.size()),
      closed_rental_(customers_.size()),
      suppliers_(suppliers) {
  for (std::size_t c = 0; c < chips_.size(); ++c) revise(ChipId{c});
  for (std::size_t newer = 0; newer < instruments_.size(); ++newer) {
    for (const std::string& id : instruments_[newer].supersedes) {
      const auto older = std::ranges::find(instruments_, id, &InstrumentSpec::id);
      if (older != instruments_.end()) {
        superseded_by_[static_cast<std::size_t>(older - instruments_.begin())].push_back(newer);
      }
    }
  }
}

void Law::revise(ChipId chip) {
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const bool is_caught = instruments_[i].bounds().contains(chips_[chip.index()]);
    for (std::size_t k = 0; k < customers_.size(); ++k) {
      touches_[(i * chips_.size() + chip.index()) * customers_.size() + k] =
          static_cast<std::uint8_t>(is_caught && aims_at(InstrumentId{i}, chip, CustomerId{k}));
    }
  }
}

bool Law::aims_at(InstrumentId instrument, ChipId chip, CustomerId customer) const {
  const ChipSpec& spec = chips_[chip.index()];
  return meets_targets(instruments_[instrument.index()], chip, spec,
                       vendor_headquarters_[spec.vendor.index()], customers_[customer.index()]);
}

bool Law::is_in_force(InstrumentId instrument, SimTime now) const {
  const InstrumentSpec& rule = instruments_[instrument.index()];
  return rule.enabled && is_regime_on(instrument) && rule.effective <= now &&
         (!rule.until || now < *rule.until);
}

bool Law::is_known(InstrumentId instrument, SimTime now) const {
  const InstrumentSpec& rule = instruments_[instrument.index()];
  return rule.enabled && is_regime_on(instrument) &&
         rule.announced.value_or(rule.effective) <= now && (!rule.until || now < *rule.until);
}

bool Law::touches(InstrumentId instrument, ChipId chip, CustomerId customer) const {
  return touches_[(instrument.index() * chips_.size() + chip.index()) * customers_.size() +
                  customer.index()] != 0;
}

double Law::availability(ChipId chip, CustomerId customer) const {
  const Conditions& now = conditions(chip, customer);
  if (now.is_barred) return 0;
  const double grant = now.needs_licence ? grant_probability[static_cast<int>(now.review)] : 1.0;
  return grant * (1 - now.stop_probability);
}

// Conditions of different rules combine as in resolve: a bar beats all, the strictest review
// counts, stops multiply.
double Law::availability_under(InstrumentId instrument, ChipId chip, CustomerId customer) const {
  const double now = availability(chip, customer);
  if (!touches(instrument, chip, customer) || is_superseded(instrument.index(), chip, customer)) {
    return now;
  }
  const InstrumentSpec& rule = instruments_[instrument.index()];
  switch (rule.kind) {
    case InstrumentKind::kBan:
    case InstrumentKind::kProcurementBan:
      return 0;
    case InstrumentKind::kApprovedCustomers: {
      const BuyerId buyer = customers_[customer.index()].buyer;
      return std::ranges::find(rule.buyers, buyer) != rule.buyers.end() ? now : 0;
    }
    case InstrumentKind::kLicence:
      return std::min(now, grant_probability[static_cast<int>(rule.review)] *
                               (1 - conditions(chip, customer).stop_probability));
    case InstrumentKind::kCustoms:
      return now * (1 - rule.probability);
    default:
      return now;
  }
}

bool Law::is_pending(InstrumentId instrument, SimTime now) const {
  const InstrumentSpec& rule = instruments_[instrument.index()];
  return rule.enabled && is_regime_on(instrument) && rule.announced && *rule.announced <= now &&
         now < rule.effective;
}

bool Law::is_superseded(std::size_t rule, ChipId chip, CustomerId customer) const {
  return std::ranges::any_of(superseded_by_[rule], [&](std::size_t newer) {
    return in_force_[newer] != 0 && touches(InstrumentId{newer}, chip, customer);
  });
}

bool Law::compile(SimTime now) {
  // Several rules may turn at one instant: all of them are compared with the law before it.
  const bool is_first = !compiled_at_;
  if (!is_first && *compiled_at_ != now) note_availability();
  compiled_at_ = now;
  const double old_enforcement = enforcement_;
  const std::vector<std::uint8_t> old_cuts = cuts_;
  bool is_changed = false;
  enforcement_ = 1;
  std::ranges::fill(cuts_, std::uint8_t{0});
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const InstrumentSpec& rule = instruments_[i];
    in_force_[i] = static_cast<std::uint8_t>(is_in_force(InstrumentId{i}, now));
    if (in_force_[i] == 0) continue;
    if (rule.kind == InstrumentKind::kEnforcement) enforcement_ *= rule.strength;
    if (rule.kind != InstrumentKind::kComponentCut) continue;
    for (std::size_t s = 0; s < suppliers_; ++s) {
      for (std::size_t v = 0; v < vendor_headquarters_.size(); ++v) {
        if (is_target(rule.suppliers, SupplierId{s}) && is_target(rule.vendors, VendorId{v}) &&
            is_target(rule.vendor_headquarters, vendor_headquarters_[v])) {
          cuts_[s * vendor_headquarters_.size() + v] = 1;
        }
      }
    }
  }
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    for (std::size_t k = 0; k < customers_.size(); ++k) {
      Conditions& place = table_[c * customers_.size() + k];
      const Conditions old = place;
      resolve(ChipId{c}, CustomerId{k}, place);
      is_changed = is_changed || !(place == old);
    }
  }
  close_rental();
  if (is_first) note_availability();
  return is_changed || enforcement_ != old_enforcement || cuts_ != old_cuts;
}

void Law::note_availability() {
  for (std::size_t c = 0; c < chips_.size(); ++c) {
    for (std::size_t k = 0; k < customers_.size(); ++k) {
      earlier_[c * customers_.size() + k] = availability(ChipId{c}, CustomerId{k});
    }
  }
}

void Law::resolve(ChipId chip, CustomerId customer, Conditions& result) const {
  result = {};
  double pass_probability = 1;
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    if (in_force_[i] == 0 || !touches(InstrumentId{i}, chip, customer)) continue;
    const InstrumentSpec& rule = instruments_[i];
    switch (rule.kind) {
      case InstrumentKind::kBan:
      case InstrumentKind::kProcurementBan:
        if (is_superseded(i, chip, customer)) break;
        result.is_barred = true;
        result.decided_by = InstrumentId{i};
        break;
      case InstrumentKind::kApprovedCustomers: {
        const BuyerId buyer = customers_[customer.index()].buyer;
        if (std::ranges::find(rule.buyers, buyer) != rule.buyers.end()) break;
        result.is_barred = true;
        result.decided_by = InstrumentId{i};
        break;
      }
      case InstrumentKind::kLicence:
        if (is_superseded(i, chip, customer)) break;
        if (!result.needs_licence || rule.review > result.review) {
          result.review = rule.review;
          if (!result.is_barred) result.decided_by = InstrumentId{i};
        }
        result.needs_licence = true;
        break;
      case InstrumentKind::kLevy:
        if (rule.base == LevyBase::kProceeds) {
          result.levy_rate += rule.rate;
        } else {
          result.duty_rate += rule.rate * rule.value_ratio;
        }
        break;
      case InstrumentKind::kVolumeCap:
      case InstrumentKind::kImportQuota:
        result.caps |= std::uint64_t{1} << std::min<std::size_t>(i, 63);
        break;
      case InstrumentKind::kTesting:
        result.testing_days += rule.delay_days;
        break;
      case InstrumentKind::kGuidance:
        result.guidance += rule.strength;
        break;
      case InstrumentKind::kCustoms:
        pass_probability *= 1 - rule.probability;
        break;
      case InstrumentKind::kComponentCut:
      case InstrumentKind::kEnforcement:
      case InstrumentKind::kRemoteAccess:
        break;  // not about a chip and a customer: see compile and is_rental_closed
    }
  }
  result.stop_probability = 1 - pass_probability;
}

void Law::close_rental() {
  for (std::size_t k = 0; k < customers_.size(); ++k) {
    closed_rental_[k] = 0;
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      if (in_force_[i] != 0 && instruments_[i].kind == InstrumentKind::kRemoteAccess &&
          is_target(instruments_[i].headquarters, customers_[k].headquarters)) {
        closed_rental_[k] = 1;
      }
    }
  }
}

}  // namespace tollgate
