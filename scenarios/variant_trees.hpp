/// The variants of a sweep: every combination of levels of its structural factors, as a tree.
#pragma once

#include <string>
#include <vector>

#include "scenarios/sweep_levels.hpp"
#include "scenarios/sweep_trees.hpp"

namespace tollgate {

/// A number factor at a value.
struct FactorAt {
  std::size_t factor = 0;
  FactorValue value;
};

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

  /// With one value of each number factor, as a run has them: of those in `at` the given ones, of
  /// the others where they are while these are looked at. Their levels must be known.
  [[nodiscard]] ResolvedTree with_numbers(const ResolvedTree& plain,
                                          const std::vector<FactorAt>& at) const;

 private:
  const SweepFile& file_;
  const SweepTrees& trees_;
  const Sweep& sweep_;
  std::size_t size_ = 1;
};

}  // namespace tollgate
