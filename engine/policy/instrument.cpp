#include "engine/policy/instrument.hpp"

namespace tollgate {

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

}  // namespace tollgate
