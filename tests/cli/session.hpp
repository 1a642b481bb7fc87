/// The program run as a process in a folder of its own.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

namespace tollgate::tests {

struct Result {
  int status = 0;
  std::string text;  ///< standard output, and standard error after it where asked
};

class Session {
 public:
  Session()
      : folder_(std::filesystem::temp_directory_path() /
                ("tollgate-cli-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Session() { std::filesystem::remove_all(folder_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Result run(const std::string& arguments) const {
    const std::string command =
        "cd '" + folder_.string() + "' && '" TOLLGATE_PROGRAM "' " + arguments + " 2>&1";
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

  [[nodiscard]] std::string file(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace tollgate::tests
