/// The government of the focus region as one that reacts: its strictness, month by month.
///
/// It sees what the rules of foreign governments, as known, let the region's buyers have, and how
/// much of demand its own vendors cover; strictness follows with a lag (engine/policy/strictness).
/// Guidance and customs marked `responsive` are multiplied by it. Without such a rule, or without
/// weights, it schedules nothing.
#pragma once

#include <optional>
#include <vector>

#include "agents/context.hpp"
#include "engine/policy/strictness.hpp"

namespace tollgate {

class Response {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId strictness;
  };

  Response(const Context& context, const Series& series);

  /// After the law has been compiled first.
  void start(Context& context);

  /// Rules have been announced, or have come or gone: is that a move of a foreign government?
  void see_law(const Context& context);

  /// kStrictnessReviewed. Returns whether the law is told another strictness and is to be compiled.
  bool review(Context& context);

  void close_quarter(Context& context) const;

 private:
  void look_at_law(const Context& context);
  [[nodiscard]] std::optional<double> coverage(const Context& context) const;

  Series series_;
  bool reacts_;
  Strictness strictness_;
  std::optional<double> initial_coverage_;  ///< none before buyers have looked for anything
  std::vector<BuyerId> buyers_;             ///< at sites of the focus region
  std::vector<CustomerGroupId> groups_;     ///< of them
  std::vector<double> known_;               ///< [group][chip], availability when last looked at
  std::vector<double> before_, after_;      ///< workspaces, by group
};

}  // namespace tollgate
