// Numbers as converters print them (modules/FORMATS.md 4.6): '.' as separator whatever the locale, no exponent, no -0.
#pragma once

#include <cstdint>
#include <string>

namespace ango::common {

/// Appends value rounded to so many decimals (0 to 9), all of which are printed: "200.00". value must be finite.
void append_fixed(std::string &out, double value, unsigned decimals);

/// The same without trailing zeros: "200", "0.5".
void append_rounded(std::string &out, double value, unsigned decimals);

void append_integer(std::string &out, std::uint64_t value);

} // namespace ango::common
