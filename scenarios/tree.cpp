#include "scenarios/tree.hpp"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <chrono>
#include <utility>

namespace tollgate {
namespace {

Place place_at(const std::string& shown, const toml::source_region& region) {
  return {shown, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

SimTime to_time(const toml::date& date) {
  return at_midnight(std::chrono::sys_days{
      std::chrono::year{date.year} / std::chrono::month{date.month} / std::chrono::day{date.day}});
}

Node convert(const toml::node& source, const std::string& shown, const Place& key) {
  Node node;
  node.key = key;
  node.place = place_at(shown, source.source());
  if (const toml::table* table = source.as_table()) {
    Table children;
    for (auto&& [name, child] : *table) {
      children.emplace(std::string{name.str()},
                       convert(child, shown, place_at(shown, name.source())));
    }
    node.value = std::move(children);
  } else if (const toml::array* array = source.as_array()) {
    Array children;
    for (auto&& child : *array) children.push_back(convert(child, shown, key));
    node.value = std::move(children);
  } else if (const auto* text = source.as_string()) {
    node.value = text->get();
  } else if (const auto* integer = source.as_integer()) {
    node.value = integer->get();
  } else if (const auto* real = source.as_floating_point()) {
    node.value = real->get();
  } else if (const auto* boolean = source.as_boolean()) {
    node.value = boolean->get();
  } else if (const auto* date = source.as_date()) {
    node.value = to_time(date->get());
  } else {
    node.value = Unsupported{source.is_time() ? "a time of day" : "a date with a time"};
  }
  return node;
}

void move_to(Node& node, const Place& place) {
  node.key = node.place = place;
  if (Table* table = node.table()) {
    for (auto& [name, child] : *table) move_to(child, place);
  } else if (Array* array = std::get_if<Array>(&node.value)) {
    for (Node& child : *array) move_to(child, place);
  }
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        } else {
          result += c;
        }
    }
  }
  return result + "\"";
}

/// Shortest text that reads back as the same number, with a point so that it stays a float.
std::string real_as_toml(double x) {
  std::string text = fmt::format("{}", x);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

struct AsToml {
  std::string operator()(const Table& table) const {
    std::string text = "{";
    for (const auto& [name, child] : table) {
      text += text.size() > 1 ? ", " : " ";
      text += key_as_toml(name) + " = " + child.as_toml();
    }
    return text + " }";
  }
  std::string operator()(const Array& array) const {
    std::string text = "[";
    for (const Node& child : array) {
      if (text.size() > 1) text += ", ";
      text += child.as_toml();
    }
    return text + "]";
  }
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(std::int64_t x) const { return fmt::format("{}", x); }
  std::string operator()(double x) const { return real_as_toml(x); }
  std::string operator()(bool x) const { return x ? "true" : "false"; }
  std::string operator()(SimTime t) const { return iso_date(t); }
  std::string operator()(const Unsupported& u) const { return u.name; }
};

}  // namespace

bool is_bare_key(std::string_view key) {
  return !key.empty() && key.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                             "XYZ0123456789_-") == std::string_view::npos;
}

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

const Node* find_node(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const Table* table = node->table();
    if (table == nullptr) return nullptr;
    const auto found = table->find(std::string(path.substr(0, dot)));
    if (found == table->end()) return nullptr;
    node = &found->second;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return node;
}

std::string text_or_empty(const Table& table, const char* key) {
  const auto found = table.find(key);
  return found != table.end() && found->second.text() != nullptr ? *found->second.text()
                                                                 : std::string{};
}

std::string key_as_toml(const std::string& key) { return is_bare_key(key) ? key : quoted(key); }

bool Node::is_annotated_number() const {
  const Table* t = table();
  if (t == nullptr) return false;
  const auto holds_value = [t](const char* name) {
    const auto found = t->find(name);
    return found != t->end() && found->second.table() == nullptr;
  };
  return holds_value("value") || holds_value("distribution");
}

std::string Node::as_toml() const { return std::visit(AsToml{}, value); }

std::string Node::described() const {
  if (table() != nullptr) return "a table";
  if (array() != nullptr) return "the array " + as_toml();
  if (text() != nullptr) return "the text " + as_toml();
  if (std::holds_alternative<bool>(value)) return "the boolean " + as_toml();
  if (std::holds_alternative<SimTime>(value)) return "the date " + as_toml();
  if (std::holds_alternative<Unsupported>(value)) return as_toml();
  return "the number " + as_toml();
}

Node parse_file(const std::string& path, const std::string& shown) {
  try {
    return convert(toml::parse_file(path), shown, {shown, 0, 0});
  } catch (const toml::parse_error& error) {
    fail(place_at(shown, error.source()), fmt::format("not TOML: {}", error.description()));
  }
}

Node parse_override(const std::string& assignment) {
  const Place place{"--set " + assignment, 0, 0, true};
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    fail(place, "expected key=value, for example --set policy.levy.rate=0.15");
  }
  const std::string key = assignment.substr(0, equals);
  const std::string value = assignment.substr(equals + 1);
  for (const std::string& text : {key + " = " + value, key + " = " + quoted(value)}) {
    try {
      Node node = convert(toml::parse(text), "", {});
      move_to(node, place);
      return node;
    } catch (const toml::parse_error&) {
      continue;  // not a TOML value: the second time it is text
    }
  }
  fail(place, fmt::format("'{}' is not a key; keys are words joined by dots", key));
}

Node nested(std::string_view path, const Place& key, Node leaf) {
  const auto dot = path.rfind('.');
  leaf.key = key;
  Table table;
  table.emplace(path.substr(dot == std::string_view::npos ? 0 : dot + 1), std::move(leaf));
  Node node{std::move(table), key, key};
  return dot == std::string_view::npos ? node : nested(path.substr(0, dot), key, std::move(node));
}

void mark_as_override(Node& node) {
  node.key.is_override = node.place.is_override = true;
  if (Table* table = node.table()) {
    for (auto& [name, child] : *table) mark_as_override(child);
  } else if (Array* array = std::get_if<Array>(&node.value)) {
    for (Node& child : *array) mark_as_override(child);
  }
}

void overlay(Node& base, Node over) {
  Table* below = base.table();
  Table* above = over.table();
  if (below == nullptr || above == nullptr || base.is_annotated_number() ||
      over.is_annotated_number()) {
    base = std::move(over);
    return;
  }
  for (auto& [name, child] : *above) {
    const auto found = below->find(name);
    if (found == below->end()) {
      below->emplace(name, std::move(child));
    } else {
      overlay(found->second, std::move(child));
    }
  }
}

}  // namespace tollgate
