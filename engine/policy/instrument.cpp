#include "engine/policy/instrument.hpp"

#include <algorithm>

namespace tollgate {

bool InstrumentSpec::is_on_sales() const {
  return std::visit([]<class Kind>(const Kind& /*kind*/) { return Kind::kScope == Scope::kSales; },
                    effect);
}

std::optional<ReviewPolicy> InstrumentSpec::required_review() const {
  return std::visit(
      [](const auto& kind) -> std::optional<ReviewPolicy> {
        if constexpr (requires { kind.required_review(); }) return kind.required_review();
        return std::nullopt;
      },
      effect);
}

bool InstrumentSpec::closes() const {
  return is_a<Ban>() || required_review() == ReviewPolicy::kPresumptionOfDenial;
}

InstrumentId find_rule(std::span<const InstrumentSpec> rules, std::string_view id) {
  const auto found = std::ranges::find(rules, id, &InstrumentSpec::id);
  return found == rules.end() ? InstrumentId{}
                              : InstrumentId{static_cast<std::size_t>(found - rules.begin())};
}

}  // namespace tollgate
