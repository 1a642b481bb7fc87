/// Every code of the trace has words, and happens.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/agents/traced.hpp"

using namespace tollgate;
using namespace tollgate::tests;

namespace {

struct Codes {
  std::set<std::uint8_t> happenings, reasons;
  void gather(const WorldSpec& spec) {
    const WorldLayout layout(spec);
    KeptTrace kept;
    run_traced(spec, layout, kept);
    for (const TraceRow& row : kept.rows()) {
      happenings.insert(row.what);
      reasons.insert(row.reason);
    }
  }
};

using Make = std::function<void(WorldSpec&)>;

WorldSpec small_world_with(const Make& change) {
  WorldSpec spec = small_world();
  change(spec);
  return spec;
}

ChipSpec& foreign_chip(WorldSpec& spec) { return spec.chips[kForeignChip.index()]; }
VendorSpec& foreign_vendor(WorldSpec& spec) { return spec.vendors[kForeignVendor.index()]; }

InstrumentSpec from_april(Effect effect) {
  InstrumentSpec rule = instrument(std::move(effect));
  rule.announced = date("2026-03-01");
  rule.effective = date("2026-04-10");
  return rule;
}

InstrumentSpec case_by_case() {
  InstrumentSpec rule = instrument(Licence{});
  rule.as<Licence>().review = ReviewPolicy::kCaseByCase;
  return rule;
}

/// Suppliers of one kind are short.
WorldSpec short_of(SupplierKind kind) {
  return small_world_with([&](WorldSpec& spec) {
    SupplierSpec supplier = spec.suppliers[0];
    supplier.id = "short";
    supplier.kind = kind;
    supplier.capacity_per_month = 100;
    spec.suppliers.push_back(supplier);
    for (ChipSpec& chip : spec.chips) {
      const std::vector<SupplierId> only{SupplierId{std::size_t{1}}};
      if (kind == SupplierKind::kFoundry) chip.foundries = only;
      if (kind == SupplierKind::kPackaging) chip.packaging = only, chip.packaging_units = 1;
      if (kind == SupplierKind::kMemory) chip.memory = only, chip.memory_stacks = 4;
    }
  });
}

/// The small world with one thing changed, for what does not happen in the busy one.
std::vector<WorldSpec> worlds() {
  std::vector<WorldSpec> all{busy_world()};
  const auto add = [&](const Make& change) { all.push_back(small_world_with(change)); };
  for (const Effect& effect : sample_effects()) {
    add([&](WorldSpec& spec) { spec.policies = {from_april(effect)}; });
  }
  add([](WorldSpec& spec) {  // choices so sharp that the prices of the game jump
    spec.demand.price_sensitivity = 400;
    spec.demand.nest_similarity = 0.99;
    spec.demand.price_curvature = 1;
    for (VendorSpec& vendor : spec.vendors) vendor.pricing = PricingBehaviour::kNash;
  });
  for (const auto kind :
       {SupplierKind::kFoundry, SupplierKind::kPackaging, SupplierKind::kMemory}) {
    all.push_back(short_of(kind));
  }
  add([](WorldSpec& spec) { foreign_vendor(spec).pricing = PricingBehaviour::kListPrice; });
  add([](WorldSpec& spec) {  // a levy that leaves nothing to earn
    InstrumentSpec levy = from_april(Levy{});
    levy.as<Levy>().rate = 0.95;
    foreign_vendor(spec).price_ceiling = 0.25;
    spec.policies = {levy};
  });
  add([](WorldSpec& spec) {  // small licences, soon over, and then none is needed
    InstrumentSpec licence = case_by_case();
    licence.as<Licence>().max_units = 600;
    licence.as<Licence>().validity_days = 5;
    licence.until = date("2027-06-01");
    foreign_chip(spec).initial_stock = 1000;
    spec.suppliers[0].capacity_per_month = 100;
    spec.licence_office.staffing = {{date("2026-06-01"), 0.5}};
    spec.licence_office.referral_probability = 0.5;
    spec.licence_office.signature_days = 2;
    spec.policies = {licence};
  });
  add([](WorldSpec& spec) {  // nothing is made, and patience is short
    spec.suppliers[0].capacity_per_month = 0;
    spec.demand.patience_days = 60;
    spec.demand.stack_learning = 0.2;
  });
  add([](WorldSpec& spec) {  // hopeless
    InstrumentSpec licence = case_by_case();
    licence.as<Licence>().review = ReviewPolicy::kPresumptionOfDenial;
    spec.licence_office.grant_presumption_of_denial = 0;
    spec.policies = {licence};
  });
  add([](WorldSpec& spec) {  // stranded: the rest goes abroad, until it is sold
    foreign_chip(spec).markets = {kChina};
    foreign_chip(spec).initial_stock = 3000;
    foreign_vendor(spec).stranded_discount = 0.5;
    spec.policies = {from_april(Ban{})};
    spec.policies[0].until = date("2027-06-01");
  });
  add([](WorldSpec& spec) {  // a grey market with room for little on the way, and much to sell
    spec.policies = {instrument(Ban{})};
    spec.traders[0].capacity_per_month = 50000;
    spec.routes[0].capacity_per_month = 200;
    InstrumentSpec hub = from_april(Ban{});
    hub.id = "hub";
    hub.destinations = {kHub};
    spec.policies.push_back(hub);
  });
  add([](WorldSpec& spec) {  // the end of a chip's sale, and its successor
    foreign_chip(spec).withdrawn = date("2027-04-01");
    ChipSpec next = foreign_chip(spec);
    next.id = "next";
    next.launch = date("2027-03-01");
    next.withdrawn.reset();
    next.successor_of = kForeignChip;
    spec.chips.push_back(next);
    spec.buyers[0].need_h100e = {3, 3};
    spec.buyers[1].budget_usd_per_quarter = 0;
    spec.buyers[0].installed.clear();
    foreign_vendor(spec).pricing = PricingBehaviour::kNash;
  });
  add([](WorldSpec& spec) {  // wafers are worth more in another chip
    ChipSpec other = foreign_chip(spec);
    other.id = "u900";
    other.markets = {kUs};
    other.price_usd = 20000;
    other.initial_stock = other.initial_pipeline = 0;
    foreign_chip(spec).initial_stock = 1e6;
    spec.chips.push_back(other);
    spec.suppliers[0].capacity_per_month = 50;
    foreign_vendor(spec).wafer_opportunity_weight = 1;
  });
  add([](WorldSpec& spec) {  // a redesign
    spec.scripted_redesigns = false;
    ChipSpec slot = spec.chips[kForeignChip.index()];
    slot.id = "slot";
    slot.launch = date("2026-02-01");
    slot.markets = {kChina};
    slot.redesign_of = kForeignChip;
    spec.chips.push_back(slot);
    spec.policies = {from_april(Ban{})};
    spec.policies[0].tpp.low = 4800;
  });
  add([](WorldSpec& spec) {  // a government that swings, and rules that follow or are taken back
    PoliticsSpec washington;
    washington.id = "washington";
    washington.initial = RegimeId{std::size_t{0}};
    spec.politics = {washington};
    spec.regimes = {{"controls", PoliticsId{std::size_t{0}}}, {"deal", PoliticsId{std::size_t{0}}}};
    for (std::size_t from : {0, 1}) {
      TransitionSpec move;
      move.id = from == 0 ? "sign" : "break";
      move.from = RegimeId{from};
      move.to = RegimeId{1 - from};
      move.rate_per_year = 2;
      spec.transitions.push_back(move);
    }
    InstrumentSpec levy = from_april(Levy{});
    levy.as<Levy>().rate = 0.25;
    levy.effective = date("2026-01-02");
    levy.announced.reset();
    levy.regimes = {RegimeId{std::size_t{1}}};
    InstrumentSpec ban = from_april(Ban{});
    ban.withdrawn = date("2026-04-01");
    spec.policies = {ban, levy};
  });
  add([](WorldSpec& spec) {  // Beijing answers every second ban, and grows stricter
    for (const char* day : {"2026-03-01", "2026-05-01", "2026-07-01", "2026-09-01"}) {
      InstrumentSpec ban = instrument(Ban{});
      ban.id = std::string("ban_") + day;
      ban.effective = date(day);
      ban.until = date(day) + days(30);
      spec.policies.push_back(ban);
    }
    InstrumentSpec answer = instrument(Customs{});
    answer.id = "customs_answer";
    answer.as<Customs>().probability = 0.9;
    InstrumentSpec retaliation = instrument(Retaliation{});
    for (const InstrumentSpec& ban : spec.policies) {
      retaliation.as<Retaliation>().watched.push_back(ban.id);
    }
    retaliation.as<Retaliation>().answer = {"customs_answer"};
    retaliation.as<Retaliation>().lag_days = 10;
    retaliation.as<Retaliation>().lasting_days = 60;
    retaliation.as<Retaliation>().probability = 0.5;
    InstrumentSpec guidance = instrument(Guidance{});
    guidance.id = "guidance";
    guidance.as<Guidance>().strength = 1;
    guidance.as<Guidance>().is_responsive = true;
    spec.policies.insert(spec.policies.end(), {answer, guidance, retaliation});
    spec.response.lag_days = 40;
    spec.response.memory_days = 300;
    spec.response.opening_weight = 2;
    spec.response.tightening_weight = 1;
    spec.response.step = 0.2;
  });
  return all;
}

/// A ban at the very minute at which an application is decided: news and decision cross.
WorldSpec crossing_world() {
  const auto make = [](std::optional<SimTime> ban_at) {
    return small_world_with([&](WorldSpec& spec) {
      spec.policies = {case_by_case()};
      spec.licence_office.grant_case_by_case = 1;
      if (!ban_at) return;
      InstrumentSpec ban = instrument(Ban{});
      ban.effective = *ban_at;
      spec.policies.insert(spec.policies.begin(), ban);
    });
  };
  WorldSpec spec = make(std::nullopt);
  const WorldLayout layout(spec);
  KeptTrace kept;
  run_traced(spec, layout, kept);
  for (const TraceRow& row : kept.rows()) {
    if (is(row, EventKind::kReviewDone) && is(row, Reason::kGranted)) return make(row.time);
  }
  FAIL("no licence was granted");
  return spec;
}

}  // namespace

TEST_CASE("every event, decision and reason of the trace happens in some world") {
  Codes codes;
  for (const WorldSpec& spec : worlds()) codes.gather(spec);
  codes.gather(crossing_world());
  const TraceLayout words = trace_layout(small_world());
  for (std::size_t i = 0; i < words.happenings.size(); ++i) {
    if (words.happenings[i].name.empty()) continue;
    CAPTURE(words.happenings[i].name);
    CHECK(codes.happenings.count(static_cast<std::uint8_t>(i)) == 1);
  }
  for (std::size_t i = 0; i < words.reasons.size(); ++i) {
    CAPTURE(words.reasons[i].name);
    CHECK(codes.reasons.count(static_cast<std::uint8_t>(i)) == 1);
  }
}

TEST_CASE("docs/trace.md has every event, decision, reason and column, with its sentence") {
  std::ifstream file(TOLLGATE_SOURCE_DIR "/docs/trace.md");
  std::stringstream stream;
  stream << file.rdbuf();
  const std::string text = stream.str();
  const auto expect = [&](const std::string& row) {
    CAPTURE(row);
    CHECK(text.find(row) != std::string::npos);
  };
  const TraceLayout words = trace_layout(small_world());
  for (const auto* list : {&words.happenings, &words.reasons}) {
    for (const TraceWord& word : *list) {
      if (!word.name.empty()) expect("| `" + word.name + "` | " + word.sentence + " |");
    }
  }
  for (const TraceColumn& column : words.numbers) {
    expect("| `" + column.name + "` | " + column.unit + " | " + column.sentence + " |");
  }
  for (const Axis& label : words.labels) expect("| `" + label.name + "` |");
}
