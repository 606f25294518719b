// Keeps secrets out of texts that people or other programs read.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// Removes the query strings of the URLs in a text, which hold the signatures of signed URLs, and credentials before an
/// '@'.
std::string redact_urls(std::string_view text);

/// redact_urls, and replaces every secret by "***". Secrets shorter than 6 bytes are left.
std::string redact(std::string_view text, const std::vector<std::string> &secrets);

/// Adds the parts of a signed URL that must not be repeated: path with query, query, and each long value in it.
std::vector<std::string> secrets_of_urls(std::initializer_list<std::string_view> urls,
                                         std::vector<std::string> others = {});

/// The forms in which a secret that came as a JSON string token can appear again: as text, as the token wrote it, and as
/// other writers of JSON would. Empty if it is no string.
std::vector<std::string> spellings(std::string_view token);

} // namespace angod
