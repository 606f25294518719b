// The splitter reads any bytes in any pieces. It must end; its records must lie in the input at their offsets, be no
// deeper than promised, and not depend on the pieces.
#include "host/pipeline/asset_splitter.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace angod::host;

namespace {

constexpr std::uint64_t kMaxRecord = 4096;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Taken {
    std::string json;
    std::uint64_t number, offset;
    bool operator==(const Taken &) const = default;
};

struct Outcome {
    std::vector<Taken> records;
    std::string failure;
    bool operator==(const Outcome &) const = default;
};

/// Whether the text is deeper than 64 levels before the first bracket that closes nothing.
bool too_deep(std::string_view json) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"')
            in_string = !in_string;
        else if (c == '\\' && in_string)
            ++i;
        else if (c == '\\')
            return false; // no JSON from here on
        else if (in_string)
            continue;
        else if ((c == '[' || c == '{') && ++depth > kMaxRecordDepth)
            return true;
        else if ((c == ']' || c == '}') && --depth < 0)
            return false;
    }
    return false;
}

Outcome split(std::string_view text, std::size_t piece) {
    AssetSplitter splitter(kMaxRecord);
    Outcome out;
    std::vector<char> current;
    std::size_t at = 0;
    for (Record record;;) {
        switch (splitter.next(record)) {
            case AssetSplitter::Step::record:
                require(record.json.size() <= kMaxRecord && record.number > 0);
                require(record.offset + record.json.size() <= text.size());
                require(text.substr(record.offset, record.json.size()) == record.json);
                require(!too_deep(record.json));
                out.records.push_back({std::string(record.json), record.number, record.offset});
                require(out.records.size() <= text.size());
                continue;
            case AssetSplitter::Step::failed: out.failure = splitter.failure().text; return out;
            case AssetSplitter::Step::end: return out;
            case AssetSplitter::Step::need_bytes: break;
        }
        if (at == text.size()) {
            splitter.finish();
            continue;
        }
        const std::string_view next = text.substr(at, piece);
        at += next.size();
        current.assign(next.begin(), next.end());
        current.shrink_to_fit(); // so that a view behind its end is found
        splitter.feed({current.data(), current.size()});
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1 + data[0];
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    const Outcome whole = split(text, text.size() + 1);
    require(split(text, piece) == whole);
    require(split(text, 1) == whole);
    return 0;
}
