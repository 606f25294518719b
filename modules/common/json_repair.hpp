// JSON as other programs write it, in a form that RapidJSON reads (modules/FORMATS.md 1.1).
#pragma once

#include <string>
#include <string_view>

namespace ango::common {

/// text, with these changes of equal length, so that offsets of errors stay right:
///  - an escaped half of a surrogate pair becomes \ufffd. JSON allows it, and Node writes it.
///  - NaN and Infinity in any case, with or without a sign, become NaN and Inf. They are no JSON, but Python writes them.
///  - a number beyond a double becomes Inf.
/// Linear in the text. Everything else stays as it is, so a text with other faults is still refused.
std::string repaired_json(std::string_view text);

/// The value of a number text: infinite if it is beyond a double, 0 if it is too small for one.
double value_of_number(std::string_view text);

} // namespace ango::common
