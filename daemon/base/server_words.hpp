// The words with which a server explains itself, as far as they may stand in a log line or a sentence. Pure.
#pragma once

#include "base/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// Makes foreign text fit for a log line: one printable line, at most about 300 bytes, no secrets, no query strings.
std::string quote_foreign(std::string_view text, const std::vector<std::string> &secrets);

/// The first text in a JSON answer that explains a failure, as it stands there; empty if there is none.
std::string message_of(const json::Document &body);

/// Whether a body is HTML or XML.
bool looks_like_markup(std::string_view content_type, std::string_view body);

/// The words in a body: message_of for JSON, the title or heading of a page, the first line of any other text. body may be cut
/// anywhere. The result is that of quote_foreign; empty if the body says nothing.
std::string words_of(std::string_view content_type, std::string_view body, const std::vector<std::string> &secrets);

} // namespace angod
