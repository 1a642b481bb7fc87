/// A replica run with its trace, kept as rows, and worlds in which much happens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agents/trace.hpp"
#include "agents/world.hpp"
#include "tests/agents/small_world.hpp"
#include "tests/engine/policy/sample_effects.hpp"

namespace tollgate::tests {

class KeptTrace : public TraceSink {
 public:
  void take(std::span<const TraceRow> rows) override {
    rows_.insert(rows_.end(), rows.begin(), rows.end());
  }
  [[nodiscard]] const std::vector<TraceRow>& rows() const { return rows_; }

 private:
  std::vector<TraceRow> rows_;
};

inline Record run_traced(const WorldSpec& spec, const WorldLayout& layout, TraceSink& sink,
                         std::uint32_t replica = 0) {
  Trace trace(spec, sink);
  World world(spec, layout, StreamFactory{1, replica});
  world.trace_to(&trace);
  world.run();
  return world.record();
}

inline bool is(const TraceRow& row, EventKind kind) {
  return row.is_event && row.what == static_cast<std::uint8_t>(kind);
}
inline bool is(const TraceRow& row, Decision decision) {
  return !row.is_event && row.what == static_cast<std::uint8_t>(decision);
}
inline bool is(const TraceRow& row, Reason reason) {
  return row.reason == static_cast<std::uint8_t>(reason);
}
inline std::uint32_t label(const TraceRow& row, Label column) {
  return row.labels[static_cast<std::size_t>(column)];
}
inline double number(const TraceRow& row, Number column) {
  return row.numbers[static_cast<std::size_t>(column)];
}

/// Licences, levies of both kinds, a tariff, a subsidy, customs that seize, a quota, guidance, a
/// fine, a grey market beside them: all at once, from the middle of the first year.
inline WorldSpec busy_world() {
  WorldSpec spec = small_world();
  const auto rule = [&](const char* id, Effect effect) -> InstrumentSpec& {
    InstrumentSpec made = instrument(std::move(effect));
    made.id = id;
    made.announced = date("2026-03-01");
    made.effective = date("2026-04-15");
    spec.policies.push_back(std::move(made));
    return spec.policies.back();
  };
  Licence licence;
  licence.review = ReviewPolicy::kCaseByCase;
  rule("a_licence", licence);
  Levy levy;
  levy.rate = 0.15;
  levy.remittance_days = 20;
  rule("b_levy", levy);
  levy.rate = 0.1;
  levy.base = LevyBase::kCustomsValue;
  rule("c_duty", levy);
  Tariff tariff;
  tariff.rate = 0.05;
  rule("d_tariff", tariff);
  PurchaseSubsidy subsidy;
  subsidy.rate = 0.1;
  rule("e_subsidy", subsidy).vendors = {kDomesticVendor};
  Customs customs;
  customs.probability = 0.3;
  customs.seized_share = 0.5;
  rule("f_customs", customs);
  VolumeCap cap;
  cap.units = 500;
  cap.window_days = 30;
  rule("g_cap", cap);
  Testing testing;
  testing.delay_days = 4;
  rule("h_testing", testing);
  Antitrust antitrust;
  antitrust.region = kChina;
  antitrust.fine_share = 0.1;
  antitrust.decisions_per_year = 4;
  rule("i_antitrust", antitrust).destinations.clear();
  Ban ban;
  InstrumentSpec& end = rule("j_ban", ban);
  end.announced = date("2027-05-01");
  end.effective = date("2027-06-01");
  end.until = date("2027-09-01");
  spec.licence_office.grant_case_by_case = 0.6;
  spec.vendors[kForeignVendor.index()].licence_stock_share = 0.5;
  spec.vendors[kForeignVendor.index()].write_down_days = 20;
  spec.vendors[kForeignVendor.index()].stranded_discount = 0.4;
  spec.chips[kForeignChip.index()].markets = {kChina, kHub};  // the ban strands it
  return spec;
}

}  // namespace tollgate::tests
