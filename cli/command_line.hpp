/// What the programs' command lines have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "cli/sweep_command.hpp"

namespace tollgate {

/// More than any machine has cores for, and the same on each, so that a script that works here
/// works there. More threads than cores do no harm but for a world's memory each.
inline constexpr std::uint32_t kMostThreads = 1024;
inline constexpr std::uint32_t kMostReplicas = 10'000'000;

/// A whole number from 1, said so when it is not.
CLI::Validator count_up_to(std::uint32_t most, const std::string& hint);

/// The command line as it was typed.
std::string joined(int argc, char** argv);

/// The command `sweep` of both programs; `run` is called when it is given.
void add_sweep_command(CLI::App& app, SweepOptions& options, const std::function<void()>& run);

/// Parses and runs; `status` is what the command has set.
int parsed(CLI::App& app, int argc, char** argv, const int& status);

/// Runs the program; errors become messages and exit statuses.
int guarded(const std::function<int()>& program);

}  // namespace tollgate
