/// What is wrong with the variants of a sweep: each error once, with the combinations that have it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/variant_trees.hpp"

namespace tollgate {

class VariantFindings {
 public:
  /// Both must outlive this.
  VariantFindings(const SweepFile& file, const VariantTrees& variants)
      : file_(file), variants_(variants) {}

  void add(Diagnostic diagnostic, std::size_t variant);

  /// Reads a tree of a variant; nothing after errors, which are added. Those that stand elsewhere
  /// than in the sweep's own files get the context in words, such as "at rate = 0.5", unless
  /// `plain`, the same tree without the factors' numbers, has them, too.
  std::optional<Scenario> read(const ResolvedTree& tree, std::size_t variant,
                               const std::string& context, const ResolvedTree* plain = nullptr);

  /// Moves all findings to `errors`; one of some variants only says of which: "(with policy = 'ban'
  /// and 3 other combinations)".
  void report_to(ErrorList& errors);

 private:
  struct Finding {
    Diagnostic diagnostic;
    std::vector<std::size_t> variants;
  };

  [[nodiscard]] bool is_of_sweep(const Place& place) const;

  const SweepFile& file_;
  const VariantTrees& variants_;
  std::vector<Finding> findings_;
};

}  // namespace tollgate
