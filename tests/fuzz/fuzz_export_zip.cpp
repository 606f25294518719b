// A zip of any bytes. Whatever comes out must not depend on the blocks in which it is read, and more bytes than allowed never come out.
#include "unpack/export_zip.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace angod;

namespace {

constexpr std::uint64_t kMost = 1 << 16;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    bool whole = false;
    std::string text;
};

Outcome read(std::string_view zip, std::size_t block) {
    Outcome out;
    const ZipBytes next = [&]() -> Result<std::string_view> {
        const std::string_view piece = zip.substr(0, block);
        zip.remove_prefix(piece.size());
        return piece;
    };
    const ExportSink sink{[&](std::string_view bytes) {
                              out.text += bytes;
                              return true;
                          },
                          [&](const std::string &name) {
                              out.text += shown_name(name) + "\n";
                              return true;
                          },
                          [](const std::string &name) { require(shown_name(name).size() <= 110); }};
    const auto all = read_export_zip(next, sink, {"the export", "the zip", "Run again.", kMost, "the limit"});
    require(!all || *all);
    require(all || !all.error().text.empty());
    out.whole = all.has_value();
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t block = 1 + data[0];
    const std::string_view zip(reinterpret_cast<const char *>(data) + 1, size - 1);
    const Outcome whole = read(zip, zip.size() + 1);
    const Outcome pieces = read(zip, block);
    require(whole.whole == pieces.whole);
    if (whole.whole) require(whole.text == pieces.text);
    return 0;
}
