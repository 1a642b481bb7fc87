/// Antitrust cases: one for each rule and vendor that it names, open while the rule is in force.
///
/// A fine falls after an exponential time and closes the case; a rule that comes into force anew
/// opens it anew. Vendors know the odds, and price with the fine that a sale is expected to cost.
#pragma once

#include <span>
#include <vector>

#include "agents/context.hpp"

namespace tollgate {

class AntitrustCases {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId fines;
  };

  AntitrustCases(const Context& context, const Series& series);

  /// Opens and closes cases as rules come into force and go.
  void see_law(Context& context);

  /// kFineDecided: the fine falls.
  void decide(Context& context, std::size_t which);

  /// Fines that the governments have taken, by region.
  [[nodiscard]] std::span<const Cents> fined() const { return fined_; }

 private:
  struct Case {
    InstrumentId rule;
    VendorId vendor;
    Stream luck;
    bool was_in_force = false;
    bool is_open = false;
    EventHandle decision;
  };

  void open(Context& context, std::size_t which);
  void post_expectation(Context& context, VendorId vendor, RegionId region) const;

  Series series_;
  SeriesId revenue_;  ///< what vendors report
  std::vector<Case> cases_;
  std::vector<Cents> fined_;  ///< by region
};

}  // namespace tollgate
