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

/// value in whole hundredths, rounded as append_rounded(value, 2) rounds it. value must be finite and within 10^13; the
/// result is exact. Geometry is rounded so before it is measured (FORMATS.md 4.7).
double to_hundredths(double value);

/// Appends whole hundredths as append_rounded(hundredths / 100, 2) does: 20050 as "200.5".
void append_hundredths(std::string &out, double hundredths);

} // namespace ango::common
