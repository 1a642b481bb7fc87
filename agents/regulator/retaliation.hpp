/// Answers held ready: switched on some time after a rule that is watched has come into force.
///
/// A rule of an answer is in force only while it is switched on, besides its own dates, whether or
/// not its retaliation is enabled. Until then nobody knows of it.
#pragma once

#include <vector>

#include "agents/context.hpp"

namespace tollgate {

class Retaliations {
 public:
  explicit Retaliations(const Context& context);

  /// Switches the rules of all answers off, before the law is compiled first. What is in force at
  /// the start has been answered before it.
  void start(Context& context);

  /// Rules may have come into force: do they call for an answer?
  void see_law(Context& context);

  /// kAnswerGiven. Returns whether a rule has become known by it; the law is to be compiled.
  bool give(Context& context, InstrumentId retaliation);

  /// kAnswerEnded: unless another answer has prolonged it. The law is to be compiled.
  void end(Context& context, InstrumentId retaliation) const;

 private:
  struct Watch {
    InstrumentId retaliation, rule;
    bool was_in_force = false;
    Stream luck;
  };

  std::vector<Watch> watches_;
  std::vector<std::vector<InstrumentId>> answers_;  ///< by instrument; empty if no retaliation
  std::vector<SimTime> on_until_;                   ///< by instrument, of rules of answers
};

}  // namespace tollgate
