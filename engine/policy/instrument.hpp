/// A policy instrument: one rule of one government, as a typed block of the scenario.
///
/// Every instrument has dates, targets and bounds on chips; what it does depends on its kind
/// (engine/policy/instruments). A sale is touched when the rule is in force, every target list that
/// is given contains its seller, chip or customer, and every bound on the chip holds.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kernel/sim_time.hpp"
#include "engine/policy/instruments.hpp"
#include "engine/policy/regime.hpp"
#include "engine/policy/targets.hpp"

namespace tollgate {

/// What a rule leaves alone that was begun before it.
enum class Grandfathering : unsigned char {
  kShipped,  ///< goods on their way
  kOrdered,  ///< these, and orders placed before it is in force
  kNothing   ///< not even goods on their way: they are turned back at the border
};
inline constexpr std::array<std::string_view, 3> kGrandfatheringNames = {"shipped", "ordered",
                                                                         "nothing"};

struct InstrumentSpec : Targets {
  std::string id;
  bool enabled = true;

  std::optional<SimTime> announced;  ///< none: without notice
  SimTime effective;
  std::optional<SimTime> until;      ///< first instant at which it no longer holds
  std::optional<SimTime> withdrawn;  ///< taken back: neither pending nor in force from here on
  /// In force only while every government named here is in one of its regimes of this list; an
  /// empty list means always.
  std::vector<RegimeId> regimes;
  bool is_published = true;  ///< false: a letter, known only to the vendors that it touches
  Grandfathering grandfathers = Grandfathering::kShipped;
  std::vector<std::string> supersedes;  ///< ids of rules it takes the place of

  Effect effect;
  std::string source;

  template <class Kind>
  [[nodiscard]] bool is_a() const {
    return std::holds_alternative<Kind>(effect);
  }
  /// Precondition: it is one.
  template <class Kind>
  [[nodiscard]] const Kind& as() const {
    return std::get<Kind>(effect);
  }
  template <class Kind>
  [[nodiscard]] Kind& as() {
    return std::get<Kind>(effect);
  }

  [[nodiscard]] std::string_view kind_name() const { return kInstrumentKindNames[effect.index()]; }

  /// Whether it holds at `now` by its dates.
  [[nodiscard]] bool is_dated_at(SimTime now) const {
    return enabled && effective <= now && (!until || now < *until) && !is_withdrawn(now);
  }
  /// Whether it is announced at `now` and takes effect later.
  [[nodiscard]] bool is_announced_at(SimTime now) const {
    return enabled && announced && *announced <= now && now < effective && !is_withdrawn(now);
  }
  /// Whether it has been heard of by `now`, announced or in force, and is not over.
  [[nodiscard]] bool is_known_at(SimTime now) const {
    return is_announced_at(now) || is_dated_at(now);
  }
  [[nodiscard]] bool is_withdrawn(SimTime now) const { return withdrawn && *withdrawn <= now; }

  /// Whether it is about a chip and a customer.
  [[nodiscard]] bool is_on_sales() const;
  /// How the licence that it asks for is judged; none if it asks for none.
  [[nodiscard]] std::optional<ReviewPolicy> required_review() const;
  /// Whether it leaves buyers no hope of the chips that it catches.
  [[nodiscard]] bool closes() const;
};

/// The rule of that id; none if there is none.
InstrumentId find_rule(std::span<const InstrumentSpec> rules, std::string_view id);

}  // namespace tollgate
