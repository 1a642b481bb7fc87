#include "cli/analysis_command.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/exit_status.hpp"

namespace tollgate {
namespace {

/// Returns only when there is nothing to become.
int become(const std::string& program, std::vector<std::string> arguments) {
  std::error_code unknown;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (!unknown) ::setenv("TOLLGATE_PROGRAM", self.c_str(), /*overwrite=*/0);

  std::string name = program;
  std::vector<char*> raw{name.data()};
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  ::execvp(raw.front(), raw.data());
  if (errno == ENOENT) {
    spdlog::error(
        "{} is not on PATH: it comes with the Python package, `pip install ./analysis` in the "
        "source "
        "tree of tollgate; where that is in a virtual environment, activate it",
        program);
  } else {
    spdlog::error("{} cannot be started: {}", program, std::strerror(errno));
  }
  return kBadInput;
}

}  // namespace

void add_analysis_commands(CLI::App& app, int& status) {
  for (const auto& [name, help] :
       {std::pair{"compare", "Set outputs side by side, replica by replica (Python package)"},
        std::pair{"report", "Write a page with the answer, tables and pictures (Python package)"},
        std::pair{"plot", "Draw a picture of an output (Python package)"}}) {
    CLI::App* command = app.add_subcommand(name, help);
    command->prefix_command();
    command->set_help_flag();  // its own help is the better one
    command->callback([command, &status] {
      status = become("tollgate-" + command->get_name(), command->remaining());
    });
  }
}

}  // namespace tollgate
