// How converters print numbers (formats.md 4.1 "Numbers"): '.' as separator whatever the locale, no exponent, no -0.
#pragma once

#include <cstdint>
#include <string>

namespace ango::convert {

/// Appends value rounded to so many decimals (0 to 9), all of them printed: "200.00". value must be finite.
void append_fixed(std::string &out, double value, unsigned decimals);

/// The same without trailing zeros: "200", "0.5". For JSON, where a column width means nothing.
void append_rounded(std::string &out, double value, unsigned decimals);

void append_integer(std::string &out, std::uint64_t value);

} // namespace ango::convert
