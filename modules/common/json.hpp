// JSON for the converters: one record at a time, parsed into a tree that the next record replaces.
//
// RapidJSON does the work, with three choices of ours:
//  - Parsing is iterative, so that no depth of the input can exhaust the stack of the thread.
//  - Parsing works in place on a padded private copy, so that strings cost nothing and the SSE scanner never reads past
//    its end.
//  - Numbers are taken as text and converted by std::from_chars, which is exact, independent of the locale and half
//    again as fast as RapidJSON's own full-precision path.
//
// Some texts that are no JSON are read all the same, because programs write them (json_repair.hpp): NaN, Infinity and
// numbers beyond a double are numbers that are not finite, which makes one coordinate invalid.
//
// RapidJSON has a namespace of our own, because other code in the same process may build it with other macros.
#pragma once

#if defined(__SSE2__)
#define RAPIDJSON_SSE2 1
#endif
#define RAPIDJSON_NAMESPACE ango_common_rapidjson
#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

using Json = RAPIDJSON_NAMESPACE::Value;

/// Parses records one after the other, reusing its memory.
class JsonParser {
public:
    JsonParser();
    ~JsonParser();
    JsonParser(const JsonParser &) = delete;
    JsonParser &operator=(const JsonParser &) = delete;

    /// The tree of text, valid until the next call or the end of the parser; null if text is not valid JSON.
    const Json *parse(std::string_view text);

    /// After a failed parse: the place (bytes from the start of text) and the problem, as part of a sentence.
    std::size_t error_offset() const { return error_offset_; }
    const std::string &error() const { return error_; }

private:
    const Json *parse_strictly(std::string_view text);
    struct Memory; // RapidJSON's allocator and reader
    std::unique_ptr<Memory> memory_;
    std::vector<char> copy_; // the record, parsed in place
    std::size_t error_offset_ = 0;
    std::string error_;
    std::string repaired_;
    bool repairable_ = false; // the failed parse met something that repaired_json mends
};

/// Member of an object; null if value is null, no object, or has no such member.
const Json *find(const Json *value, std::string_view name);

/// The text of a string; empty for everything else, null included.
inline std::string_view text_of(const Json *value) {
    return value && value->IsString() ? std::string_view(value->GetString(), value->GetStringLength())
                                      : std::string_view();
}

/// The value if it is a finite number.
std::optional<double> finite_number(const Json *value);

/// The value as a page or frame number: a whole number from 0 to 2^53.
std::optional<std::uint64_t> whole_number(const Json *value);

inline bool is_true(const Json *value) { return value && value->IsTrue(); }
inline const Json *array_or_null(const Json *value) { return value && value->IsArray() ? value : nullptr; }

/// value as JSON text, cut to about limit bytes, for messages. Objects and lists are only named: "a list".
std::string brief_json(const Json &value, std::size_t limit = 60);

} // namespace ango::common
