// JSON access over RapidJSON: never recursive on outside bytes, depth-limited, errors as values.
#pragma once

#include "base/result.hpp"

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::json {

using Document = rapidjson::Document;
using Value = rapidjson::Value;

inline constexpr int kMaxDepth = 64;

struct ParseOptions {
    bool relaxed = false; ///< comments and trailing commas, as in configuration files
    int max_depth = kMaxDepth;
};

/// A whole JSON text. The error names line and column.
Result<Document> parse(std::string_view text, ParseOptions options = {});

/// Is it one valid JSON text, of any reasonable depth?
bool check(std::string_view text);

/// "line 3, column 14" of a byte offset; both from 1, columns in bytes.
std::string place(std::string_view text, std::size_t offset);

/// The elements of an array as they stand in the text, unchanged; the views live as long as text. The whole
/// text is checked. Anything but an array is an error.
Result<std::vector<std::string_view>> elements(std::string_view text, int max_depth = kMaxDepth);

struct Member {
    std::string name;       ///< unescaped
    std::string_view value; ///< as it stands in the text
};
/// The members of an object, likewise.
Result<std::vector<Member>> members(std::string_view text, int max_depth = kMaxDepth);

/// text with \ufffd in place of every escaped half of a surrogate pair: JSON allows them and Node writes them, RapidJSON
/// refuses them. The length stays the same. text is JSON but for that.
std::string without_half_pairs(std::string_view text);

/// text as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so that the result is
/// always valid JSON.
std::string quote(std::string_view text);

/// Whether Python takes the value of a token for true, as the vendor's client does: everything but false, null, zero and
/// what is empty. token is valid JSON.
bool truthy(std::string_view token);

/// What a JSON string token says; empty if it is no string.
std::optional<std::string> unquote(std::string_view token);

std::string to_text(const Value &value);

/// The member of an object; null if there is none or object is no object.
const Value *find(const Value &object, std::string_view name);
/// A string member, fallback if it is absent or no string.
std::string text_or(const Value &object, std::string_view name, std::string_view fallback);
std::string_view view(const Value &string);

} // namespace angod::json
