#include "output/trace.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "tests/folder.hpp"

using namespace tollgate;
using tollgate::tests::Folder;
namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TraceLayout small_layout() {
  TraceLayout layout;
  layout.happenings = {{"planned", "."}, {"", ""}, {"shipped", "."}};
  layout.reasons = {{"rhythm", "."}, {"stock", "."}};
  layout.agents = {{"vendor", "Vendor", {"amd", "nvidia"}},
                   {"buyer", "Buyer", {"baidu", "tencent"}}};
  layout.subjects = {{"", "", {}}, {"order", "Order", {}}, {"chip", "Chip", {"h20", "h200"}}};
  layout.labels = {{"chip", "Chip", {"h20", "h200"}},
                   {"customer", "Customer", {"baidu", "tencent"}},
                   {"seller", "Seller", {"amd", "nvidia"}}};
  layout.numbers = {{"price", "USD", "."}, {"rate", "1", "."}};
  return layout;
}

SimTime at(const char* day, std::int64_t minutes) {
  return parse_iso_date(day).value() + Duration{minutes};
}

/// Tencent plans; Nvidia ships 64 H200 to it of order 7; Baidu plans two days later.
std::vector<TraceRow> three_rows() {
  TraceRow planned;
  planned.time = at("2026-03-01", 605);
  planned.event = 1;
  planned.is_event = true;
  planned.agent_kind = 1;
  planned.agent = 1;
  TraceRow shipped;
  shipped.time = at("2026-03-02", 0);
  shipped.event = 2;
  shipped.what = 2;
  shipped.reason = 1;
  shipped.agent = 1;
  shipped.subject_kind = 1;
  shipped.subject = 7;
  shipped.labels[0] = 1;
  shipped.labels[1] = 1;
  shipped.labels[2] = 1;
  shipped.units = 64;
  shipped.cents = 9007199254740993;  // more than a double can hold
  shipped.numbers[0] = 27000.5;
  shipped.numbers[1] = std::numeric_limits<double>::infinity();
  TraceRow later = planned;
  later.time = at("2026-03-03", 1439);
  later.event = 3;
  later.agent = 0;
  return {planned, shipped, later};
}

std::string written(const std::string& path, const TraceFilter& filter) {
  const TraceLayout layout = small_layout();
  TraceWriter writer(path, trace_format(path).value(), layout, filter, true);
  const std::vector<TraceRow> rows = three_rows();
  for (const TraceRow& row : rows) writer.take({&row, 1});
  writer.finish();
  return text_of(path);
}

using Names = std::vector<std::string>;

TraceFilter only(Names agents, Names chips = {}, Names kinds = {},
                 std::optional<SimTime> from = std::nullopt,
                 std::optional<SimTime> until = std::nullopt) {
  return {std::move(agents), std::move(chips), std::move(kinds), from, until};
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a trace as CSV has a header and a line for each row, empty where there is nothing") {
  const Folder folder;
  CHECK(written(folder.file("t.csv"), {}) ==
        "time,event,row,agent_kind,agent,what,reason,subject,chip,customer,seller,units,cents,"
        "price,rate\n"
        "2026-03-01T10:05,1,event,buyer,tencent,planned,rhythm,,,,,,,,\n"
        "2026-03-02T00:00,2,decision,vendor,nvidia,shipped,stock,order 7,h200,tencent,nvidia,64,"
        "9007199254740993,27000.5,inf\n"
        "2026-03-03T23:59,3,event,buyer,baidu,planned,rhythm,,,,,,,,\n");
}

TEST_CASE("a trace as JSON Lines leaves out what a row does not have") {
  const Folder folder;
  const std::string text = written(folder.file("t.jsonl"), {});
  CHECK(text.substr(0, text.find('\n')) ==
        R"({"time":"2026-03-01T10:05","event":1,"row":"event","agent_kind":"buyer",)"
        R"("agent":"tencent","what":"planned","reason":"rhythm"})");
  CHECK(text.find(R"("units":64,"cents":9007199254740993,"price":27000.5,"rate":"inf")") !=
        std::string::npos);
  CHECK(lines(text) == 3);
}

TEST_CASE("a filter keeps the rows that meet all of its conditions") {
  const Folder folder;
  const auto kept = [&](const TraceFilter& filter) {
    return lines(written(folder.file("t.csv"), filter)) - 1;
  };
  CHECK(kept(only({"tencent"})) == 2);  // its plan, and what is shipped to it
  CHECK(kept(only({"nvidia"})) == 1);
  CHECK(kept(only({"amd"})) == 0);
  CHECK(kept(only({"tencent", "baidu"})) == 3);
  CHECK(kept(only({}, {"h200"})) == 1);
  CHECK(kept(only({}, {"h20"})) == 0);
  CHECK(kept(only({}, {}, {"planned"})) == 2);
  CHECK(kept(only({}, {}, {"stock"})) == 1);  // a reason
  CHECK(kept(only({"tencent"}, {}, {"planned"})) == 1);
  CHECK(kept(only({}, {}, {}, at("2026-03-02", 0))) == 2);
  CHECK(kept(only({}, {}, {}, std::nullopt, at("2026-03-02", 0))) == 1);
}

TEST_CASE("names that the scenario does not know are found out, with those it knows") {
  const auto unknown =
      unknown_names(only({"tencent", "tencnt"}, {"h2000"}, {"stock", "ship"}), small_layout());
  REQUIRE(unknown.size() == 3);
  CHECK(unknown[0].option == "agent");
  CHECK(unknown[0].name == "tencnt");
  CHECK(unknown[1].name == "h2000");
  CHECK(unknown[2].name == "ship");
  CHECK(unknown[2].known == std::vector<std::string>{"planned", "rhythm", "shipped", "stock"});
}

TEST_CASE("a trace has its name only when it is complete, and no other ending than two") {
  const Folder folder;
  const std::string path = folder.file("t.csv");
  const TraceLayout layout = small_layout();
  {
    TraceWriter writer(path, TraceFormat::kCsv, layout, {}, false);
    const TraceRow row = three_rows()[0];
    writer.take({&row, 1});
    CHECK_FALSE(fs::exists(path));
  }
  CHECK(fs::is_empty(fs::path(path).parent_path()));  // given up: nothing is left
  written(path, {});
  CHECK_THROWS_AS(TraceWriter(path, TraceFormat::kCsv, layout, {}, false), OutputError);
  CHECK_FALSE(trace_format("t.txt").has_value());
}
