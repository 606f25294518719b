#include "common/pixel_map.hpp"

#include <algorithm>

namespace ango::common {

void PixelMap::reset(Size size) {
    size_ = size;
    pixels_.assign(static_cast<std::size_t>(size.width * size.height), 0);
}

void PixelMap::rename(const std::array<std::uint8_t, 4> &numbers) {
    for (std::uint8_t &pixel : pixels_) pixel = numbers[pixel & 3u];
}

bool PixelMap::collect(std::uint8_t last, std::vector<Mask> &masks) const {
    masks.assign(std::size_t{last} + 1, {});
    for (Mask &mask : masks) mask.box = extents(RingView{});
    std::uint64_t runs = 0;
    for (std::uint64_t x = 0; x < size_.width; ++x) {
        const auto column = pixels_.begin() + static_cast<std::ptrdiff_t>(x * size_.height);
        const auto foot = column + static_cast<std::ptrdiff_t>(size_.height);
        for (auto begin = column; begin != foot;) {
            const auto end = std::find_if(begin, foot, [begin](std::uint8_t pixel) { return pixel != *begin; });
            if (*begin != 0 && *begin <= last) {
                if (++runs > kMostRuns) return false;
                Mask &mask = masks[*begin];
                const Run run{x, static_cast<std::uint64_t>(begin - column), static_cast<std::uint64_t>(end - column)};
                mask.runs.push_back(run);
                mask.pixels += run.end - run.begin;
                const double left = static_cast<double>(x);
                mask.box = {std::min(mask.box.x0, left), std::min(mask.box.y0, static_cast<double>(run.begin)),
                            std::max(mask.box.x1, left + 1), std::max(mask.box.y1, static_cast<double>(run.end))};
            }
            begin = end;
        }
    }
    return true;
}

} // namespace ango::common
