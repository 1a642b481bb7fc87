/// The program run as a process in a folder of its own.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/folder.hpp"

namespace tollgate::tests {

struct Result {
  int status = 0;
  std::string text;  ///< standard output, and standard error after it where asked
};

class Session {
 public:
  Result run(const std::string& arguments) const { return run_with("", arguments); }

  /// With `environment`, "NAME=VALUE ...", for this command.
  Result run_with(const std::string& environment, const std::string& arguments) const {
    const std::string command = "cd '" + folder().string() + "' && " + environment +
                                " '" TOLLGATE_PROGRAM "' " + arguments + " 2>&1";
    Result result;
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
      result.text.append(buffer.data(), n);
    }
    result.status = WEXITSTATUS(::pclose(pipe));
    return result;
  }

  /// Starts the program, waits until `is_begun`, sends it a signal (or several) after a while each,
  /// and returns its wait status; that of an end of its own where it was faster.
  template <class Condition>
  int interrupted(std::vector<std::string> arguments, const std::vector<int>& signals,
                  int milliseconds, const Condition& is_begun) const {
    arguments.insert(arguments.begin(), "tollgate");
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      if (::chdir(folder().c_str()) != 0) std::_Exit(99);
      ::execv(TOLLGATE_PROGRAM, raw.data());
      std::_Exit(98);
    }
    int status = 0;
    for (int i = 0; i < 6000 && !is_begun(); ++i) {
      if (::waitpid(child, &status, WNOHANG) == child) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    for (const int signal : signals) {
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      ::kill(child, signal);
    }
    ::waitpid(child, &status, 0);
    return status;
  }

  [[nodiscard]] std::string file(const char* name) const { return folder_.file(name); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  Folder folder_;
};

}  // namespace tollgate::tests
