#include "engine/kernel/shell_word.hpp"

namespace tollgate {

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,+@%=";
  const bool is_plain = text.find_first_not_of(kPlain) == std::string_view::npos;
  if (is_plain && !text.empty()) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += R"('\'')";  // nothing escapes it inside of quotes
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace tollgate
