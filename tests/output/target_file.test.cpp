#include "output/target_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace tollgate;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("tollgate-target-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return (path / "out.csv").string(); }
  [[nodiscard]] std::string text() const {
    std::ifstream in(path / "out.csv");
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

}  // namespace

TEST_CASE("text appears under its name at once, and is not written over unasked") {
  const Folder folder;
  {
    TargetFile target(folder.file(), false);
    std::ofstream(target.temporary()) << "half";
    CHECK_FALSE(fs::exists(folder.file()));
  }
  CHECK(fs::is_empty(folder.path));  // what was not published is gone
  {
    TargetFile target(folder.file(), false);
    write_text(target, "one\n");
  }
  CHECK(folder.text() == "one\n");
  CHECK_THROWS_AS(TargetFile(folder.file(), false), OutputError);
  TargetFile again(folder.file(), true);
  write_text(again, "two\n");
  CHECK(folder.text() == "two\n");
}

TEST_CASE("a target that cannot be written is refused before any work") {
  const Folder folder;
  CHECK_THROWS_AS(TargetFile(folder.path.string(), false), OutputError);
  CHECK_THROWS_AS(TargetFile((folder.path / "no" / "out.csv").string(), false), OutputError);
}
