/// Text as one word of a POSIX shell, for commands that are printed to be typed again.
#pragma once

#include <string>
#include <string_view>

namespace tollgate {

/// `text` itself where a shell takes it as it stands, else in single quotes.
std::string shell_word(std::string_view text);

}  // namespace tollgate
