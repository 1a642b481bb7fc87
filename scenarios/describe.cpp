#include "scenarios/describe.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "scenarios/distribution.hpp"
#include "scenarios/schema.hpp"

namespace tollgate {
namespace {

using Json = nlohmann::ordered_json;

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

Json number_schema(const KeySpec& key, bool may_be_uncertain) {
  Json plain = {{"type", key.type == KeyType::kInteger ? "integer" : "number"}};
  if (std::isfinite(key.range.low)) {
    plain[key.range.is_low_open ? "exclusiveMinimum" : "minimum"] = key.range.low;
  }
  if (std::isfinite(key.range.high)) {
    plain[key.range.is_high_open ? "exclusiveMaximum" : "maximum"] = key.range.high;
  }
  Json forms = Json::array({plain, {{"$ref", "#/$defs/value"}}});
  if (may_be_uncertain) forms.push_back({{"$ref", "#/$defs/distribution"}});
  return {{"anyOf", forms}};
}

void add_circumstances(Json& properties) {
  for (const std::string_view name : kCircumstances) {
    properties[std::string{name}] = {{"type", "string"}};
  }
}

Json table_schema(const TableSpec& table);

Json key_schema(const KeySpec& key) {
  Json schema;
  switch (key.type) {
    case KeyType::kNumber:
    case KeyType::kInteger:
      schema = number_schema(key, key.may_be_uncertain);
      break;
    case KeyType::kBoolean:
      schema = {{"type", "boolean"}};
      break;
    case KeyType::kDate: {
      // Editors see a TOML local date as a string of this format.
      const Json day = {{"type", "string"}, {"format", "date"}};
      schema = {{"anyOf", Json::array({day, {{"$ref", "#/$defs/value"}}})}};
      if (key.may_be_uncertain) schema["anyOf"].push_back({{"$ref", "#/$defs/distribution"}});
      break;
    }
    case KeyType::kText:
    case KeyType::kReference:
      schema = {{"type", "string"}};
      break;
    case KeyType::kReferences:
      schema = {{"type", "array"}, {"items", {{"type", "string"}}}};
      break;
    case KeyType::kTexts:
      schema = {{"type", "array"}, {"items", {{"type", "string"}}}};
      if (!key.choices.empty()) schema["items"]["enum"] = key.choices;
      break;
    case KeyType::kChoice:
      schema = {{"type", "string"}, {"enum", key.choices}};
      break;
    case KeyType::kTable:
      schema = table_schema(*key.table);
      break;
    case KeyType::kUnitsByChip:
    case KeyType::kNumbersByDate:
      schema = {{"type", "object"}, {"additionalProperties", number_schema(key, true)}};
      add_circumstances(schema["properties"]);
      break;
    case KeyType::kNamedTables:
      schema = {{"type", "object"}, {"additionalProperties", table_schema(*key.table)}};
      break;
  }
  std::string words = key.sentence;
  if (!key.unit.empty() && key.unit != "1") words += " Unit: " + key.unit + ".";
  if (!key.default_toml.empty()) words += " Default: " + key.default_toml + ".";
  schema["description"] = words;
  return schema;
}

// Required keys are not required of a file: what it extends may give them.
Json table_schema(const TableSpec& table) {
  Json properties = Json::object();
  for (const KeySpec& key : table.keys) properties[key.name] = key_schema(key);
  // Keys of the forms: any of them here, the right ones by the form's own branch.
  Json branches = Json::array();
  for (const Form& form : table.forms) {
    Json own = Json::object();
    for (const KeySpec& key : form.keys.keys) {
      own[key.name] = key_schema(key);
      if (!properties.contains(key.name)) properties[key.name] = Json::object();
    }
    branches.push_back({{"if", {{"properties", {{table.form_key, {{"const", form.keys.name}}}}}}},
                        {"then", {{"description", form.keys.sentence}, {"properties", own}}}});
  }
  add_circumstances(properties);
  Json schema = {{"type", "object"},
                 {"description", table.sentence},
                 {"properties", properties},
                 {"additionalProperties", false}};
  if (!branches.empty()) schema["allOf"] = branches;
  return schema;
}

Json parameter_schema(FormParameter::Kind kind) {
  switch (kind) {
    case FormParameter::Kind::kValue:  // editors see a date as a string
      return {{"type", {"number", "string"}}};
    case FormParameter::Kind::kNumber:
      return {{"type", "number"}};
    case FormParameter::Kind::kValues:
      return {{"type", "array"}, {"items", {{"type", {"number", "string"}}}}};
    case FormParameter::Kind::kNumbers:
      return {{"type", "array"}, {"items", {{"type", "number"}}}};
    case FormParameter::Kind::kText:
      return {{"type", "string"}};
  }
  return {};
}

Json distribution_properties() {
  Json properties = {{"distribution", {{"enum", Json::array()}}}};
  for (const DistributionForm& form : distribution_forms()) {
    properties["distribution"]["enum"].push_back(form.name);
    for (const FormParameter& parameter : form.parameters) {
      properties[parameter.name] = parameter_schema(parameter.kind);
    }
  }
  add_circumstances(properties);
  return properties;
}

constexpr const char* kCorrelationSentence =
    "Uncertain numbers that are drawn together, by a Gaussian copula.";
constexpr const char* kParametersSentence = "Their keys, each with a distribution.";
constexpr const char* kMatrixSentence =
    "Correlations of the normals that they are drawn from, row by row: of the numbers themselves "
    "if "
    "normal, of their logarithms if lognormal.";

Json correlation_schema() {
  Json own = {{"parameters",
               {{"type", "array"},
                {"items", {{"type", "string"}}},
                {"minItems", 2},
                {"description", kParametersSentence}}},
              {"matrix",
               {{"type", "array"},
                {"items", {{"type", "array"}, {"items", {{"type", "number"}}}}},
                {"description", kMatrixSentence}}}};
  add_circumstances(own);
  return {{"type", "object"},
          {"description", kCorrelationSentence},
          {"additionalProperties",
           {{"type", "object"}, {"properties", own}, {"additionalProperties", false}}}};
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

std::string json_schema() {
  Json value = {{"value", {{"type", {"number", "string"}}}}};
  add_circumstances(value);
  const Json distribution = distribution_properties();

  Json properties = {
      {"format", {{"const", kScenarioFormat}, {"description", "Version of the scenario format."}}},
      {"title", {{"type", "string"}, {"description", "One line."}}},
      {"description", {{"type", "string"}, {"description", "What the scenario is."}}},
      {"extends",
       {{"description", "Scenarios laid under this one: shipped names or paths; later ones win."},
        {"anyOf", Json::array({{{"type", "string"}},
                               {{"type", "array"}, {"items", {{"type", "string"}}}}})}}}};
  for (const SingleTable& single : single_tables()) {
    properties[single.keys.name] = table_schema(single.keys);
  }
  properties["correlation"] = correlation_schema();
  for (const EntityTable& entity : entity_tables()) {
    properties[entity.keys.name] = {{"type", "object"},
                                    {"description", entity.keys.sentence},
                                    {"additionalProperties", table_schema(entity.keys)}};
  }
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "tollgate scenario"},
                       {"type", "object"},
                       {"properties", properties},
                       {"required", {"format"}},
                       {"additionalProperties", false},
                       {"$defs",
                        {{"value",
                          {{"type", "object"},
                           {"properties", value},
                           {"required", {"value"}},
                           {"additionalProperties", false}}},
                         {"distribution",
                          {{"type", "object"},
                           {"properties", distribution},
                           {"required", {"distribution"}},
                           {"additionalProperties", false}}}}}};
  return schema.dump(2) + "\n";
}

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
