#include "scenarios/variant_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

bool is_same(const Diagnostic& a, const Diagnostic& b) {
  return a.message == b.message && a.place.file == b.place.file && a.place.line == b.place.line &&
         a.place.column == b.place.column;
}

std::vector<Diagnostic> errors_in(const ResolvedTree& tree) {
  try {
    (void)Reader{}.read(tree);
    return {};
  } catch (const ScenarioError& error) {
    return error.diagnostics();
  }
}

}  // namespace

void VariantFindings::add(Diagnostic diagnostic, std::size_t variant) {
  // Lists of values are shown to the reader of scenarios as distributions.
  for (const FactorText& factor : file_.factors) {
    const std::string shown = fmt::format("key '{}.values'", factor.key);
    const auto found = diagnostic.message.find(shown);
    if (found == std::string::npos || factor.form == FactorForm::kDistribution) continue;
    diagnostic.message.replace(found, shown.size(), fmt::format("key '{}'", factor.key));
  }
  const auto known = std::ranges::find_if(
      findings_, [&](const Finding& finding) { return is_same(finding.diagnostic, diagnostic); });
  if (known == findings_.end()) {
    findings_.push_back({std::move(diagnostic), {variant}});
  } else if (known->variants.back() != variant) {
    known->variants.push_back(variant);
  }
}

bool VariantFindings::is_of_sweep(const Place& place) const {
  return place.file == file_.root.place.file || (file_.points && place.file == file_.points->shown);
}

std::optional<Scenario> VariantFindings::read(const ResolvedTree& tree, std::size_t variant,
                                              const std::string& context,
                                              const ResolvedTree* plain) {
  try {
    return Reader{}.read(tree);
  } catch (const ScenarioError& error) {
    const std::vector<Diagnostic> of_plain =
        plain != nullptr ? errors_in(*plain) : std::vector<Diagnostic>{};
    for (Diagnostic diagnostic : error.diagnostics()) {
      const auto is_this = [&](const Diagnostic& d) { return is_same(d, diagnostic); };
      if (!is_of_sweep(diagnostic.place) && !std::ranges::any_of(of_plain, is_this)) {
        diagnostic.message += fmt::format(" ({})", context);
      }
      add(std::move(diagnostic), variant);
    }
    return std::nullopt;
  }
}

void VariantFindings::report_to(ErrorList& errors) {
  for (auto& [diagnostic, variants] : findings_) {
    if (variants.size() < variants_.size()) {
      diagnostic.message += fmt::format(" (with {}", variants_.described(variants[0]));
      if (variants.size() > 1) {
        diagnostic.message += fmt::format(" and {} other combinations", variants.size() - 1);
      }
      diagnostic.message += ")";
    }
    errors.add(diagnostic.place, std::move(diagnostic.message));
  }
  findings_.clear();
}

}  // namespace tollgate
