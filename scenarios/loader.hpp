/// From the name of a scenario to a typed `Scenario`, or to text about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/diagnostics.hpp"
#include "scenarios/library.hpp"
#include "scenarios/scenario.hpp"

namespace tollgate {

/// Reads, resolves and validates a scenario, named by path or, if shipped, by name. `sets` are
/// overrides "key.path=value". Throws ScenarioError with all errors found in one pass.
Scenario load_scenario(const std::string& name_or_path, const std::vector<std::string>& sets = {});

/// A tree as TOML, on request each value with a comment that says where it comes from.
std::string as_text(const Node& root, bool has_places);

/// A value of the parameter as a scenario writes it: a number, a whole number or a date.
Node as_node(const UncertainParameter& parameter, double x);

/// The resolved scenario as TOML, each value with a comment that says where it comes from. Does not
/// validate. Throws ScenarioError when files are missing or are no TOML.
std::string show_scenario(const std::string& name_or_path,
                          const std::vector<std::string>& sets = {});

/// Plain sampling has draws for any replica, a design only for those that it was made for: throws
/// ScenarioError for another one that `option` asks for.
void require_replica(const WorldSpec& run, std::uint32_t replica, const char* option);

/// The world of one replica as TOML, a scenario itself: every distribution replaced by the value
/// that is drawn for the replica, digit for digit. Throws ScenarioError.
std::string show_replica(const std::string& name_or_path, const std::vector<std::string>& sets,
                         std::uint32_t replica);

/// Keys of numbers that have no `source`, neither their own nor that of their entity, with places.
std::vector<std::string> numbers_without_source(const std::string& name_or_path);

}  // namespace tollgate
