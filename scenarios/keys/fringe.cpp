#include "agents/buyer/fringe.hpp"

#include <string>

#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// What a fringe has as a buyer has it, as a member of the fringe.
template <class T>
constexpr T FringeSpec::*of_fringe(T BuyerSpec::*member) {
  return member;
}

/// A parameter of a size distribution belongs to that one only.
void check_parameter(Reader& reader, const FringeSpec& fringe, const Node& node,
                     const std::string& path, const char* key, SizeDistribution user) {
  if (fringe.size_distribution == user || !node.table()->contains(key)) return;
  reader.complain(node, key,
                  "key '" + path + "." + key + "' does nothing with this 'size_distribution'; it " +
                      "belongs to '" +
                      std::string{kSizeDistributionNames[static_cast<std::size_t>(user)]} + "'");
}

}  // namespace

TableSpec fringe_keys() {
  using F = FringeSpec;
  TableBuilder<F> t("fringe",
                    "Synthetic buyers: many firms of one kind, of which only totals and a size "
                    "distribution are known. Members are buyers with the ids <id>_001, <id>_002, "
                    "..., from the smallest to the largest; a list of buyers may name them all by "
                    "the id of the fringe.");
  t.text("name", of_fringe(&F::name), "Full name.");
  t.integer("count", &F::count, {0, kMostMembers}, "Number of members; 0 leaves the fringe out.")
      .required()
      .certain();
  t.choice("size_distribution", &F::size_distribution, kSizeDistributionNames,
           "Distribution of sizes; a member's share of the totals is that of its quantile.");
  t.number("size_sigma", &F::size_sigma, "1", {0, 5},
           "lognormal: standard deviation of the logarithm of size; 0 makes all alike.");
  t.number("size_shape", &F::size_shape, "1", {0.1, 100},
           "pareto: index of the tail; smaller is more unequal.");
  t.reference("headquarters", of_fringe(&F::headquarters), EntityKind::kRegion, "Home region.")
      .required();
  t.reference("site", of_fringe(&F::site), EntityKind::kRegion, "Region of the data centres.")
      .required();
  t.choice("customer_class", of_fringe(&F::customer_class), kCustomerClassNames,
           "Class that rules may single out.")
      .required();
  t.per_workload("need_h100e", of_fringe(&F::need_h100e), "H100e", kNotNegative,
                 "Effective compute wanted at the start by all members together.")
      .required();
  t.number("need_growth_multiplier", of_fringe(&F::need_growth_multiplier), "1", {0, 5},
           "Multiplies the log of [demand.growth].");
  t.number("budget_usd_per_quarter", of_fringe(&F::budget_usd_per_quarter), "USD per quarter",
           {0, 1e12}, "Budget for accelerators at the start of all members together.")
      .required();
  t.number("budget_growth", of_fringe(&F::budget_growth), "factor per year", kFactorPerYear,
           "Growth of the budget.");
  t.units_by_chip("installed", of_fringe(&F::installed),
                  "Chips installed at the start by all members together, by chip.");
  t.number("grey_aversion", of_fringe(&F::grey_aversion), "utils", kUtils,
           "Loss of utility by buying in the grey market.");
  t.check([](Reader& reader, const F& fringe, const Node& node, const std::string& path) {
    check_parameter(reader, fringe, node, path, "size_sigma", SizeDistribution::kLognormal);
    check_parameter(reader, fringe, node, path, "size_shape", SizeDistribution::kPareto);
  });
  return std::move(t).build();
}

}  // namespace tollgate
