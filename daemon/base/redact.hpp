// Keeps secrets out of texts that people or other programs read.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// text without the query strings of the URLs in it (signed URLs carry their signature there) and without
/// credentials before an '@'.
std::string redact_urls(std::string_view text);

/// redact_urls, and "***" in place of every secret. Secrets shorter than 6 bytes are not looked for.
std::string redact(std::string_view text, const std::vector<std::string> &secrets);

/// What of signed URLs must not be repeated: path with query, query, and each long value in it. Added to others.
std::vector<std::string> secrets_of_urls(std::initializer_list<std::string_view> urls,
                                         std::vector<std::string> others = {});

/// A secret that came as a JSON string token, in the ways it can show up again: as text, as the token wrote it, and
/// as others would write it in JSON. Empty if it is no string.
std::vector<std::string> spellings(std::string_view token);

} // namespace angod
