// RapidJSON's reader sends its events to NumberReader, which turns number texts into doubles and passes everything on
// to the document. The first chunk of the document's memory pool is kept from record to record and grows to the size
// that the records need, so that a record of usual size costs no allocation.
#include "common/json.hpp"

#include "common/json_repair.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

namespace ango::common {

namespace rj = RAPIDJSON_NAMESPACE;

namespace {

constexpr std::size_t kPadding = 32;           // the SSE scanner loads 16 aligned bytes at a time
constexpr std::size_t kFirstArena = 64u << 10; // bytes; grows to the need of a record ...
constexpr std::size_t kLargestArena = 16u
                                      << 20; // ... up to this; above it the pool allocates and frees for each record
constexpr double kLargestWhole = 9007199254740992.0; // 2^53: larger doubles skip whole numbers

constexpr unsigned kParseFlags =
    rj::kParseInsituFlag | rj::kParseIterativeFlag | rj::kParseNumbersAsStringsFlag | rj::kParseNanAndInfFlag;

/// Passes the parser's events on to a document and turns number texts into doubles.
struct NumberReader {
    rj::Document &to;

    bool Null() { return to.Null(); }
    bool Bool(bool value) { return to.Bool(value); }
    bool Int(int value) { return to.Double(value); }
    bool Uint(unsigned value) { return to.Double(value); }
    bool Int64(std::int64_t value) { return to.Double(static_cast<double>(value)); }
    bool Uint64(std::uint64_t value) { return to.Double(static_cast<double>(value)); }
    bool Double(double value) { return to.Double(value); }
    bool RawNumber(const char *text, rj::SizeType size, bool) {
        double value = 0;
        const auto result = std::from_chars(text, text + size, value);
        if (result.ec == std::errc::result_out_of_range) value = value_of_number({text, size});
        return to.Double(value);
    }
    bool String(const char *text, rj::SizeType size, bool copy) { return to.String(text, size, copy); }
    bool Key(const char *text, rj::SizeType size, bool copy) { return to.Key(text, size, copy); }
    bool StartObject() { return to.StartObject(); }
    bool EndObject(rj::SizeType count) { return to.EndObject(count); }
    bool StartArray() { return to.StartArray(); }
    bool EndArray(rj::SizeType count) { return to.EndArray(count); }
};

/// Whether repaired_json may help.
bool may_be_repaired(rj::ParseErrorCode code) {
    return code == rj::kParseErrorStringUnicodeSurrogateInvalid || code == rj::kParseErrorNumberTooBig ||
           code == rj::kParseErrorValueInvalid;
}

} // namespace

struct JsonParser::Memory {
    Memory() : arena(kFirstArena) { remake(); }

    void remake() {
        document.reset();
        pool = std::make_unique<rj::MemoryPoolAllocator<>>(arena.data(), arena.size());
    }

    std::vector<char> arena; // the pool's first chunk, kept over records
    std::unique_ptr<rj::MemoryPoolAllocator<>> pool;
    std::unique_ptr<rj::Document> document;
    rj::Reader reader;
};

JsonParser::JsonParser() : memory_(std::make_unique<Memory>()) {}
JsonParser::~JsonParser() = default;

const Json *JsonParser::parse(std::string_view text) {
    const Json *tree = parse_strictly(text);
    if (tree || !repairable_) return tree;
    repaired_ = repaired_json(text);
    return parse_strictly(repaired_);
}

const Json *JsonParser::parse_strictly(std::string_view text) {
    const std::size_t used = memory_->pool->Size();
    memory_->document.reset();
    if (used > memory_->arena.size() && memory_->arena.size() < kLargestArena) {
        memory_->pool.reset();
        memory_->arena.resize(std::min(kLargestArena, memory_->arena.size() * 4));
        memory_->remake();
    } else {
        memory_->pool->Clear();
    }
    memory_->document = std::make_unique<rj::Document>(memory_->pool.get());

    if (copy_.size() < text.size() + kPadding) copy_.resize(text.size() + text.size() / 2 + kPadding);
    if (!text.empty()) std::memcpy(copy_.data(), text.data(), text.size());
    std::memset(copy_.data() + text.size(), 0, kPadding);

    rj::ParseResult result;
    std::size_t end = 0;
    auto generate = [&](rj::Document &document) {
        rj::InsituStringStream stream(copy_.data());
        NumberReader handler{document};
        result = memory_->reader.Parse<kParseFlags>(stream, handler);
        end = stream.Tell();
        return !result.IsError();
    };
    memory_->document->Populate(generate);
    repairable_ = may_be_repaired(result.Code());
    if (result.IsError()) {
        error_offset_ = std::min(result.Offset(), text.size());
        error_ = rj::GetParseError_En(result.Code());
        while (!error_.empty() && error_.back() == '.') error_.pop_back();
        return nullptr;
    }
    if (end < text.size()) { // the parser takes a zero byte as the end of the text
        error_offset_ = end;
        error_ = "A zero byte after the value";
        return nullptr;
    }
    return memory_->document.get();
}

const Json *find(const Json *value, std::string_view name) {
    if (!value || !value->IsObject()) return nullptr;
    for (auto member = value->MemberBegin(); member != value->MemberEnd(); ++member)
        if (text_of(&member->name) == name) return &member->value;
    return nullptr;
}

std::optional<double> finite_number(const Json *value) {
    if (!value || !value->IsNumber()) return std::nullopt;
    const double number = value->GetDouble();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> whole_number(const Json *value) {
    const std::optional<double> number = finite_number(value);
    if (!number || *number < 0 || *number > kLargestWhole || *number != std::floor(*number)) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::string brief_json(const Json &value, std::size_t limit) {
    // All numbers are doubles here: print whole ones as the user wrote them, without ".0".
    if (value.IsNumber() && std::abs(value.GetDouble()) < kLargestWhole &&
        value.GetDouble() == std::floor(value.GetDouble()))
        return std::to_string(static_cast<std::int64_t>(value.GetDouble()));
    if (value.IsNumber() && std::isnan(value.GetDouble())) return "not a number";
    if (value.IsNumber() && std::isinf(value.GetDouble())) return "a number too large";
    rj::StringBuffer buffer;
    rj::Writer<rj::StringBuffer, rj::UTF8<>, rj::UTF8<>, rj::CrtAllocator, rj::kWriteNanAndInfFlag> writer(buffer);
    if (value.IsObject() || value.IsArray())
        return value.IsObject() ? "an object" : "a list"; // never walked: the user decides its depth
    value.Accept(writer);
    std::string text(buffer.GetString(), buffer.GetSize());
    if (text.size() > limit) {
        while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0u) == 0x80u) --limit;
        text.resize(limit);
        text += "...";
    }
    return text;
}

} // namespace ango::common
