// Keeps secrets out of texts that people or other programs read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// text without the query strings of the URLs in it (signed URLs carry their signature there) and without
/// credentials before an '@'.
std::string redact_urls(std::string_view text);

/// redact_urls, and "***" in place of every secret. Secrets shorter than 6 bytes are not looked for.
std::string redact(std::string_view text, const std::vector<std::string> &secrets);

} // namespace angod
