// Addresses that people put into tables, as they may stand in a page.
#pragma once

#include <string_view>

namespace ango::common {

/// Whether text is an absolute http or https address with a host, of characters that an address may hold: no blanks,
/// controls, quotation marks, angle brackets, backslashes, braces, carets, bars or backticks, and nothing that cannot be
/// seen. An apostrophe is allowed. Letters outside of ASCII are, because browsers encode them.
bool is_web_address(std::string_view text);

} // namespace ango::common
