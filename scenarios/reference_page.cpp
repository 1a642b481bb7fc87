#include <fmt/format.h>

#include "scenarios/correlation_words.hpp"
#include "scenarios/describe.hpp"
#include "scenarios/distribution.hpp"
#include "scenarios/schema.hpp"

namespace tollgate {
namespace {

std::string type_in_words(const KeySpec& key) {
  switch (key.type) {
    case KeyType::kNumber:
      return "number";
    case KeyType::kInteger:
      return "whole number";
    case KeyType::kBoolean:
      return "true or false";
    case KeyType::kText:
      return "text";
    case KeyType::kDate:
      return "date";
    case KeyType::kReference:
      return fmt::format("id of a {}", name_of(key.refers_to));
    case KeyType::kReferences:
      return fmt::format("ids of {}s", name_of(key.refers_to));
    case KeyType::kTexts:
      return key.choices.empty() ? "ids of policies" : "list of " + enumerate(key.choices);
    case KeyType::kChoice:
      return enumerate(key.choices);
    case KeyType::kTable:
      return "table";
    case KeyType::kUnitsByChip:
      return "table: chip = number";
    case KeyType::kNumbersByDate:
      return "table: date = number";
    case KeyType::kNamedTables:
      return "tables with names";
  }
  return {};
}

/// How each distribution is written.
std::string distribution_section() {
  std::string text =
      "\n## Distributions\n\nEach is a function of one random number per replica; how these cover "
      "the replicas is `run.sampling`.\n[uncertainty.md](uncertainty.md) has examples and "
      "sources.\n\n"
      "| distribution | takes | what it is |\n|---|---|---|\n";
  for (const DistributionForm& form : distribution_forms()) {
    std::string takes;
    for (const FormParameter& parameter : form.parameters) {
      if (!takes.empty()) takes += ", ";
      const std::string quoted = "`" + parameter.name + "`";
      takes += parameter.is_required ? quoted : "[" + quoted + "]";
    }
    text += fmt::format("| `{}` | {} | {} |\n", form.name, takes, form.sentence);
  }
  return text + fmt::format(
                    "\n## `[correlation.<id>]`\n\n{}\n\n| key | allowed | default | meaning |\n"
                    "|---|---|---|---|\n"
                    "| `parameters` | keys of uncertain numbers | required | {} |\n"
                    "| `matrix` | as many rows of as many numbers | required | {} |\n",
                    kCorrelationSentence, kParametersSentence, kMatrixSentence);
}

std::string row(const KeySpec& key, const std::string& name) {
  std::string allowed = type_in_words(key);
  const std::string range = key.range.described(key.unit);
  if (!range.empty()) allowed += ", " + range;
  if (key.may_be_uncertain) allowed += "; may be a distribution";
  std::string words = key.sentence;
  if (!key.used_by.empty()) words += " For " + enumerate(key.used_by, "and") + ".";
  const std::string fallback = key.is_required            ? "required"
                               : key.default_toml.empty() ? "-"
                                                          : "`" + key.default_toml + "`";
  return fmt::format("| `{}` | {} | {} | {} |\n", name, allowed, fallback, words);
}

void rows(const TableSpec& table, const std::string& prefix, std::string& text) {
  for (const KeySpec& key : table.keys) {
    if (key.type == KeyType::kTable) {
      rows(*key.table, prefix + key.name + ".", text);
    } else if (key.type == KeyType::kNamedTables) {
      rows(*key.table, prefix + key.name + ".<id>.", text);
    } else {
      text += row(key, prefix + key.name);
    }
  }
}

std::string section(const std::string& header, const TableSpec& table) {
  std::string text = fmt::format(
      "\n## `{}`\n\n{}\n\n| key | allowed | default | meaning |\n"
      "|---|---|---|---|\n",
      header, table.sentence);
  rows(table, "", text);
  for (const Form& form : table.forms) {
    text += fmt::format("\n### `{} = \"{}\"`\n\n{}\n", table.form_key, form.keys.name,
                        form.keys.sentence);
    if (form.keys.keys.empty()) continue;
    text += "\n| key | allowed | default | meaning |\n|---|---|---|---|\n";
    rows(form.keys, "", text);
  }
  return text;
}

}  // namespace

std::string reference_page() {
  std::string text =
      "# Scenario keys\n\n"
      "<!-- Made by `tollgate schema --markdown` from the key table in scenarios/keys. -->\n\n"
      "Every key of a scenario file. A number may be plain, `{ value = 3, source = \"...\" }`, or, "
      "where\nthe table says so, a distribution: `{ distribution = \"triangular\", low = 1, mode = "
      "2, high = 4 }`;\ndraws outside the allowed range are moved to its end, those of whole "
      "numbers "
      "and dates are rounded. Every table takes\n`source`, `basis`, `confidence` and `note`.\n\n"
      "At the top: `format = 1`, `title`, `description`, and `extends`, a name or path or an array "
      "of them.\n";
  text += distribution_section();
  for (const SingleTable& single : single_tables()) {
    text += section("[" + single.keys.name + "]", single.keys);
  }
  for (const EntityTable& entity : entity_tables()) {
    text += section("[" + entity.keys.name + ".<id>]", entity.keys);
  }
  return text;
}

}  // namespace tollgate
