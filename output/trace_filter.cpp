// Which rows of a trace are kept.

#include <algorithm>
#include <string_view>

#include "output/trace.hpp"

namespace tollgate {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<bool> marks(const std::vector<std::string>& labels,
                        const std::vector<std::string>& wanted) {
  std::vector<bool> result;
  for (const std::string& label : labels) result.push_back(contains(wanted, label));
  return result;
}

std::vector<bool> marks(const std::vector<TraceWord>& words,
                        const std::vector<std::string>& wanted) {
  std::vector<bool> result;
  for (const TraceWord& word : words) {
    result.push_back(!word.name.empty() && contains(wanted, word.name));
  }
  return result;
}

std::size_t column(const TraceLayout& layout, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(layout.labels, name, &Axis::name) -
                                  layout.labels.begin());
}

bool is_marked(const std::vector<bool>& marks, std::uint32_t index) {
  return index < marks.size() && marks[index];
}

void look_up(const std::string& option, const std::vector<std::string>& names,
             std::vector<std::string> known, std::vector<UnknownTraceName>& unknown) {
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (const std::string& name : names) {
    if (!contains(known, name)) unknown.push_back({option, name, known});
  }
}

}  // namespace

std::vector<UnknownTraceName> unknown_names(const TraceFilter& filter, const TraceLayout& layout) {
  std::vector<std::string> agents;
  for (const Axis& kind : layout.agents) {
    agents.insert(agents.end(), kind.labels.begin(), kind.labels.end());
  }
  std::vector<std::string> kinds;
  for (const auto* words : {&layout.happenings, &layout.reasons}) {
    for (const TraceWord& word : *words) {
      if (!word.name.empty()) kinds.push_back(word.name);
    }
  }
  std::vector<UnknownTraceName> unknown;
  look_up("agent", filter.agents, std::move(agents), unknown);
  look_up("chip", filter.chips, layout.labels[column(layout, "chip")].labels, unknown);
  look_up("kind", filter.kinds, std::move(kinds), unknown);
  return unknown;
}

TraceSieve::TraceSieve(const TraceFilter& filter, const TraceLayout& layout)
    : from_(filter.from),
      until_(filter.until),
      has_agents_(!filter.agents.empty()),
      has_chips_(!filter.chips.empty()),
      has_kinds_(!filter.kinds.empty()),
      customer_(column(layout, "customer")),
      seller_(column(layout, "seller")),
      chip_(column(layout, "chip")),
      customers_(marks(layout.labels[customer_].labels, filter.agents)),
      sellers_(marks(layout.labels[seller_].labels, filter.agents)),
      chips_(marks(layout.labels[chip_].labels, filter.chips)),
      happenings_(marks(layout.happenings, filter.kinds)),
      reasons_(marks(layout.reasons, filter.kinds)) {
  for (const Axis& kind : layout.agents) agents_.push_back(marks(kind.labels, filter.agents));
}

bool TraceSieve::keeps(const TraceRow& row) const {
  if (from_ && row.time < *from_) return false;
  if (until_ && row.time >= *until_) return false;
  if (has_agents_ && !is_marked(agents_[row.agent_kind], row.agent) &&
      !is_marked(customers_, row.labels[customer_]) && !is_marked(sellers_, row.labels[seller_])) {
    return false;
  }
  if (has_chips_ && !is_marked(chips_, row.labels[chip_])) return false;
  return !has_kinds_ || happenings_[row.what] || reasons_[row.reason];
}

}  // namespace tollgate
