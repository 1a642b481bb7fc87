/// Where an ensemble file comes from.
#pragma once

#include <cstdint>
#include <string>

namespace tollgate {

/// Version of the file layout, attribute `tollgate_format_version`. 2: reals are float32.
inline constexpr std::int64_t kFileFormat = 2;

/// What a file says about where it comes from.
struct EnsembleMetadata {
  std::string program_version;
  std::string git_commit;
  std::string command_line;
  std::string scenario_name;
  std::string scenario_title;
  std::string scenario_toml;  ///< resolved, whole
  std::string focus_region;
  std::string reference_region;
  std::uint64_t seed = 0;
  std::uint32_t first_replica = 0;  ///< number of the first one in the file
  std::string sampling = "plain";   ///< design of the draws
  std::string frozen = "nothing";   ///< what all replicas have in common
};

/// An uncertain parameter, a label of the axis `parameter`.
struct ParameterLabel {
  std::string key;
  std::string unit;
  std::string source;
};

}  // namespace tollgate
