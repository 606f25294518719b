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

/// Whether it is one valid JSON text, of any reasonable depth. As in the other functions, byte order marks in front are left out;
/// who hands the text itself on hands on without_byte_order_marks(text).
bool check(std::string_view text);
std::string_view without_byte_order_marks(std::string_view text);

/// The place of a byte offset as "line 3, column 14". Both count from 1; columns are bytes.
std::string place(std::string_view text, std::size_t offset);

/// The elements of an array as they stand in the text, unchanged; the views live as long as text. The whole
/// text is checked. Anything but an array is an error.
Result<std::vector<std::string_view>> elements(std::string_view text, int max_depth = kMaxDepth);

struct Member {
    std::string name;       ///< unescaped
    std::string_view value; ///< as it stands in the text
};
/// The members of an object, under the same rules.
Result<std::vector<Member>> members(std::string_view text, int max_depth = kMaxDepth);

/// Replaces every escaped half of a surrogate pair by \ufffd: JSON allows them and Node writes them, but RapidJSON refuses
/// them. The length stays the same. text is JSON otherwise.
std::string without_half_pairs(std::string_view text);

/// text as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so that the result is
/// always valid JSON.
std::string quote(std::string_view text);

/// Whether Python, and so the vendor's client, takes the value of a token for true: everything but false, null, zero and
/// empty values. token is valid JSON.
bool truthy(std::string_view token);

/// The text of a JSON string token; empty if it is no string.
std::optional<std::string> unquote(std::string_view token);

std::string to_text(const Value &value);

/// The member of an object; null if it is absent or object is no object.
const Value *find(const Value &object, std::string_view name);
/// The text of a string member; fallback if it is absent or no string.
std::string text_or(const Value &object, std::string_view name, std::string_view fallback);
std::string_view view(const Value &string);

} // namespace angod::json
