// Any bytes are read as a PNG. The result must be rows of the announced size, or a reason.
#include "common/pixel_map.hpp"
#include "common/png.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

void require(bool good, const char *what) {
    if (good) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

constexpr std::uint64_t kMostPixels = 100'000;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace ango::common;
    PixelMap map;
    std::uint64_t rows = 0, drawn = 0;
    PngSink sink;
    sink.start = [&](Size announced) {
        require(announced.known() && announced.width * announced.height <= kMostPixels, "the size is within its limit");
        map.reset(announced);
        return true;
    };
    sink.row = [&](std::uint64_t y, const unsigned char *rgba) {
        require(y == rows++, "rows come in order");
        for (std::uint64_t x = 0; x < map.size().width; ++x, rgba += 4) {
            const auto number = static_cast<std::uint8_t>(rgba[3] >> 6);
            map.set(x, y, number);
            drawn += number > 0;
        }
    };
    const auto why = read_png(std::string_view(reinterpret_cast<const char *>(data), size), kMostPixels, sink);
    if (why) return 0;
    require(rows == map.size().height, "all rows have come");
    std::vector<PixelMap::Mask> masks;
    require(map.collect(3, masks), "few runs");
    require(masks[1].pixels + masks[2].pixels + masks[3].pixels == drawn, "no pixel is lost");
    return 0;
}
