// Commands of the Python package: handed on as they are, and a clear word where they are missing.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cli/session.hpp"

namespace tollgate::tests {
namespace {

namespace fs = std::filesystem;

/// A folder with a stand-in for a command of the package.
void stand_in(const fs::path& folder, const std::string& name, const std::string& body) {
  fs::create_directories(folder);
  std::ofstream(folder / name) << "#!/bin/sh\n" << body << "\n";
  fs::permissions(folder / name, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("compare, report and plot hand their arguments and exit status on") {
  const Session session;
  for (const std::string name : {"compare", "report", "plot"}) {
    stand_in(session.folder() / "bin", "tollgate-" + name,
             R"(printf '<%s>' "$@"; printf ' %s' "${TOLLGATE_PROGRAM##*/}"; exit 7)");
    const Result result =
        session.run_with("PATH=./bin:/usr/bin:/bin", name + " a.h5 'two words' --help -o x");
    CHECK(result.text == "<a.h5><two words><--help><-o><x> tollgate");
    CHECK(result.status == 7);
  }
}

TEST_CASE("where the Python package is missing, it is named with what installs it") {
  const Session session;
  const Result result = session.run_with("PATH=/usr/bin:/bin", "report a.h5");
  CHECK(result.status == 2);
  CHECK(result.text.find("tollgate-report is not on PATH") != std::string::npos);
  CHECK(result.text.find("pip install ./analysis") != std::string::npos);
}

}  // namespace tollgate::tests
