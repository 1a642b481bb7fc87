/// The key table in words: for editors (JSON Schema) and for people (a reference page).
#pragma once

#include <string>

namespace tollgate {

/// JSON Schema (draft 2020-12) of scenario files, for completion and checking in editors.
std::string json_schema();

/// The same of sweep files.
std::string sweep_json_schema();

/// Markdown page with every key: type, unit, range, default, and a sentence.
std::string reference_page();

}  // namespace tollgate
