/// The variants of a sweep: every combination of levels of its structural factors, as a tree.
#pragma once

#include <optional>
#include <string>

#include "scenarios/sweep_levels.hpp"
#include "scenarios/sweep_trees.hpp"

namespace tollgate {

class VariantTrees {
 public:
  /// Of a sweep whose structural factors have their labels. All of them must outlive this. Throws
  /// ScenarioError when there are too many combinations.
  VariantTrees(const SweepFile& file, const SweepTrees& trees, const Sweep& sweep);

  [[nodiscard]] std::size_t size() const { return size_; }

  /// The level of a structural factor in a variant; the last factor is the fastest.
  [[nodiscard]] std::size_t level_of(std::size_t variant, std::size_t factor) const;

  /// "policy = 'ban', noisy = 'false'".
  [[nodiscard]] std::string described(std::size_t variant) const;

  /// A variant with nothing laid at the keys of number factors.
  [[nodiscard]] ResolvedTree plain(std::size_t variant) const;

  /// With all values of number factors, as distributions.
  [[nodiscard]] ResolvedTree with_distributions(std::size_t variant) const;

  /// With one value of each number factor, as a run has them: of `at` the given one, of the others
  /// where they are while one is looked at. Their levels must be known.
  [[nodiscard]] ResolvedTree with_numbers(const ResolvedTree& plain, std::optional<std::size_t> at,
                                          const FactorValue& value) const;

 private:
  const SweepFile& file_;
  const SweepTrees& trees_;
  const Sweep& sweep_;
  std::size_t size_ = 1;
};

}  // namespace tollgate
