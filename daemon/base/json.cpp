// All JSON comes from outside, so no function here may recurse on it: RapidJSON's iterative parser is used, behind a handler that
// ends the parse at a depth. Large values are not copied into documents: Slicer notes where the values directly inside the
// outermost array or object end, and callers get views into the text.
//
// JSON and RapidJSON differ in one point: JSON allows an escaped half of a surrogate pair, RapidJSON refuses it. It is replaced
// in the text before parsing.
#include "base/json.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>

namespace angod::json {

namespace {

// Not kParseFullPrecisionFlag: this RapidJSON reads "0e-28" with it as a number other than 0.
constexpr unsigned kStrict = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
constexpr unsigned kRelaxed = kStrict | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag;

/// Passes all events on, and ends the parse when the nesting is too deep.
template <class Inner> class DepthGuard {
public:
    DepthGuard(Inner &inner, int max_depth) : inner_(inner), left_(max_depth) {}
    bool too_deep() const { return left_ < 0; }

    bool Null() { return inner_.Null(); }
    bool Bool(bool b) { return inner_.Bool(b); }
    bool Int(int i) { return inner_.Int(i); }
    bool Uint(unsigned i) { return inner_.Uint(i); }
    bool Int64(std::int64_t i) { return inner_.Int64(i); }
    bool Uint64(std::uint64_t i) { return inner_.Uint64(i); }
    bool Double(double d) { return inner_.Double(d); }
    bool RawNumber(const char *s, rapidjson::SizeType n, bool copy) { return inner_.RawNumber(s, n, copy); }
    bool String(const char *s, rapidjson::SizeType n, bool copy) { return inner_.String(s, n, copy); }
    bool Key(const char *s, rapidjson::SizeType n, bool copy) { return inner_.Key(s, n, copy); }
    bool StartObject() { return --left_ >= 0 && inner_.StartObject(); }
    bool EndObject(rapidjson::SizeType n) {
        ++left_;
        return inner_.EndObject(n);
    }
    bool StartArray() { return --left_ >= 0 && inner_.StartArray(); }
    bool EndArray(rapidjson::SizeType n) {
        ++left_;
        return inner_.EndArray(n);
    }

private:
    Inner &inner_;
    int left_;
};

/// The target of strings of which only the place counts: they are checked and not kept, because a file in an event may be
/// as large as the event.
struct Nowhere {
    using Ch = char;
    enum { supportUnicode = 1 };
    template <class Out> static void Encode(Out &, unsigned) {}
};
using PlaceReader = rapidjson::GenericReader<rapidjson::UTF8<>, Nowhere>;

/// Notes where each value directly inside the outermost array or object ends.
class Slicer {
public:
    explicit Slicer(const rapidjson::MemoryStream &in) : in_(in) {}
    bool array = false, object = false;
    std::vector<std::size_t> key_ends, ends;

    bool Null() { return scalar(); }
    bool Bool(bool) { return scalar(); }
    bool Int(int) { return scalar(); }
    bool Uint(unsigned) { return scalar(); }
    bool Int64(std::int64_t) { return scalar(); }
    bool Uint64(std::uint64_t) { return scalar(); }
    bool Double(double) { return scalar(); }
    bool RawNumber(const char *, rapidjson::SizeType, bool) { return scalar(); }
    bool String(const char *, rapidjson::SizeType, bool) { return scalar(); }
    bool Key(const char *, rapidjson::SizeType, bool) {
        if (depth_ == 1) key_ends.push_back(in_.Tell());
        return true;
    }
    bool StartObject() {
        if (depth_++ == 0) object = true;
        return true;
    }
    bool StartArray() {
        if (depth_++ == 0) array = true;
        return true;
    }
    bool EndObject(rapidjson::SizeType) { return end(); }
    bool EndArray(rapidjson::SizeType) { return end(); }

private:
    bool end() {
        if (--depth_ == 1) ends.push_back(in_.Tell() + 1); // the iterative parser takes the bracket afterwards
        return true;
    }
    bool scalar() {
        if (depth_ == 1) ends.push_back(in_.Tell());
        return true;
    }
    const rapidjson::MemoryStream &in_;
    int depth_ = 0;
};

Error parse_error(std::string_view text, const rapidjson::ParseResult &result, bool too_deep, int max_depth) {
    if (too_deep)
        return error(Code::limit,
                     fmt::format("nested deeper than {} levels at {}", max_depth, place(text, result.Offset())));
    std::string what = rapidjson::GetParseError_En(result.Code());
    if (!what.empty() && what.back() == '.') what.pop_back();
    return error(Code::invalid, fmt::format("{} at {}", what, place(text, result.Offset())));
}

Result<Slicer> slice(std::string_view text, int max_depth, rapidjson::MemoryStream &in) {
    Slicer slicer(in);
    DepthGuard guard(slicer, max_depth);
    PlaceReader reader;
    const rapidjson::ParseResult result = reader.Parse<kStrict>(in, guard);
    if (!result) return parse_error(text, result, guard.too_deep(), max_depth);
    return slicer;
}

/// Every byte that belongs to no whole UTF-8 sequence becomes U+FFFD.
std::string with_replacement_characters(std::string_view text) {
    std::string clean;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = utf8_length(text, at);
        if (size > 0)
            clean += text.substr(at, size);
        else
            clean += "\xef\xbf\xbd";
        at += size > 0 ? size : 1;
    }
    return clean;
}

/// The code unit of the escape \uXXXX at text[at]; nothing if there is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const auto [end, failed] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
    return failed == std::errc() && end == text.data() + at + 6 ? std::optional(unit) : std::nullopt;
}

std::string_view trimmed(std::string_view text, std::size_t from, std::size_t to) {
    constexpr std::string_view kSkip = " \t\r\n,:";
    while (from < to && kSkip.find(text[from]) != std::string_view::npos) ++from;
    return text.substr(from, to - from);
}

} // namespace

/// Editors put a byte order mark in front of files, and programs one more. RFC 8259 allows to ignore it.
std::string_view without_byte_order_marks(std::string_view text) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    while (text.starts_with(kMark)) text.remove_prefix(kMark.size());
    return text;
}

Result<Document> parse(std::string_view text, ParseOptions options) {
    text = without_byte_order_marks(text);
    Document document;
    rapidjson::MemoryStream in(text.data(), text.size());
    rapidjson::ParseResult result;
    bool too_deep = false;
    auto generate = [&](Document &handler) {
        DepthGuard guard(handler, options.max_depth);
        rapidjson::Reader reader;
        result = options.relaxed ? reader.Parse<kRelaxed>(in, guard) : reader.Parse<kStrict>(in, guard);
        too_deep = guard.too_deep();
        return !result.IsError();
    };
    document.Populate(generate);
    if (result.IsError()) return parse_error(text, result, too_deep, options.max_depth);
    return document;
}

bool check(std::string_view text) {
    text = without_byte_order_marks(text);
    constexpr int kReasonable = 1024;
    rapidjson::MemoryStream in(text.data(), text.size());
    rapidjson::BaseReaderHandler<> nothing;
    DepthGuard guard(nothing, kReasonable);
    PlaceReader reader;
    return !reader.Parse<kStrict>(in, guard).IsError();
}

std::string place(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return fmt::format("line {}, column {}", line, column);
}

Result<std::vector<std::string_view>> elements(std::string_view text, int max_depth) {
    text = without_byte_order_marks(text);
    rapidjson::MemoryStream in(text.data(), text.size());
    auto slicer = slice(text, max_depth, in);
    if (!slicer) return slicer.error();
    if (!slicer->array) return error(Code::invalid, "not a JSON array");
    std::vector<std::string_view> out;
    std::size_t from = text.find('[') + 1;
    for (const std::size_t end : slicer->ends) {
        out.push_back(trimmed(text, from, end));
        from = end;
    }
    return out;
}

Result<std::vector<Member>> members(std::string_view text, int max_depth) {
    text = without_byte_order_marks(text);
    rapidjson::MemoryStream in(text.data(), text.size());
    auto slicer = slice(text, max_depth, in);
    if (!slicer) return slicer.error();
    if (!slicer->object) return error(Code::invalid, "not a JSON object");
    std::vector<Member> out;
    std::size_t from = text.find('{') + 1;
    for (std::size_t i = 0; i < slicer->ends.size(); ++i) {
        auto name = unquote(trimmed(text, from, slicer->key_ends[i]));
        if (!name) return error(Code::invalid, "a name that cannot be read"); // it has been checked
        out.push_back({std::move(*name), trimmed(text, slicer->key_ends[i], slicer->ends[i])});
        from = slicer->ends[i];
    }
    return out;
}

std::string without_half_pairs(std::string_view text) {
    std::string out(text);
    for (std::size_t at = 0; at < out.size();) {
        if (out[at] != '\\') {
            ++at;
            continue;
        }
        const auto unit = escaped_unit(out, at);
        if (!unit || *unit < 0xd800 || *unit > 0xdfff) {
            at += 2;
            continue;
        }
        const auto next = *unit < 0xdc00 ? escaped_unit(out, at + 6) : std::nullopt;
        if (next && *next >= 0xdc00 && *next <= 0xdfff) {
            at += 12;
            continue;
        }
        out.replace(at, 6, "\\ufffd");
        at += 6;
    }
    return out;
}

std::string quote(std::string_view text) {
    // RapidJSON's validating writer reads beyond the end of a cut sequence: it must find zeros there.
    std::string padded;
    const std::string_view tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 3));
    const bool cut = std::any_of(tail.begin(), tail.end(), [](char c) { return (c & 0x80) != 0; });
    if (cut) {
        padded.assign(text);
        padded.append(4, '\0');
        text = std::string_view(padded).substr(0, text.size());
    }
    using Writer = rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                     rapidjson::CrtAllocator, rapidjson::kWriteValidateEncodingFlag>;
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    if (writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size())))
        return {buffer.GetString(), buffer.GetSize()};
    const std::string clean = with_replacement_characters(text);
    buffer.Clear();
    Writer again(buffer);
    again.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
    return {buffer.GetString(), buffer.GetSize()};
}

bool truthy(std::string_view token) {
    if (token == "false" || token == "null" || token == R"("")") return false;
    const bool bracketed = token.starts_with('[') || token.starts_with('{');
    if (bracketed) return token.find_first_not_of(" \t\r\n", 1) != token.size() - 1;
    // A number is zero if all digits before its exponent are.
    const bool number = !token.empty() && (token[0] == '-' || (token[0] >= '0' && token[0] <= '9'));
    return !number || token.substr(0, token.find_first_of("eE")).find_first_of("123456789") != token.npos;
}

std::optional<std::string> unquote(std::string_view token) {
    auto document = parse(token);
    if (!document || !document->IsString()) return std::nullopt;
    return std::string(view(*document));
}

std::string to_text(const Value &value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

const Value *find(const Value &object, std::string_view name) {
    if (!object.IsObject()) return nullptr;
    const auto it =
        object.FindMember(Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
    return it == object.MemberEnd() ? nullptr : &it->value;
}

std::string text_or(const Value &object, std::string_view name, std::string_view fallback) {
    const Value *value = find(object, name);
    return std::string(value && value->IsString() ? view(*value) : fallback);
}

std::string_view view(const Value &string) { return {string.GetString(), string.GetStringLength()}; }

} // namespace angod::json
