#include "scenarios/data_files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <set>

#include "engine/kernel/stream.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;

void find_comments(const Node& node, std::set<std::string>& comments) {
  const Table* table = node.table();
  if (table == nullptr) return;
  const auto file = table->find("file");
  if (table->contains("distribution") && file != table->end() && file->second.text() != nullptr) {
    const fs::path path = data_file_path(file->second);
    if (!fs::is_regular_file(path)) return;
    std::ifstream stream(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    comments.insert(
        fmt::format("# Data file {}, hash {:016x}\n", file->second.as_toml(), hash_name(bytes)));
    return;
  }
  for (const auto& [name, child] : *table) find_comments(child, comments);
}

}  // namespace

fs::path data_file_path(const Node& file) {
  const fs::path folder =
      file.place.line == 0 ? fs::path{} : fs::path(file.place.file).parent_path();
  return folder / *file.text();
}

std::string data_file_comments(const Node& root) {
  std::set<std::string> comments;
  find_comments(root, comments);
  std::string text = comments.empty() ? "" : "\n";
  for (const std::string& comment : comments) text += comment;
  return text;
}

}  // namespace tollgate
