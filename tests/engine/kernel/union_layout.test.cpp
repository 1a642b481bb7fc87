#include "engine/kernel/union_layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

using namespace tollgate;

namespace {

Series series(const char* name, std::vector<AxisId> axes, ValueType type) {
  return {name, std::move(axes), type, Aggregation::kSumOverQuarter, "1", "", ""};
}

RecordLayout layout(std::vector<std::string> chips, std::vector<std::string> rules,
                    const char* until = "2026-07-01") {
  RecordLayout result(parse_iso_date("2026-01-01").value(), parse_iso_date(until).value());
  const AxisId chip = result.add_axis({"chip", "Chip", std::move(chips)});
  const AxisId rule = result.add_axis({"rule", "Rule", std::move(rules)});
  result.add_series(series("sold", {chip}, ValueType::kInteger));
  result.add_series(series("share", {rule, chip}, ValueType::kReal));
  result.add_series(series("total", {}, ValueType::kInteger));
  return result;
}

/// Every cell has another number, by its labels.
Record filled(const RecordLayout& of, int offset) {
  Record record(of);
  for (std::size_t q = 0; q < of.quarters(); ++q) {
    record.open_quarter(q);
    const auto& chips = of.axes()[0].labels;
    const auto& rules = of.axes()[1].labels;
    for (std::size_t c = 0; c < chips.size(); ++c) {
      record.set(of.find("sold"), offset + static_cast<int>(q) * 1000 + chips[c][0], c);
      for (std::size_t r = 0; r < rules.size(); ++r) {
        record.set_real(of.find("share"),
                        static_cast<double>(q) + chips[c][0] + 0.001 * rules[r][0], r, c);
      }
    }
    record.set(of.find("total"), 5 + static_cast<int>(q));
  }
  record.events = 17;
  record.longest_queue = 3;
  return record;
}

}  // namespace

TEST_CASE("labels are joined in the order in which they are first met") {
  const RecordLayout a = layout({"b", "d"}, {"x"});
  const RecordLayout b = layout({"a", "b", "c"}, {"y", "x"});
  const RecordLayout* both[] = {&a, &b};
  const UnionLayout joined(both);
  CHECK(joined.record().axes()[0].labels == std::vector<std::string>{"b", "d", "a", "c"});
  CHECK(joined.record().axes()[1].labels == std::vector<std::string>{"x", "y"});
  CHECK(joined.record().quarters() == 2);
  CHECK_FALSE(joined.is_whole(0));
  CHECK_FALSE(joined.is_whole(1));
}

TEST_CASE(
    "each number keeps its labels, and where there is none chips are 0 and ratios no number") {
  const RecordLayout a = layout({"b", "d"}, {"x"});
  const RecordLayout b = layout({"a", "b", "c"}, {"y", "x"});
  const RecordLayout* both[] = {&a, &b};
  const UnionLayout joined(both);
  const RecordLayout& all = joined.record();
  Record record(all);
  for (std::size_t k = 0; k < 2; ++k) {
    const RecordLayout& own = *both[k];
    joined.widen(k, filled(own, 7), record);
    CHECK(record.events == 17);
    CHECK(record.longest_queue == 3);
    for (std::size_t q = 0; q < 2; ++q) {
      CHECK(record.integer(all.find("total"), q) == 5 + static_cast<int>(q));
      for (std::size_t c = 0; c < 4; ++c) {
        const std::string& chip = all.axes()[0].labels[c];
        const auto& chips = own.axes()[0].labels;
        const bool has_chip = std::ranges::find(chips, chip) != chips.end();
        CHECK(record.integer(all.find("sold"), q, c) ==
              (has_chip ? 7 + static_cast<int>(q) * 1000 + chip[0] : 0));
        for (std::size_t r = 0; r < 2; ++r) {
          const std::string& rule = all.axes()[1].labels[r];
          const auto& rules = own.axes()[1].labels;
          const double x = record.real(all.find("share"), q, r, c);
          if (has_chip && std::ranges::find(rules, rule) != rules.end()) {
            CHECK(x == static_cast<double>(q) + chip[0] + 0.001 * rule[0]);
          } else {
            CHECK(std::isnan(x));
          }
        }
      }
    }
  }
}

TEST_CASE("the union of equal layouts changes nothing") {
  const RecordLayout a = layout({"b", "d"}, {"x"});
  const RecordLayout b = layout({"b", "d"}, {"x"});
  const RecordLayout* both[] = {&a, &b};
  const UnionLayout joined(both);
  CHECK(joined.is_whole(0));
  CHECK(joined.is_whole(1));
  const Record from = filled(b, 1);
  Record to(joined.record());
  joined.widen(1, from, to);
  for (std::size_t i = 0; i < a.integers(); ++i) {
    CHECK(to.integers({0})[i] == from.integers({0})[i]);
  }
  for (std::size_t i = 0; i < a.reals(); ++i) CHECK(to.reals({1})[i] == from.reals({1})[i]);
}

TEST_CASE("layouts that do not fit together are refused") {
  const RecordLayout a = layout({"b"}, {"x"});
  const RecordLayout later = layout({"b"}, {"x"}, "2027-01-01");
  const RecordLayout* quarters[] = {&a, &later};
  CHECK_THROWS_AS(UnionLayout{quarters}, std::invalid_argument);
  RecordLayout other(parse_iso_date("2026-01-01").value(), parse_iso_date("2026-07-01").value());
  other.add_series(series("sold", {}, ValueType::kInteger));
  const RecordLayout* unlike[] = {&a, &other};
  CHECK_THROWS_AS(UnionLayout{unlike}, std::invalid_argument);
  CHECK_THROWS_AS(UnionLayout{std::span<const RecordLayout* const>{}}, std::invalid_argument);
}
