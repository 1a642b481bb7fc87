/// `tollgate compare`, `report` and `plot`: commands of the Python package, found on PATH as git
/// finds its own, `tollgate-report` for `tollgate report`.
#pragma once

#include <CLI/CLI.hpp>

namespace tollgate {

/// Adds them. Each hands its arguments on untouched and becomes the other program, which finds this
/// one in TOLLGATE_PROGRAM; `status` is set only where it cannot be started.
void add_analysis_commands(CLI::App& app, int& status);

}  // namespace tollgate
