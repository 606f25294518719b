// Texts are UTF-8 everywhere; Windows wants UTF-16. Invalid parts become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace angod {

std::wstring to_wide(std::string_view utf8);
std::string to_utf8(std::wstring_view text);

} // namespace angod
