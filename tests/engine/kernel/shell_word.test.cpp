/// A printed command means the same when it is typed again.
#include "engine/kernel/shell_word.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>

using tollgate::shell_word;

namespace {

/// What a shell makes of a word.
std::string read_by_shell(const std::string& word) {
  FILE* pipe = ::popen(("printf %s " + word).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 256> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), n);
  }
  ::pclose(pipe);
  return text;
}

}  // namespace

TEST_CASE("a shell reads each word as the text that it stands for") {
  for (const std::string text :
       {"", "runs", "out dir/it's", "policy.levy.rate=0.1", "a=\"b c\"", "$HOME `id` \\ * ? ~",
        "''", "two\nlines", "h\xc3\xb6he", "a;b&c|d>e<f(g)#h!i{j,k}[l]"}) {
    CAPTURE(text);
    CHECK(read_by_shell(shell_word(text)) == text);
  }
}

TEST_CASE("a word that needs no quotes has none") {
  CHECK(shell_word("/a/b-c_d.toml") == "/a/b-c_d.toml");
  CHECK(shell_word("policy.levy.rate=0.1") == "policy.levy.rate=0.1");
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("it's") == R"('it'\''s')");
}
