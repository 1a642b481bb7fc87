#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/design/design.hpp"
#include "scenarios/correlation_words.hpp"
#include "scenarios/describe.hpp"
#include "scenarios/distribution.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/sweep.hpp"
#include "scenarios/sweep_file.hpp"

namespace tollgate {
namespace {

using Json = nlohmann::ordered_json;

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

/// Tables that both kinds of files refer to.
Json definitions() {
  Json value = {{"value", {{"type", {"number", "string"}}}}};
  add_circumstances(value);
  return {{"value",
           {{"type", "object"},
            {"properties", value},
            {"required", {"value"}},
            {"additionalProperties", false}}},
          {"distribution",
           {{"type", "object"},
            {"properties", distribution_properties()},
            {"required", {"distribution"}},
            {"additionalProperties", false}}}};
}

/// A whole file: a table that has to say its format.
std::string file_schema(const char* title, const Json& properties) {
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", title},
                       {"type", "object"},
                       {"properties", properties},
                       {"required", {"format"}},
                       {"additionalProperties", false},
                       {"$defs", definitions()}};
  return schema.dump(2) + "\n";
}

Json format_schema(std::int64_t version, const char* of) {
  return {{"const", version}, {"description", fmt::format("Version of the format of {}.", of)}};
}

Json text_schema(const char* sentence) { return {{"type", "string"}, {"description", sentence}}; }

Json whole_schema(std::int64_t low, std::int64_t high, const char* sentence) {
  return {{"type", "integer"}, {"minimum", low}, {"maximum", high}, {"description", sentence}};
}

Json settings_schema() {
  constexpr auto kMost = static_cast<std::int64_t>(kMostPoints);
  Json own = {
      {"seed", whole_schema(0, kMostSweepSeed, "Seed of all randomness. Default: the base's.")},
      {"replicas",
       whole_schema(1, kMostReplicasOfPoint, "Replicas of each point. Default: the base's.")},
      {"design", {{"enum", kDesignNames}, {"description", "Which points. Default: \"grid\"."}}},
      {"points", whole_schema(1, kMost, "Size of an lhs, sobol or saltelli design.")},
      {"second_order",
       {{"type", "boolean"},
        {"description", "saltelli: for indices of pairs, too. Default: false."}}},
      {"trajectories", whole_schema(1, kMost, "morris: number of trajectories.")},
      {"levels", whole_schema(2, kMostMorrisLevels, "morris: an even number. Default: 4.")},
      {"file", text_schema("table: path of the CSV of points, relative to this file.")},
      {"common_noise",
       {{"type", "boolean"},
        {"description",
         "Whether replica i has the same noise and draws at every point. Default: true."}}},
      {"keep", {{"enum", kKeepNames}, {"description", "What is written. Default: \"all\"."}}}};
  own["levels"]["multipleOf"] = 2;
  return {{"type", "object"},
          {"description", "The design, and what holds for all points."},
          {"properties", own},
          {"additionalProperties", false}};
}

Json factor_schema() {
  Json own = distribution_properties();
  own["distribution"]["enum"].push_back("own");
  own["key"] = text_schema("The key of the base that is varied, such as policy.levy.rate.");
  own["scenarios"] = {{"type", "array"},
                      {"items", {{"type", "string"}}},
                      {"minItems", 1},
                      {"description", "Scenarios that take the place of the base."}};
  own["values"] = {{"type", "array"}, {"minItems", 1}, {"description", "The values."}};
  own["scale"] = {{"enum", {"linear", "log"}}, {"description", "Of a range. Default: linear."}};
  own["steps"] = whole_schema(2, static_cast<std::int64_t>(kMostPoints),
                              "grid, one_at_a_time: number of values, ends included.");
  const Json has_key = {{"required", {"key"}}};
  return {{"type", "object"},
          {"description", "A factor; its id names the coordinate in the output."},
          {"properties", own},
          {"anyOf", Json::array({{{"required", {"scenarios"}}}, has_key})},
          {"additionalProperties", false}};
}

}  // namespace

std::string json_schema() {
  Json properties = {
      {"format", format_schema(kScenarioFormat, "scenarios")},
      {"title", text_schema("One line.")},
      {"description", text_schema("What the scenario is.")},
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
  return file_schema("tollgate scenario", properties);
}

std::string sweep_json_schema() {
  return file_schema(
      "tollgate sweep",
      {{"format", format_schema(kSweepFormat, "sweeps")},
       {"title", text_schema("One line.")},
       {"description", text_schema("What the sweep is for.")},
       {"base", text_schema("The scenario: a shipped name, or a path relative to this file.")},
       {"sweep", settings_schema()},
       {"factor",
        {{"type", "object"},
         {"description", "What is varied."},
         {"additionalProperties", factor_schema()}}},
       {"set",
        {{"type", "object"},
         {"description", "Keys of the base that are the same at all points."}}}});
}

}  // namespace tollgate
